//! The asks of one stream that wait for their answers, by id, and when the first of them expires.
//!
//! Ids rise by one and answers come back about in their order, so nearly all lie in a ring, a slot an id. One
//! that thousands of later ones have overtaken is moved aside: it must not hold their slots.
//!
//! Deadlines are not sorted: nearly every ask is answered long before its own, and a look over all of them
//! every now and then costs less than keeping an order that nobody asks for.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

/// One ask.
#[derive(Debug)]
pub(super) struct Ask<T> {
    pub(super) token: T,
    /// Its answer is a stream.
    pub(super) is_streamed: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) expires_at: Option<Duration>,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Asks<T> {
    /// Of the ids from `first` on; the first slot is never empty.
    recent: VecDeque<Option<Ask<T>>>,
    first: u64,
    overtaken: BTreeMap<u64, Ask<T>>,
    len: usize,
    /// No ask expires before.
    expires_from: Option<Duration>,
    looked_at: Duration,
}

impl<T> Asks<T> {
    pub(super) const fn new() -> Self {
        Self {
            recent: VecDeque::new(),
            first: 0,
            overtaken: BTreeMap::new(),
            len: 0,
            expires_from: None,
            looked_at: Duration::ZERO,
        }
    }

    /// Adds an ask whose id is above those of all before.
    pub(super) fn insert(&mut self, id: u64, ask: Ask<T>) {
        let known = self.expires_from.filter(|_| !self.is_empty());
        self.expires_from = known.into_iter().chain(ask.expires_at).min();
        self.len += 1;
        while !self.recent.is_empty() && id - self.first >= RECENT_MAX {
            if let Some(Some(ask)) = self.recent.pop_front() {
                self.overtaken.insert(self.first, ask);
            }
            self.first += 1;
            self.drop_empty();
        }
        if self.recent.is_empty() {
            self.first = id;
        }
        while self.first + (self.recent.len() as u64) < id {
            // A tell's.
            self.recent.push_back(None);
        }
        self.recent.push_back(Some(ask));
    }

    pub(super) fn get(&self, id: u64) -> Option<&Ask<T>> {
        match id.checked_sub(self.first) {
            Some(slot) => self.recent.get(usize::try_from(slot).ok()?)?.as_ref(),
            None => self.overtaken.get(&id),
        }
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Ask<T>> {
        let removed = match id.checked_sub(self.first) {
            Some(slot) => self.recent.get_mut(usize::try_from(slot).ok()?)?.take(),
            None => self.overtaken.remove(&id),
        }?;
        self.len -= 1;
        self.drop_empty();
        Some(removed)
    }

    /// Removes those whose time is over, with their ids, which rise.
    pub(super) fn expired(&mut self, now: Duration) -> Vec<(u64, Ask<T>)> {
        if self.expires_from.is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.looked_at = now;
        let is_over = |ask: &Ask<T>| ask.expires_at.is_some_and(|at| at <= now);
        let overtaken = self.overtaken.iter().filter(|(_, ask)| is_over(ask)).map(|(id, _)| *id);
        let recent = self.recent.iter().enumerate().filter(|(_, ask)| ask.as_ref().is_some_and(is_over));
        let ids: Vec<_> = overtaken.chain(recent.map(|(slot, _)| self.first + slot as u64)).collect();
        let expired = ids.into_iter().filter_map(|id| Some((id, self.remove(id)?))).collect();
        let left = self.overtaken.values().chain(self.recent.iter().flatten());
        self.expires_from = left.filter_map(|ask| ask.expires_at).min();
        expired
    }

    /// When to look for [expired](Self::expired) ones: perhaps in vain, and not again at once.
    pub(super) fn deadline(&self) -> Option<Duration> {
        if self.is_empty() {
            return None;
        }
        self.expires_from.map(|at| at.max(self.looked_at.saturating_add(LOOK_EVERY)))
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Removes all of them, in the order of their ids.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (u64, Ask<T>)> {
        let Self { recent, first, overtaken, .. } = core::mem::replace(self, Self::new());
        let recent = (first..).zip(recent).filter_map(|(id, ask)| Some((id, ask?)));
        overtaken.into_iter().chain(recent)
    }

    fn drop_empty(&mut self) {
        while let Some(None) = self.recent.front() {
            self.recent.pop_front();
            self.first += 1;
        }
    }
}

/// Ids between the oldest ask in a slot and the newest. Above what a busy stream has in flight.
const RECENT_MAX: u64 = 4_096;
/// A look over all asks takes some 100 µs if there are very many of them: not more than a fiftieth of the time.
const LOOK_EVERY: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ask(expires_at: Option<u64>) -> Ask<u64> {
        let expires_at = expires_at.map(Duration::from_millis);
        Ask {
            token: expires_at.map_or(0, |at| at.as_millis() as u64),
            is_streamed: false,
            timeout: None,
            expires_at,
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        /// So many tells, and an ask that expires so much later.
        Ask(u64, Option<u64>),
        /// The ask that is the n-th oldest is answered.
        Answer(usize),
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let tells = prop_oneof![8 => 0_u64..4, 1 => RECENT_MAX - 2..RECENT_MAX + 2];
        prop_oneof![
            4 => (tells, proptest::option::of(0_u64..50)).prop_map(|(tells, after)| Step::Ask(tells, after)),
            3 => (0_usize..64).prop_map(Step::Answer),
            1 => (0_u64..30).prop_map(Step::Wait),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_map_with_deadlines(steps in proptest::collection::vec(step(), 1..200)) {
            let (mut asks, mut model) = (Asks::new(), BTreeMap::new());
            let (mut id, mut now) = (0, 0_u64);
            for step in steps {
                match step {
                    Step::Ask(tells, after) => {
                        id += tells + 1;
                        let at = after.map(|after| now + after);
                        asks.insert(id, ask(at));
                        model.insert(id, at);
                    }
                    Step::Answer(nth) => {
                        let id = model.keys().nth(nth).copied().unwrap_or(id + 7);
                        prop_assert_eq!(asks.get(id).is_some(), model.contains_key(&id));
                        prop_assert_eq!(asks.remove(id).is_some(), model.remove(&id).is_some());
                    }
                    Step::Wait(millis) => now += millis,
                }
                let first = model.values().flatten().min().copied();
                let deadline = asks.deadline().map(|at| at.as_millis() as u64);
                // Never too late by more than a look takes place.
                prop_assert!(first.is_none_or(|first| deadline.is_some_and(|at| at <= first.max(now) + 5)));
                if deadline.is_some_and(|at| at <= now) {
                    let expired: Vec<_> = asks.expired(Duration::from_millis(now)).into_iter().map(|(id, _)| id).collect();
                    let due: Vec<_> = model.iter().filter(|(_, at)| at.is_some_and(|at| at <= now)).map(|(id, _)| *id).collect();
                    model.retain(|_, at| at.is_none_or(|at| at > now));
                    prop_assert_eq!(expired, due);
                }
                prop_assert_eq!(asks.is_empty(), model.is_empty());
                prop_assert!(asks.recent.len() as u64 <= RECENT_MAX);
            }
            let left: Vec<_> = asks.take().map(|(id, _)| id).collect();
            prop_assert_eq!(left, model.into_keys().collect::<Vec<_>>());
            prop_assert!(asks.is_empty() && asks.deadline().is_none());
        }
    }
}
