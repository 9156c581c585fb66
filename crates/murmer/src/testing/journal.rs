//! What was done to a cluster, so that a failure can be read.

use std::collections::VecDeque;
use std::fmt;

use tokio::time::Instant;

/// The last deeds, and when.
#[derive(Debug)]
pub(super) struct Journal {
    began: Instant,
    lines: VecDeque<String>,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), lines: VecDeque::new() }
    }

    pub(super) fn note(&mut self, what: fmt::Arguments<'_>) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(format!("{:>9.3} s  {what}", self.began.elapsed().as_secs_f64()));
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// As many as fit a screen.
const LINES_MAX: usize = 40;
