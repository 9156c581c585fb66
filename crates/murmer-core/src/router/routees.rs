//! Whom a router sends to.

use core::fmt;
use std::sync::{Mutex, PoisonError};

use murmer_wire::ActorId;

use super::hashing;
use crate::{Endpoint, GroupChange, Handlers, Listing};

/// Whom a router sends to: a fixed list, or whoever is in a group at the time. Made from endpoints, or from a
/// [`Listing`].
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{ReceptionKey, Routees, Router};
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// # let key = ReceptionKey::new("workers")?;
/// # let worker = system.start("worker", Worker, 0);
/// # system.join_group(&key, &worker)?;
/// // Those of this node who are in now. For whoever is in later: `Routees::from(system.listing(&key))`.
/// let near: Routees<_> = system.group(&key).into_iter().filter(|worker| worker.is_local()).collect();
/// let router = Router::round_robin(near);
/// assert_eq!(router.routees(), [worker]);
/// # Ok(())
/// # }
/// ```
pub struct Routees<A: Handlers> {
    kind: Kind<A>,
}

enum Kind<A: Handlers> {
    Fixed(Box<[Seat<A>]>),
    Live(Mutex<Live<A>>),
}

/// What is known of a group so far.
struct Live<A: Handlers> {
    listing: Listing<A>,
    seats: Vec<Seat<A>>,
}

/// One routee, with what choosing it takes.
pub(super) struct Seat<A: Handlers> {
    pub(super) endpoint: Endpoint<A>,
    pub(super) id: ActorId,
    /// Where it stands for consistent hashing.
    pub(super) hash: u64,
}

impl<A: Handlers> Routees<A> {
    /// Shows those there are now. `show` must not come back here, nor run what a user wrote.
    pub(super) fn with<R>(&self, show: impl FnOnce(&[Seat<A>]) -> R) -> R {
        match &self.kind {
            Kind::Fixed(seats) => show(seats),
            Kind::Live(live) => {
                let mut live = live.lock().unwrap_or_else(PoisonError::into_inner);
                live.catch_up();
                show(&live.seats)
            }
        }
    }

    pub(super) fn endpoints(&self) -> Vec<Endpoint<A>> {
        self.with(|seats| seats.iter().map(|seat| seat.endpoint.clone()).collect())
    }
}

impl<A: Handlers> Live<A> {
    fn catch_up(&mut self) {
        while let Some(change) = self.listing.try_next() {
            match change {
                GroupChange::Added(endpoint) => self.seats.push(Seat::new(endpoint)),
                GroupChange::Removed(id) => self.seats.retain(|seat| seat.id != id),
            }
        }
    }
}

impl<A: Handlers> Seat<A> {
    fn new(endpoint: Endpoint<A>) -> Self {
        let id = endpoint.id();
        let hash = match endpoint.label() {
            Some(label) => hashing::hash(&(id.node.name.as_str(), label.as_str())),
            None => hashing::hash(&(id.node.name.as_str(), id.node.incarnation.as_u64(), id.number.0)),
        };
        Self { endpoint, id, hash }
    }
}

impl<A: Handlers> FromIterator<Endpoint<A>> for Routees<A> {
    fn from_iter<I: IntoIterator<Item = Endpoint<A>>>(endpoints: I) -> Self {
        Self { kind: Kind::Fixed(endpoints.into_iter().map(Seat::new).collect()) }
    }
}

impl<A: Handlers> From<Vec<Endpoint<A>>> for Routees<A> {
    fn from(endpoints: Vec<Endpoint<A>>) -> Self {
        endpoints.into_iter().collect()
    }
}

impl<A: Handlers, const N: usize> From<[Endpoint<A>; N]> for Routees<A> {
    fn from(endpoints: [Endpoint<A>; N]) -> Self {
        endpoints.into_iter().collect()
    }
}

/// Whoever is in the group, from when the listing was made; what has been read of it is not known here.
impl<A: Handlers> From<Listing<A>> for Routees<A> {
    fn from(listing: Listing<A>) -> Self {
        Self { kind: Kind::Live(Mutex::new(Live { listing, seats: Vec::new() })) }
    }
}

impl<A: Handlers> fmt::Debug for Routees<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.endpoints()).finish()
    }
}
