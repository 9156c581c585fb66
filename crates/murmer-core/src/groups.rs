//! Groups of actors of one type, found by a key: who is in, and how that changes.
//!
//! ```text
//! join, leave, an actor's end ──────────▶ Group ─▶ each Listing's Unread ─▶ its reader
//! what a Cluster hears of other nodes ───┘
//! ```
//!
//! A group exists while somebody is in it or lists it. Locks are taken in this order: an actor's
//! [`Memberships`], the map here, a [`Group`], a listing's reader. A group asks its cluster under its lock, so
//! no cluster may come here with a lock in hand that it takes for answering.
//!
//! Doesn't know what makes an actor join or end; see [`crate::System`].

mod group;
mod join_error;
mod key;
mod listing;
mod memberships;
mod unread;

use core::any::Any;
use core::task::Waker;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_wire::{ActorId, GroupName};

pub(crate) use self::group::Group;
pub use self::join_error::JoinError;
pub(crate) use self::key::GroupKey;
pub use self::key::ReceptionKey;
pub use self::listing::{GroupChange, Listing};
pub(crate) use self::memberships::{Membership, Memberships};
use crate::shards::Shards;
use crate::{Cluster, Endpoint, Handlers};

/// All groups of a system.
#[derive(Default)]
pub(crate) struct Groups {
    groups: Shards<GroupKey, Arc<dyn AnyGroup>>,
    /// Those that are listed, and may have members on other nodes.
    told: Mutex<Told>,
}

/// By name, and by what other nodes know the members' type by.
type Told = HashMap<GroupName, HashMap<&'static str, Arc<dyn AnyGroup>>>;

/// A group whose members' type is forgotten.
pub(crate) trait AnyGroup: Send + Sync + 'static {
    fn key(&self) -> &GroupKey;
    /// Takes out whoever joined at `since`, and tells the listings. Returns whom to wake, outside all locks.
    fn remove(&self, since: u64) -> Vec<Waker>;
    /// That actor of another node may have come in or gone: compares with what `cluster` says, and tells the
    /// listings. Returns whom to wake, outside all locks.
    fn look(&self, id: &ActorId, cluster: &dyn Cluster) -> Vec<Waker>;
    /// What other nodes know its members' type by, if they can.
    fn told_name(&self) -> Option<&'static str>;
    /// Marks a group without members and listings as one that nobody may use any more. Says whether it was
    /// such a one.
    fn retire_if_unused(&self) -> bool;
    /// Its listings end.
    fn close(&self);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl Groups {
    /// Adds a member; whom to wake comes back with its membership.
    pub(crate) fn add<A: Handlers>(
        &self,
        key: &ReceptionKey<A>,
        endpoint: &Endpoint<A>,
    ) -> (Membership, Vec<Waker>) {
        self.with(key, |group| {
            let (since, wakers) = group.add(endpoint.clone())?;
            Some((Membership { group: group.clone(), since }, wakers))
        })
    }

    pub(crate) fn members<A: Handlers>(&self, key: &ReceptionKey<A>) -> Vec<Endpoint<A>> {
        self.groups.get(key.group()).map_or_else(Vec::new, |group| typed::<A>(group).members())
    }

    /// Does something with the group under `key`, made if need be. `act` returns `None` for a group that
    /// has just been given up; then it gets the next one.
    pub(crate) fn with<A: Handlers, R>(
        &self,
        key: &ReceptionKey<A>,
        act: impl Fn(&Arc<Group<A>>) -> Option<R>,
    ) -> R {
        loop {
            let group = self.groups.get(key.group()).unwrap_or_else(|| {
                let made: Arc<dyn AnyGroup> = Arc::new(Group::<A>::new(key.group().clone()));
                self.groups.insert_new(key.group().clone(), made.clone()).unwrap_or(made)
            });
            if let Some(done) = act(&typed(group)) {
                return done;
            }
        }
    }

    /// Gives the group up if nobody needs it any more.
    pub(crate) fn prune(&self, key: &GroupKey) {
        let Some(gone) = self.groups.remove_if(key, |group| group.retire_if_unused()) else { return };
        let Some(told_name) = gone.told_name() else { return };
        let mut told = self.told();
        let Some(of_name) = told.get_mut(key.name()) else { return };
        if of_name.get(told_name).is_some_and(|held| Arc::ptr_eq(held, &gone)) {
            of_name.remove(told_name);
        }
        if of_name.is_empty() {
            told.remove(key.name());
        }
    }

    /// From now on [`look`](Self::look) finds the group.
    pub(crate) fn expose(&self, group: Arc<dyn AnyGroup>) {
        if let Some(told_name) = group.told_name() {
            let mut told = self.told();
            told.entry(group.key().name().clone()).or_default().insert(told_name, group);
        }
    }

    /// An actor of another node may have come into a group, or gone. Returns whom to wake.
    pub(crate) fn look(
        &self,
        group: &GroupName,
        actor_type: &str,
        id: &ActorId,
        cluster: &dyn Cluster,
    ) -> Vec<Waker> {
        let listed = self.told().get(group).and_then(|of_name| of_name.get(actor_type)).cloned();
        listed.map_or_else(Vec::new, |listed| listed.look(id, cluster))
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The system shuts down: all listings end.
    pub(crate) fn close(&self) {
        let mut groups = self.groups.values();
        // In an order that is the same in each run of a test.
        groups.sort_by(|one, other| one.key().cmp(other.key()));
        groups.iter().for_each(|group| group.close());
    }
}

fn typed<A: Handlers>(group: Arc<dyn AnyGroup>) -> Arc<Group<A>> {
    group.into_any().downcast().expect("the actor's type is part of the key")
}

#[cfg(test)]
mod tests;
