//! The conversation: a prompt if somebody sits at a terminal, a line, what it brings.

use std::io::{self, BufRead, IsTerminal};
use std::thread;

use murmer::cluster::Departure;
use tokio::sync::mpsc;

use crate::commands::{Chat, Next};
use crate::stop::Stop;

/// Reads commands until `quit`, the end of input or being told to stop; then leaves. A node that was
/// made to leave by others ends with that as its error.
///
/// At the end of input a node goes on serving its rooms to the others, until it is told to stop. When
/// nobody reads its output any more it still does what is typed; a local chat ends.
pub(crate) async fn run(chat: Chat, mut stop: Stop) -> anyhow::Result<()> {
    let departure = converse(&chat, &mut stop).await;
    chat.out().unanswered();
    let ended = chat.end().await;
    match departure {
        Some(why) => Err(why.into()),
        None => ended,
    }
}

/// Returns why this node has left, if that is why the conversation ended.
async fn converse(chat: &Chat, stop: &mut Stop) -> Option<Departure> {
    let mut lines = lines();
    let is_terminal = io::stdin().is_terminal();
    loop {
        if is_terminal {
            chat.out().prompt();
        }
        if chat.is_in_vain() {
            return None;
        }
        // Being told to stop comes before all that is still to be read or done, and so does being out of
        // the cluster.
        let line = tokio::select! {
            biased;
            () = stop.told() => return None,
            why = chat.left() => return Some(why),
            line = lines.recv() => line,
        };
        let Some(line) = line else {
            chat.out().unanswered();
            if !chat.is_clustered() {
                return None;
            }
            return tokio::select! {
                biased;
                () = stop.told() => None,
                why = chat.left() => Some(why),
            };
        };
        chat.out().answered();
        let next = tokio::select! {
            biased;
            () = stop.told() => return None,
            why = chat.left() => return Some(why),
            next = chat.perform(&line) => next,
        };
        if next == Next::Quit {
            return None;
        }
    }
}

/// Standard input by lines, read on a thread of its own: a read can't be cancelled.
fn lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(LINES_MAX);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            // Input that can't be read, or that nobody wants any more, is at its end.
            let Ok(line) = line else { return };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Lines read ahead.
const LINES_MAX: usize = 64;
