//! Standard output and standard error, either of which may have lost its reader.
//!
//! `println!` and `eprintln!` panic then.

use std::cell::OnceCell;
use std::fmt::Display;
use std::io::{self, Write};

/// What the program says. After the first failure all that follows is dropped.
#[derive(Default)]
pub(crate) struct Out {
    failed: OnceCell<io::Error>,
}

impl Out {
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
