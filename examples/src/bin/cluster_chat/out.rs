//! Standard output and standard error, either of which may have lost its reader.
//!
//! `println!` and `eprintln!` panic then.

use std::cell::OnceCell;
use std::fmt::Display;
use std::io::{self, Write};

use crate::prompt::{PROMPT, Prompt};

/// What the program says. After the first failure all that follows is dropped.
pub(crate) struct Out {
    failed: OnceCell<io::Error>,
    prompt: Prompt,
}

impl Out {
    pub(crate) fn new(prompt: Prompt) -> Self {
        Self { failed: OnceCell::new(), prompt }
    }

    /// Asks for a line.
    pub(crate) fn prompt(&self) {
        let mut is_open = self.prompt.lock();
        self.text(PROMPT);
        *is_open = true;
    }

    /// The line was typed, and with it the cursor is on a new one.
    pub(crate) fn answered(&self) {
        *self.prompt.lock() = false;
    }

    /// Nothing will be typed any more: if there is a prompt, what follows begins behind its line.
    pub(crate) fn unanswered(&self) {
        if std::mem::take(&mut *self.prompt.lock()) {
            self.text("\n");
        }
    }

    pub(crate) fn line(&self, line: impl Display) {
        self.text(format_args!("{line}\n"));
    }

    /// Says `text` at once, as it is.
    pub(crate) fn text(&self, text: impl Display) {
        if self.is_closed() {
            return;
        }
        let mut stdout = io::stdout().lock();
        if let Err(error) = write!(stdout, "{text}").and_then(|()| stdout.flush()) {
            self.failed.get_or_init(|| error);
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.failed.get().is_some()
    }

    /// Whether everything was said that anybody wanted to hear: a reader that has gone has heard enough.
    pub(crate) fn end(self) -> io::Result<()> {
        match self.failed.into_inner() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            Some(_) | None => Ok(()),
        }
    }
}

/// Says something that is not part of the conversation, if anybody listens.
pub(crate) fn aside(text: impl Display) {
    drop(writeln!(io::stderr(), "{text}"));
}
