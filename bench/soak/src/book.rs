//! What was promised of each message, and what became of it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Which message: of which sender, and its number there.
pub(crate) type Id = (u64, u64);

/// What its sender was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The answer.
    Answered,
    /// No handler ran, and none will.
    Never,
    /// Nobody knows.
    Maybe,
    /// A tell was accepted.
    Accepted,
}

/// Everything that happened, as far as it is not judged yet.
#[derive(Default)]
pub(crate) struct Book(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    handled: HashMap<Id, u32>,
    told: VecDeque<(Instant, Id, Told)>,
    counts: [u64; 4],
    items: u64,
    broken: Vec<String>,
}

impl Book {
    pub(crate) fn handled(&self, id: Id) {
        *self.lock().handled.entry(id).or_default() += 1;
    }

    pub(crate) fn told(&self, id: Id, what: Told) {
        let mut pages = self.lock();
        pages.counts[what as usize] += 1;
        pages.told.push_back((Instant::now(), id, what));
    }

    pub(crate) fn item(&self) {
        self.lock().items += 1;
    }

    pub(crate) fn violated(&self, what: String) {
        self.lock().broken.push(what);
    }

    /// Looks at all whose handlers have had time enough to run, be it against what was said.
    pub(crate) fn judge(&self, now: Instant) {
        let mut pages = self.lock();
        while pages.told.front().is_some_and(|(at, ..)| *at + JUDGED_AFTER <= now) {
            let Some((_, id, told)) = pages.told.pop_front() else { return };
            let times = pages.handled.remove(&id).unwrap_or(0);
            let is_kept = match told {
                Told::Answered => times == 1,
                Told::Never => times == 0,
                Told::Maybe | Told::Accepted => times <= 1,
            };
            if !is_kept {
                pages.broken.push(format!("{id:?} was told {told:?} and handled {times} times"));
            }
        }
    }

    /// At the end, when all has been judged: what was handled and nobody asked for, or once more after that.
    pub(crate) fn judge_the_rest(&self) {
        let mut pages = self.lock();
        let rest: Vec<_> = pages.handled.drain().collect();
        pages.broken.extend(
            rest.into_iter().map(|(id, times)| format!("{id:?} was handled {times} times more, late")),
        );
    }

    pub(crate) fn line(&self) -> String {
        let pages = self.lock();
        let [answered, never, maybe, accepted] = pages.counts;
        let (items, broken) = (pages.items, pages.broken.len());
        format!("{answered:8} {never:8} {maybe:8} {accepted:9} {items:8} {broken:7}")
    }

    pub(crate) fn broken(&self) -> Vec<String> {
        self.lock().broken.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a message may be handled after its sender was told of its end.
pub(crate) const JUDGED_AFTER: Duration = Duration::from_secs(15);
