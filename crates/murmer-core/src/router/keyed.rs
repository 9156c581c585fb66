//! Sending by key: consistent hashing.

use core::fmt;
use core::hash::Hash;
use std::sync::Arc;

use super::{Choice, Round, RouteError, Routed, Routees, hashing};
use crate::{Accepts, Endpoint, Handlers, Message};

/// Sends each message to the one of several actors that its key belongs to: the same one for the same key.
/// Made by [`Router::consistent_hash`](super::Router::consistent_hash).
///
/// When an actor goes, only its keys move; when one comes, it takes over one key in n (rendezvous hashing:
/// Thaler & Ravishankar, 1998). An actor counts by its label and its node's name, so that a successor in its
/// place gets the same keys; an anonymous one counts for itself. Programs of one build that see the same
/// actors choose the same one, on whichever node they run.
///
/// Choosing costs a multiplication or two per actor.
pub struct KeyedRouter<A: Handlers> {
    routees: Arc<Routees<A>>,
}

impl<A: Handlers> KeyedRouter<A> {
    pub(super) fn new(routees: Routees<A>) -> Self {
        Self { routees: Arc::new(routees) }
    }

    /// A message to the actor that `key` belongs to; awaiting it asks. If that one has stopped, it goes to
    /// the one that its keys move to. See [`Router::send`](super::Router::send).
    ///
    /// # Errors
    ///
    /// Awaiting gives a [`RouteError`].
    pub fn send<M: Message>(&self, key: &(impl Hash + ?Sized), message: M) -> Routed<A, M>
    where
        A: Accepts<M>,
    {
        Routed::new(self.round(key), message)
    }

    /// Sends without waiting for the handler. See [`Router::tell`](super::Router::tell).
    ///
    /// # Errors
    ///
    /// A [`RouteError`] whose delivery is `Never`.
    pub fn tell<M: Message, K: Hash + ?Sized>(
        &self,
        key: &K,
        message: M,
    ) -> impl Future<Output = Result<(), RouteError>> + Send + 'static + use<A, M, K>
    where
        A: Accepts<M>,
    {
        self.round(key).tell(message)
    }

    /// The actor that `key` belongs to now, whether or not it still runs; `None` if there is nobody.
    pub fn routee(&self, key: &(impl Hash + ?Sized)) -> Option<Endpoint<A>> {
        self.round(key).next()
    }

    /// Who may be sent to now.
    pub fn routees(&self) -> Vec<Endpoint<A>> {
        self.routees.endpoints()
    }

    fn round(&self, key: &(impl Hash + ?Sized)) -> Round<A> {
        Round::new(self.routees.clone(), Choice::Key(hashing::hash(key)))
    }
}

impl<A: Handlers> Clone for KeyedRouter<A> {
    fn clone(&self) -> Self {
        Self { routees: self.routees.clone() }
    }
}

impl<A: Handlers> fmt::Debug for KeyedRouter<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyedRouter").field("routees", &self.routees).finish()
    }
}
