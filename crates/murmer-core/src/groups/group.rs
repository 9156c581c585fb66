//! One group: its members in the order in which they joined, and those who list it.

use core::any::Any;
use core::task::Waker;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_wire::ActorId;

use super::listing::Reader;
use super::{AnyGroup, GroupKey};
use crate::private::told_name;
use crate::{Cluster, Endpoint, Handlers};

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
    /// Those on other nodes that the readers know of, with the time at which they came to. Nobody as long
    /// as nobody reads.
    far: BTreeMap<ActorId, (u64, Endpoint<A>)>,
    /// Given up: whoever still finds it must look again.
    is_gone: bool,
}

impl<A: Handlers> Group<A> {
    pub(super) const fn new(key: GroupKey) -> Self {
        let state = State {
            members: BTreeMap::new(),
            readers: Vec::new(),
            next: 0,
            far: BTreeMap::new(),
            is_gone: false,
        };
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

    /// Gives a reader everybody who is in, and all changes from then on; `None` if the group is gone. `far`
    /// says who is in on other nodes; what changes there comes through [`look`](AnyGroup::look).
    pub(crate) fn subscribe(&self, far: impl FnOnce() -> Vec<Endpoint<A>>) -> Option<Arc<Reader<A>>> {
        let mut state = self.lock();
        if state.is_gone {
            return None;
        }
        if state.readers.is_empty() {
            // Under the lock: a change behind this look waits for it, one before it was seen by it.
            for member in far() {
                let at = state.tick();
                state.far.insert(member.id(), (at, member));
            }
        }
        let near = state.members.iter().map(|(since, member)| (*since, member));
        let far = state.far.values().map(|(since, member)| (*since, member));
        let reader = Arc::new(Reader::new(near.chain(far)));
        state.readers.push(reader.clone());
        Some(reader)
    }

    pub(super) fn unsubscribe(&self, reader: &Arc<Reader<A>>) {
        let mut state = self.lock();
        state.readers.retain(|held| !Arc::ptr_eq(held, reader));
        let unread = state.readers.is_empty().then(|| core::mem::take(&mut state.far));
        drop(state);
        // Whose streams may go with them.
        drop(unread);
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

    fn look(&self, id: &ActorId, cluster: &dyn Cluster) -> Vec<Waker> {
        let Some(told_name) = told_name::<A>() else { return Vec::new() };
        let mut state = self.lock();
        if state.readers.is_empty() {
            return Vec::new();
        }
        // Under the lock, so that of two looks the later one has the last word.
        match (cluster.member(self.key.name(), told_name, id), state.far.remove(id)) {
            (None, None) => Vec::new(),
            (Some(_), Some(known)) => {
                state.far.insert(id.clone(), known);
                Vec::new()
            }
            (Some(member), None) => {
                let (at, member) = (state.tick(), Endpoint::far(member));
                let wakers = state.readers.iter().filter_map(|reader| reader.joined(at, member.clone()));
                let wakers = wakers.collect();
                state.far.insert(id.clone(), (at, member));
                wakers
            }
            (None, Some((since, gone))) => {
                let at = state.tick();
                let wakers = state.readers.iter().filter_map(|reader| reader.left(since, at, id)).collect();
                drop(state);
                // Whose stream may go with it.
                drop(gone);
                wakers
            }
        }
    }

    fn told_name(&self) -> Option<&'static str> {
        told_name::<A>()
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
