//! One group: its members in the order in which they joined, and those who list it.

use core::any::Any;
use core::task::Waker;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::listing::Reader;
use super::{AnyGroup, GroupKey};
use crate::{Endpoint, Handlers};

pub(crate) struct Group<A: Handlers> {
    key: GroupKey,
    state: Mutex<State<A>>,
}

struct State<A: Handlers> {
    /// Under the time at which each joined.
    members: BTreeMap<u64, Endpoint<A>>,
    readers: Vec<Arc<Reader<A>>>,
    /// The time of the next change: changes are counted.
    next: u64,
    /// Given up: whoever still finds it must look again.
    is_gone: bool,
}

impl<A: Handlers> Group<A> {
    pub(super) const fn new(key: GroupKey) -> Self {
        let state = State { members: BTreeMap::new(), readers: Vec::new(), next: 0, is_gone: false };
        Self { key, state: Mutex::new(state) }
    }

    /// When it joined, and whom to wake; `None` if the group is gone.
    pub(super) fn add(&self, member: Endpoint<A>) -> Option<(u64, Vec<Waker>)> {
        let mut state = self.lock();
        if state.is_gone {
            return None;
        }
        let at = state.tick();
        let wakers = state.readers.iter().filter_map(|reader| reader.joined(at, member.clone())).collect();
        state.members.insert(at, member);
        Some((at, wakers))
    }

    /// Gives a reader everybody who is in, and all changes from then on; `None` if the group is gone.
    pub(crate) fn subscribe(&self) -> Option<Arc<Reader<A>>> {
        let mut state = self.lock();
        if state.is_gone {
            return None;
        }
        let reader = Arc::new(Reader::new(&state.members));
        state.readers.push(reader.clone());
        Some(reader)
    }

    pub(super) fn unsubscribe(&self, reader: &Arc<Reader<A>>) {
        self.lock().readers.retain(|held| !Arc::ptr_eq(held, reader));
    }

    pub(super) fn members(&self) -> Vec<Endpoint<A>> {
        self.lock().members.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State<A>> {
        // Nothing of a user's runs under the lock, so a poisoned one is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Handlers> State<A> {
    const fn tick(&mut self) -> u64 {
        let at = self.next;
        self.next += 1;
        at
    }
}

impl<A: Handlers> AnyGroup for Group<A> {
    fn key(&self) -> &GroupKey {
        &self.key
    }

    fn remove(&self, since: u64) -> Vec<Waker> {
        let mut state = self.lock();
        let Some(member) = state.members.remove(&since) else { return Vec::new() };
        let at = state.tick();
        let id = member.id();
        state.readers.iter().filter_map(|reader| reader.left(since, at, &id)).collect()
    }

    fn retire_if_unused(&self) -> bool {
        let mut state = self.lock();
        state.is_gone |= state.members.is_empty() && state.readers.is_empty();
        state.is_gone
    }

    fn close(&self) {
        let readers = self.lock().readers.clone();
        for reader in readers {
            reader.close();
        }
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
