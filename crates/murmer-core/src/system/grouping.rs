//! Actors in groups: joining, leaving, and who is in.

use core::sync::atomic::Ordering;
use core::task::Waker;
use std::sync::Arc;

use super::System;
use crate::endpoint::Way;
use crate::groups::{Groups, JoinError, Listing, ReceptionKey};
use crate::near::{AnyNear, Near};
use crate::{Endpoint, Handlers};

impl System {
    /// Puts an actor of this process into the group under `key`; does nothing if it is in there.
    ///
    /// It stays until it leaves or is stopped, or ends in any other way; restarts of a supervised actor
    /// change nothing. An actor that is [prepared](System::prepare) may join, too: what is sent to it waits.
    ///
    /// # Errors
    ///
    /// [`JoinError`]; nothing was changed.
    pub fn join_group<A: Handlers>(
        &self,
        key: &ReceptionKey<A>,
        endpoint: &Endpoint<A>,
    ) -> Result<(), JoinError> {
        match endpoint.way() {
            Way::Near(near) if self.is_mine(near) => self.join_near(key, near),
            Way::Near(_) | Way::Far(_) => Err(JoinError::Elsewhere),
            Way::Void(_) => Err(JoinError::NotStarted),
        }
    }

    /// Takes an actor of this process out of the group under `key`; says whether it was in there.
    pub fn leave_group<A: Handlers>(&self, key: &ReceptionKey<A>, endpoint: &Endpoint<A>) -> bool {
        match endpoint.way() {
            Way::Near(near) if self.is_mine(near) => self.leave_near(key, near),
            Way::Near(_) | Way::Far(_) | Way::Void(_) => false,
        }
    }

    /// Who is in the group under `key`, in the order in which they joined.
    pub fn group<A: Handlers>(&self, key: &ReceptionKey<A>) -> Vec<Endpoint<A>> {
        self.inner.groups.members(key)
    }

    /// Who is in the group under `key`, and how that changes from now on.
    pub fn listing<A: Handlers>(&self, key: &ReceptionKey<A>) -> Listing<A> {
        let (group, reader) = self.inner.groups.with(key, |group| Some((group.clone(), group.subscribe()?)));
        // Looked at last: a shutdown either sees the reader among the others, or is seen here.
        if self.inner.is_shut_down.load(Ordering::SeqCst) {
            reader.close();
        }
        Listing::new(self.clone(), group, reader)
    }

    pub(crate) fn join_near<A: Handlers>(
        &self,
        key: &ReceptionKey<A>,
        near: &Arc<Near<A>>,
    ) -> Result<(), JoinError> {
        let add = || self.inner.groups.add(key, &Endpoint::near(near.clone()));
        near.memberships().join(key.group(), add).map(wake)
    }

    pub(crate) fn leave_near<A: Handlers>(&self, key: &ReceptionKey<A>, near: &Near<A>) -> bool {
        let left = near.memberships().leave(key.group()).map(wake).is_some();
        if left {
            self.inner.groups.prune(key.group());
        }
        left
    }

    /// An actor is taken off the books: it is in no group any more, nor can it join one.
    pub(super) fn leave_all(&self, near: &dyn AnyNear) {
        for membership in near.memberships().close() {
            wake(membership.end());
            self.inner.groups.prune(membership.key());
        }
    }

    pub(crate) fn groups(&self) -> &Groups {
        &self.inner.groups
    }

    fn is_mine<A: Handlers>(&self, near: &Near<A>) -> bool {
        Arc::ptr_eq(&self.inner, &near.system().inner)
    }
}

fn wake(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}
