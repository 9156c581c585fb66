//! Actors in groups: joining, leaving, and who is in.

use core::sync::atomic::Ordering;
use core::task::Waker;
use std::sync::Arc;

use super::System;
use murmer_wire::{ActorId, GroupName, GroupSet};

use crate::endpoint::Way;
use crate::groups::{Groups, JoinError, Listing, ReceptionKey};
use crate::near::{AnyNear, Near};
use crate::private::told_name;
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

    /// Who is in the group under `key`: those of this node in the order in which they joined, then those of
    /// other nodes, in the same order on every node, but the ones that can't be reached now last.
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
        let mut members = self.inner.groups.members(key);
        members.extend(self.far_members(key));
        members
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
        let groups = &self.inner.groups;
        let (group, reader) = groups.with(key, |group| {
            if self.inner.cluster.is_some() && A::REMOTE {
                // Before the look at who is in elsewhere: what changes behind it must find the group.
                groups.expose(group.clone());
            }
            Some((group.clone(), group.subscribe(|| self.far_members(key))?))
        });
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
        let tell = |groups, is_told: &mut bool| self.tell_groups(&**near, groups, is_told);
        near.memberships().join(key.group(), add, tell).map(wake)
    }

    pub(crate) fn leave_near<A: Handlers>(&self, key: &ReceptionKey<A>, near: &Near<A>) -> bool {
        let tell = |groups, is_told: &mut bool| self.tell_groups(near, groups, is_told);
        let left = near.memberships().leave(key.group(), tell).map(wake).is_some();
        if left {
            self.inner.groups.prune(key.group());
        }
        left
    }

    /// An actor is taken off the books: it is in no group any more, nor can it join one. Whether others were
    /// told of it because it was in one.
    pub(super) fn leave_all(&self, near: &dyn AnyNear) -> bool {
        let (memberships, was_told) = near.memberships().close();
        for membership in memberships {
            wake(membership.end());
            self.inner.groups.prune(membership.key());
        }
        was_told
    }

    /// An actor of another node may have come into a group, or gone from it: the cluster is asked, and who
    /// lists the group is told. For the cluster to call with no lock in hand that it takes for answering.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{any::Any, pin::Pin, sync::Arc};
    /// # use murmer::{ActorId, GroupName, Label, NodeId, NodeName, SystemOptions};
    /// # use murmer_core::{Changes, Cluster, FarActor, incarnation_now};
    /// # struct Alone;
    /// # impl Cluster for Alone {
    /// #     fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> { None }
    /// #     fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> { None }
    /// #     fn labels(&self, _: &dyn Fn(&str) -> bool) -> Vec<Label> { Vec::new() }
    /// #     fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { Box::pin(async {}) }
    /// #     fn as_any(&self) -> &dyn Any { self }
    /// # }
    /// # use murmer::prelude::*;
    /// # use murmer::ReceptionKey;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let node = NodeId { name: NodeName::new("alpha")?, incarnation: incarnation_now() };
    /// # let system = System::joined(node, SystemOptions::default(), Arc::new(Alone), Arc::default());
    /// let mut listing = system.listing(&ReceptionKey::<Counter>::new("counters")?);
    /// # let far = system.start_anonymous(Counter, 0).id();
    /// system.look(&GroupName::new("counters")?, "shop::Counter", &far); // is it in there?
    /// assert_eq!(listing.try_next(), None); // this cluster knows of nobody
    /// # Ok(()) }
    /// ```
    pub fn look(&self, group: &GroupName, actor_type: &str, id: &ActorId) {
        if let Some(joined) = &self.inner.cluster {
            wake(self.inner.groups.look(group, actor_type, id, &*joined.cluster));
        }
    }

    /// Others are to hear which groups an actor is in now.
    fn tell_groups(&self, near: &dyn AnyNear, groups: GroupSet, is_told: &mut bool) {
        let (Some(changes), Some(actor_type)) = (self.changes_of(near), near.told_name()) else { return };
        let (number, visibility) = (near.number(), near.visibility());
        // One with a label has been told of when the label was taken.
        if near.label().is_some() || *is_told {
            changes.update(number, visibility, groups);
        } else {
            *is_told = true;
            changes.add(number, None, actor_type, visibility, groups);
        }
    }

    fn far_members<A: Handlers>(&self, key: &ReceptionKey<A>) -> Vec<Endpoint<A>> {
        let (Some(joined), true, Some(told_name)) = (&self.inner.cluster, A::REMOTE, told_name::<A>()) else {
            return Vec::new();
        };
        joined.cluster.members(key.name(), told_name).into_iter().map(Endpoint::far).collect()
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
