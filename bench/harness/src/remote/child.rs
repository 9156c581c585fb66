//! The server's process, as the client has it: started, told what to do over a pipe, and ended with it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::Network;
use crate::process::Process;

/// A server.
pub(super) struct Child {
    process: process::Child,
    /// Closed with this; the server ends when it is.
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    addr: SocketAddr,
    started: usize,
}

impl Child {
    /// Starts this program once more.
    pub(super) fn start(network: Network) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .args(network.args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("no server")?;
        let orders = process.stdin.take().context("no pipe to the server")?;
        let mut answers = BufReader::new(process.stdout.take().context("no pipe from the server")?);
        let addr = answer(&mut answers, LISTENING)?.parse()?;
        Ok(Self { process, orders, answers, addr, started: 0 })
    }

    /// Has so many more actors started, and waits until they are.
    pub(super) fn start_actors(&mut self, count: usize) -> Result<()> {
        self.order_actors(count)?;
        answer(&mut self.answers, STARTED).map(drop)
    }

    /// The same without waiting.
    pub(super) fn order_actors(&mut self, count: usize) -> Result<()> {
        let from = self.started;
        self.started += count;
        Ok(writeln!(self.orders, "{from} {}", self.started)?)
    }

    pub(super) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(super) fn process(&self) -> Process {
        Process::numbered(self.process.id())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What follows `word` on its line. Other lines are the subject's chatter.
fn answer(answers: &mut impl BufRead, word: &str) -> Result<String> {
    for line in answers.lines() {
        if let Some(rest) = line?.strip_prefix(word) {
            return Ok(rest.trim().to_owned());
        }
    }
    bail!("the server ended")
}

pub(super) const SERVE: &str = "serve";
/// Followed by the address.
pub(super) const LISTENING: &str = "bench-listening";
pub(super) const STARTED: &str = "bench-started";
