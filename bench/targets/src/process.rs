//! A process of the cluster as the one that started it sees it: lines in, lines out with a time.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// What a process has said.
pub(crate) struct Said {
    pub(crate) node: usize,
    pub(crate) at: Instant,
    pub(crate) line: String,
}

pub(crate) struct Process {
    child: Child,
    stdin: ChildStdin,
}

impl Process {
    /// Starts one; its lines go to `out` under the number `node`.
    pub(crate) fn start(mut command: Command, node: usize, out: Sender<Said>) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{command:?}"))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (stdin, stdout) = (stdin.context("a pipe to it")?, stdout.context("a pipe from it")?);
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if out.send(Said { node, at: Instant::now(), line }).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, stdin })
    }

    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        writeln!(self.stdin, "{line}").and_then(|()| self.stdin.flush()).context("the process reads")
    }

    /// Sends `STOP` or `CONT`.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        let status =
            Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status()?;
        ensure!(status.success(), "kill -{name} failed");
        Ok(())
    }

    /// Waits for one that was told to leave.
    pub(crate) fn wait(mut self) -> Result<()> {
        let status = self.child.wait()?;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }

    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
