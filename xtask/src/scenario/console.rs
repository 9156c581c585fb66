//! What is typed to one node, and what it answers.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The standard streams of a node, through whatever process leads to them.
#[derive(Debug)]
pub(super) struct Console {
    way: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
}

impl Console {
    /// Opens it by `command`; what the node logs is added to the file `log`.
    pub(super) fn open(command: &mut Command, log: &Path) -> Result<Self> {
        let log = File::options().create(true).append(true).open(log);
        let mut way = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.context("a node's log can't be written")?)
            .spawn()
            .with_context(|| format!("{command:?} cannot be run"))?;
        let stdin = way.stdin.take().context("it was piped")?;
        let stdout = way.stdout.take().context("it was piped")?;
        let (sender, lines) = sync_channel(LINES_MAX);
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { way, stdin, lines })
    }

    /// Types `commands`, and returns what is printed up to the answer to a last one that changes nothing, which
    /// is the last line.
    pub(super) fn ask(&mut self, commands: &str) -> Result<Vec<String>> {
        // A line or two per command, of which the pipe holds thousands: it is read when all is written.
        let typed = format!("{commands}\nstatus\n");
        self.stdin
            .write_all(typed.as_bytes())
            .and_then(|()| self.stdin.flush())
            .context("nobody reads it")?;
        let give_up_at = Instant::now() + ANSWER_WAIT;
        let mut answer = Vec::new();
        loop {
            match self.lines.recv_timeout(give_up_at.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let is_last = line.starts_with("node ") && line.ends_with(" rooms known");
                    answer.push(line);
                    if is_last {
                        return Ok(answer);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("{commands:?} was not answered within {ANSWER_WAIT:?}, but for {answer:?}");
                }
                Err(RecvTimeoutError::Disconnected) => bail!("it ended, having said {answer:?}"),
            }
        }
    }

    /// Waits until the node prints no more, which it does until it has ended.
    pub(super) fn end(&mut self, within: Duration) -> Result<()> {
        let give_up_at = Instant::now() + within;
        loop {
            match self.lines.recv_timeout(give_up_at.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => bail!("it goes on after {within:?}"),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// The process that leads to the node, or is it.
    pub(super) fn process(&mut self) -> &mut Child {
        &mut self.way
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.way.kill();
        let _ = self.way.wait();
    }
}

/// Lines read ahead.
const LINES_MAX: usize = 1_024;
/// Longer than any command waits for a room.
const ANSWER_WAIT: Duration = Duration::from_secs(20);
