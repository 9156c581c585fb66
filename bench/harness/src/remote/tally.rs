//! How messages fared: how many got there, how many didn't, and why the first of those didn't.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Error, Result, anyhow};

use crate::Figure;

/// Of one sender, or of all.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) arrived: u64,
    pub(super) failed: u64,
    why: Option<Error>,
}

/// A sender's tally, which is added to that of all when the sender ends or is ended.
pub(super) struct Share {
    own: Tally,
    all: Arc<Mutex<Tally>>,
}

impl Tally {
    pub(super) fn count<T>(&mut self, outcome: Result<T>) {
        match outcome {
            Ok(_) => self.arrived += 1,
            Err(why) => self.fail(1, why),
        }
    }

    pub(super) fn fail(&mut self, messages: u64, why: Error) {
        self.failed += messages;
        self.why.get_or_insert(why);
    }

    /// What failed in the other, too. What arrived there was measured elsewhere.
    pub(super) fn add_failures(&mut self, other: Self) {
        self.failed += other.failed;
        self.why = self.why.take().or(other.why);
    }

    /// Whether the next message may get there.
    pub(super) const fn has_hope(&self) -> bool {
        self.failed < FAILURES_MAX
    }

    /// Why the first one failed.
    pub(super) fn into_why(self) -> Error {
        self.why.unwrap_or_else(|| anyhow!("nothing was sent"))
    }

    /// How many failed. Says why, if any did.
    pub(super) fn figure(self) -> Figure {
        if let Some(why) = self.why {
            println!("{BECAUSE} {why:#}");
        }
        ("failed", self.failed as f64)
    }
}

impl Share {
    pub(super) fn of(all: &Arc<Mutex<Tally>>) -> Self {
        Self { own: Tally::default(), all: all.clone() }
    }

    pub(super) fn own(&mut self) -> &mut Tally {
        &mut self.own
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.own);
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.arrived += own.arrived;
        all.add_failures(own);
    }
}

/// Each sender gives up after so many: a connection that is gone fails a million times a second.
const FAILURES_MAX: u64 = 16;
/// Before a reason, on a line of its own.
const BECAUSE: &str = "because";
