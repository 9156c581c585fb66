//! The conversation: a prompt if somebody sits at a terminal, a line, what it brings.

use std::io::{self, BufRead, IsTerminal, Write};
use std::thread;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::commands::{Chat, Next};

/// Reads commands until `quit`, the end of input, SIGINT or SIGTERM; then leaves.
///
/// At the end of input a node goes on serving its rooms to the others, until it is told to stop.
pub(crate) async fn run(chat: Chat) -> anyhow::Result<()> {
    // Installed before anything is read: process 1 has no default for either.
    let mut stop =
        Stop { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? };
    let mut lines = lines();
    let is_terminal = io::stdin().is_terminal();
    loop {
        if is_terminal {
            print!("> ");
        }
        io::stdout().flush()?;
        let line = tokio::select! {
            line = lines.recv() => line,
            () = stop.told() => break,
        };
        let next = match line {
            Some(line) => tokio::select! {
                next = chat.perform(&line) => next,
                () = stop.told() => break,
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
    chat.shutdown().await;
    Ok(())
}

struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
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
