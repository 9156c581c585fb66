//! The prompt, and the log that gets in its way when both are on one terminal.
//!
//! A line of the log clears the prompt it finds, and puts it back behind itself. What has been typed so
//! far is not seen again, but the terminal keeps it (Ctrl-R shows it).

use std::io::{self, IsTerminal, Stderr, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Whether somebody is asked to type. Clones are the same prompt.
#[derive(Clone, Default)]
pub(crate) struct Prompt {
    is_open: Arc<Mutex<bool>>,
}

impl Prompt {
    /// Held while the prompt is written, or the log is.
    pub(crate) fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Standard error for the log.
pub(crate) struct Log {
    prompt: Prompt,
    is_on_terminal: bool,
}

impl Log {
    pub(crate) fn beside(prompt: Prompt) -> Self {
        Self { prompt, is_on_terminal: io::stdout().is_terminal() && io::stderr().is_terminal() }
    }
}

impl<'l> MakeWriter<'l> for Log {
    type Writer = Line<'l, Stderr>;

    fn make_writer(&'l self) -> Self::Writer {
        Line { is_open: self.prompt.lock(), is_on_terminal: self.is_on_terminal, to: io::stderr() }
    }
}

/// One line of the log.
pub(crate) struct Line<'l, W> {
    is_open: MutexGuard<'l, bool>,
    is_on_terminal: bool,
    to: W,
}

impl<W: Write> Write for Line<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if *self.is_open && self.is_on_terminal {
            // At once, so that nothing comes in between.
            self.to.write_all(&[CLEAR_LINE.as_bytes(), line, PROMPT.as_bytes()].concat())?;
            return Ok(line.len());
        }
        self.to.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

pub(crate) const PROMPT: &str = "> ";
/// To the beginning of the line, and nothing from there on.
const CLEAR_LINE: &str = "\r\x1b[K";

#[cfg(test)]
mod tests;
