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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ReceptionKey;
    ///
    /// let system = System::local();
    /// let key = ReceptionKey::new("counters")?;
    /// let counter = system.start_anonymous(Counter, 0);
    /// system.join_group(&key, &counter)?;
    /// system.join_group(&key, &counter)?; // it is in there
    /// assert_eq!(system.group(&key), [counter]);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ReceptionKey;
    ///
    /// # let system = System::local();
    /// # let counter = system.start_anonymous(Counter, 0);
    /// let key = ReceptionKey::new("counters")?;
    /// system.join_group(&key, &counter)?;
    /// assert!(system.leave_group(&key, &counter));
    /// assert!(!system.leave_group(&key, &counter));
    /// # Ok(()) }
    /// ```
    pub fn leave_group<A: Handlers>(&self, key: &ReceptionKey<A>, endpoint: &Endpoint<A>) -> bool {
        match endpoint.way() {
            Way::Near(near) if self.is_mine(near) => self.leave_near(key, near),
            Way::Near(_) | Way::Far(_) | Way::Void(_) => false,
        }
    }

    /// Who is in the group under `key`, in the order in which they joined.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ReceptionKey;
    ///
    /// let system = System::local();
    /// let key = ReceptionKey::new("counters")?;
    /// for count in [10, 20] {
    ///     system.join_group(&key, &system.start_anonymous(Counter, count))?;
    /// }
    /// let mut sum = 0;
    /// for counter in system.group(&key) {
    ///     sum += counter.add(1).await?;
    /// }
    /// assert_eq!(sum, 32);
    /// # Ok(()) }
    /// ```
    pub fn group<A: Handlers>(&self, key: &ReceptionKey<A>) -> Vec<Endpoint<A>> {
        self.inner.groups.members(key)
    }

    /// Who is in the group under `key`, and how that changes from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::{GroupChange, ReceptionKey};
    ///
    /// let system = System::local();
    /// let key = ReceptionKey::new("counters")?;
    /// let mut listing = system.listing(&key);
    /// let counter = system.start_anonymous(Counter, 0);
    /// system.join_group(&key, &counter)?;
    /// assert!(matches!(listing.next().await, Some(GroupChange::Added(who)) if who == counter));
    /// # Ok(()) }
    /// ```
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
