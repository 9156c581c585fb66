//! The groups that one actor is in: of the actor, not of one of its lives.

use core::task::Waker;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{AnyGroup, GroupKey, JoinError};

/// What an actor is in; nothing any more once it has been taken off the books.
#[derive(Default)]
pub(crate) struct Memberships {
    state: Mutex<State>,
}

enum State {
    Open(Vec<Membership>),
    Over,
}

/// A place in a group.
pub(crate) struct Membership {
    pub(super) group: Arc<dyn AnyGroup>,
    pub(super) since: u64,
}

impl Default for State {
    fn default() -> Self {
        Self::Open(Vec::new())
    }
}

impl Memberships {
    /// Lets `add` put the actor into the group under `key`, unless it is there. Whom to wake, outside all
    /// locks.
    pub(crate) fn join(
        &self,
        key: &GroupKey,
        add: impl FnOnce() -> (Membership, Vec<Waker>),
    ) -> Result<Vec<Waker>, JoinError> {
        // Held until the group knows, so that neither a leave nor the actor's end comes in between.
        let mut state = self.lock();
        let State::Open(memberships) = &mut *state else { return Err(JoinError::Stopped) };
        if memberships.iter().any(|held| held.group.key() == key) {
            return Ok(Vec::new());
        }
        if memberships.len() >= GROUPS_PER_ACTOR_MAX {
            return Err(JoinError::TooMany { max: GROUPS_PER_ACTOR_MAX });
        }
        let (membership, wakers) = add();
        memberships.push(membership);
        Ok(wakers)
    }

    /// Takes the actor out of the group under `key`; whom to wake, or `None` if it is not in there.
    pub(crate) fn leave(&self, key: &GroupKey) -> Option<Vec<Waker>> {
        let mut state = self.lock();
        let State::Open(memberships) = &mut *state else { return None };
        let at = memberships.iter().position(|held| held.group.key() == key)?;
        Some(memberships.remove(at).end())
    }

    /// The actor is taken off the books: what it was in. Nothing, the second time.
    pub(crate) fn close(&self) -> Vec<Membership> {
        match core::mem::replace(&mut *self.lock(), State::Over) {
            State::Open(memberships) => memberships,
            State::Over => Vec::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Membership {
    pub(crate) fn key(&self) -> &GroupKey {
        self.group.key()
    }

    /// Gives the place up. Whom to wake.
    pub(crate) fn end(&self) -> Vec<Waker> {
        self.group.remove(self.since)
    }
}

/// Groups that an actor may be in. An actor has a handful of roles; other nodes are to hear of all of them
/// at once.
const GROUPS_PER_ACTOR_MAX: usize = 32;
