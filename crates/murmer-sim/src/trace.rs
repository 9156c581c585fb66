//! What has happened: all of it as one hash, the end of it as words.
//!
//! Doesn't know what the words mean.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// The record of a run.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    last: VecDeque<String>,
}

impl Trace {
    pub(crate) const fn new() -> Self {
        Self { hash: FNV_OFFSET, last: VecDeque::new() }
    }

    pub(crate) fn record(&mut self, now: Duration, what: fmt::Arguments<'_>) {
        let line = format!("{:>10.4} {what}", now.as_secs_f64());
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        if self.last.len() == LINES_MAX {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }
}

/// The last events, a line each.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.last.iter().try_for_each(|line| writeln!(f, "{line:.300}"))
    }
}

/// How many events a failure shows.
const LINES_MAX: usize = 50;
// FNV-1a, 64 bits: the same on every machine and with every compiler.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
