//! The groups that one actor is in: of the actor, not of one of its lives.

use core::task::Waker;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_wire::GroupSet;

use super::{AnyGroup, GroupKey, JoinError};

/// What an actor is in; nothing any more once it has been taken off the books.
#[derive(Default)]
pub(crate) struct Memberships {
    state: Mutex<State>,
}

enum State {
    Open {
        memberships: Vec<Membership>,
        /// Whether other nodes have been told of the actor because it was in a group.
        is_told: bool,
    },
    Over,
}

/// A place in a group.
pub(crate) struct Membership {
    pub(super) group: Arc<dyn AnyGroup>,
    pub(super) since: u64,
}

impl State {
    fn names(&self) -> GroupSet {
        match self {
            Self::Open { memberships, .. } => names(memberships),
            Self::Over => GroupSet::default(),
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::Open { memberships: Vec::new(), is_told: false }
    }
}

impl Memberships {
    /// Lets `tell` say all that the actor is in, before anything about that changes.
    pub(crate) fn say(&self, tell: impl FnOnce(GroupSet)) {
        let state = self.lock();
        tell(state.names());
    }

    /// What others are to know of the actor: its groups, and whether it is spoken of because of them.
    pub(crate) fn told(&self) -> (GroupSet, bool) {
        let state = self.lock();
        let is_told = matches!(&*state, State::Open { is_told: true, .. });
        (state.names(), is_told)
    }

    /// Lets `add` put the actor into the group under `key`, unless it is there, and `tell` others of all it is
    /// in. Whom to wake, outside all locks.
    pub(crate) fn join(
        &self,
        key: &GroupKey,
        add: impl FnOnce() -> (Membership, Vec<Waker>),
        tell: impl FnOnce(GroupSet, &mut bool),
    ) -> Result<Vec<Waker>, JoinError> {
        // Held until the group knows, and the others, so that neither a leave nor the actor's end comes in between.
        let mut state = self.lock();
        let State::Open { memberships, is_told } = &mut *state else { return Err(JoinError::Stopped) };
        if memberships.iter().any(|held| held.group.key() == key) {
            return Ok(Vec::new());
        }
        if memberships.len() >= GroupSet::LEN_MAX {
            return Err(JoinError::TooMany { max: GroupSet::LEN_MAX });
        }
        let (membership, wakers) = add();
        memberships.push(membership);
        tell(names(memberships), is_told);
        Ok(wakers)
    }

    /// Takes the actor out of the group under `key`; whom to wake, or `None` if it is not in there.
    pub(crate) fn leave(&self, key: &GroupKey, tell: impl FnOnce(GroupSet, &mut bool)) -> Option<Vec<Waker>> {
        let mut state = self.lock();
        let State::Open { memberships, is_told } = &mut *state else { return None };
        let at = memberships.iter().position(|held| held.group.key() == key)?;
        let wakers = memberships.remove(at).end();
        tell(names(memberships), is_told);
        Some(wakers)
    }

    /// The actor is taken off the books: what it was in, and whether others were told of it for that. Nothing,
    /// the second time.
    pub(crate) fn close(&self) -> (Vec<Membership>, bool) {
        match core::mem::replace(&mut *self.lock(), State::Over) {
            State::Open { memberships, is_told } => (memberships, is_told),
            State::Over => (Vec::new(), false),
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

fn names(memberships: &[Membership]) -> GroupSet {
    GroupSet::new(memberships.iter().map(|held| held.key().name().clone()))
}
