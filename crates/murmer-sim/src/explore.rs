//! Many seeds, on all cores.
//!
//! Doesn't know what a run does; knows how many there were and what became of them.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crate::happened::Happened;
use crate::recipe::Recipe;
use crate::run::{Passed, run};
use crate::violation::Failure;

/// What became of many runs.
#[derive(Debug, Default)]
pub struct Explored {
    /// How many held.
    pub passed: u64,
    /// Those that didn't, by seed.
    pub failures: Vec<Failure>,
    /// How much happened in those that held.
    pub happened: Happened,
    /// How much virtual time they took.
    pub virtual_time: Duration,
    /// How long after healing all agreed in each of them, shortest first.
    pub agreed_after: Vec<Duration>,
}

/// Runs a recipe for each of these seeds, `workers` at a time.
pub fn explore(seeds: Range<u64>, workers: usize, recipe: impl Fn(u64) -> Recipe + Sync) -> Explored {
    let next = Mutex::new(seeds);
    let worker = || {
        let mut explored = Explored::default();
        // A run that panics is a failed one; none panics while the lock is held.
        while let Some(seed) = { next.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next() } {
            explored.add(run(&recipe(seed)));
        }
        explored
    };
    let mut all = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers.max(1)).map(|_| scope.spawn(worker)).collect();
        // A worker doesn't panic, whatever its runs do; if it should, its seeds were not held.
        let explored =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|why| resume_unwind(why)));
        explored.fold(Explored::default(), Explored::and)
    });
    all.failures.sort_by_key(|failure| failure.recipe.seed());
    all
}

impl Explored {
    /// The time within which so many of a hundred runs agreed after healing.
    pub fn agreed_within(&self, percent: usize) -> Duration {
        let last = self.agreed_after.len().saturating_sub(1);
        self.agreed_after.get(last * percent / 100).copied().unwrap_or_default()
    }

    fn add(&mut self, outcome: Result<Passed, Box<Failure>>) {
        match outcome {
            Ok(passed) => {
                self.passed += 1;
                self.happened = self.happened.and(&passed.happened);
                self.virtual_time += passed.virtual_time;
                self.agreed_after.push(passed.agreed_after);
            }
            Err(failure) => self.failures.push(*failure),
        }
    }

    /// Both together.
    pub fn and(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.failures.extend(other.failures);
        self.happened = self.happened.and(&other.happened);
        self.virtual_time += other.virtual_time;
        self.agreed_after.extend(other.agreed_after);
        self.agreed_after.sort();
        self
    }
}
