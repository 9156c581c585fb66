//! The conversation: a prompt if somebody sits at a terminal, a line, what it brings.

use std::io::{self, BufRead, IsTerminal};
use std::thread;

use tokio::sync::mpsc;

use crate::commands::{Chat, Next};
use crate::stop::Stop;

/// Reads commands until `quit`, the end of input or being told to stop; then leaves.
///
/// At the end of input a node goes on serving its rooms to the others, until it is told to stop. When
/// nobody reads its output any more it still does what is typed; a local chat ends.
pub(crate) async fn run(chat: Chat, mut stop: Stop) -> anyhow::Result<()> {
    let mut lines = lines();
    let is_terminal = io::stdin().is_terminal();
    loop {
        if is_terminal {
            chat.prompt();
        }
        if chat.is_in_vain() {
            break;
        }
        // Being told to stop comes before all that is still to be read or done.
        let line = tokio::select! {
            biased;
            () = stop.told() => break,
            line = lines.recv() => line,
        };
        let next = match line {
            Some(line) => tokio::select! {
                biased;
                () = stop.told() => break,
                next = chat.perform(&line) => next,
            },
            None if chat.is_clustered() => {
                stop.told().await;
                break;
            }
            None => break,
        };
        if next == Next::Quit {
            break;
        }
    }
    chat.end().await
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
