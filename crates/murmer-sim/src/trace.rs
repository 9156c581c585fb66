//! What has happened: all of it as one hash; as words only if they are wanted.
//!
//! Writing words takes longer than everything else in a run. A run that fails is therefore had again with
//! words: the same recipe gives the same events.
//!
//! Doesn't know what the words mean.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use crate::dice::mixed;

/// The record of a run.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    lines: Option<VecDeque<String>>,
}

impl Trace {
    pub(crate) fn new(has_words: bool) -> Self {
        Self { hash: 0, lines: has_words.then(VecDeque::new) }
    }

    /// Something happened, which these numbers tell from anything else.
    pub(crate) fn note(&mut self, now: Duration, what: &[u64]) {
        self.add(now.as_nanos() as u64);
        what.iter().for_each(|number| self.add(*number));
    }

    /// What happened has these bytes.
    pub(crate) fn note_bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.add(u64::from_le_bytes(*word)));
        let rest = rest.iter().fold(bytes.len() as u64, |sum, byte| (sum << 8) | u64::from(*byte));
        self.add(rest);
    }

    /// The same for people.
    pub(crate) fn say(&mut self, now: Duration, words: impl FnOnce() -> String) {
        let Some(lines) = &mut self.lines else { return };
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        let line = format!("{:>10.4} {}", now.as_secs_f64(), words());
        lines.push_back(line.chars().take(LINE_CHARS_MAX).collect());
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    const fn add(&mut self, number: u64) {
        self.hash = mixed(self.hash.rotate_left(5) ^ number);
    }
}

/// The last events, a line each.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().flatten().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// How many events a failure shows.
const LINES_MAX: usize = 400;
const LINE_CHARS_MAX: usize = 300;
