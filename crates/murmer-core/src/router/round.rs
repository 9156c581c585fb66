//! One message's way around the routees.

use std::sync::Arc;

use murmer_wire::ActorId;

use super::{Choice, RouteError, Routees};
use crate::{Accepts, Endpoint, Handlers, Message, SendError};

/// Names one routee after the other: none twice, and no more of them than there were at first.
pub(super) struct Round<A: Handlers> {
    routees: Arc<Routees<A>>,
    choice: Choice,
    tried: Vec<ActorId>,
    /// The one that was named last.
    latest: Option<ActorId>,
    /// How many may still be named; known from the first on.
    left: Option<usize>,
}

impl<A: Handlers> Round<A> {
    pub(super) const fn new(routees: Arc<Routees<A>>, choice: Choice) -> Self {
        Self { routees, choice, tried: Vec::new(), latest: None, left: None }
    }

    pub(super) fn next(&mut self) -> Option<Endpoint<A>> {
        self.tried.extend(self.latest.take());
        let Self { choice, tried, left, .. } = self;
        let (endpoint, id) = self.routees.with(|seats| {
            // In a lively group somebody new may come for each that is gone.
            let left = left.get_or_insert(seats.len());
            *left = left.checked_sub(1)?;
            let is_open = |seat: usize| tried.is_empty() || !tried.contains(&seats[seat].id);
            let is_at_hand = |seat: usize| is_open(seat) && seats[seat].endpoint.is_reachable();
            let hash = |seat: usize| seats[seat].hash;
            // Of those that can't be reached now one is named only if there is nobody else: it says why.
            let at_hand = choice.pick(seats.len(), hash, is_at_hand);
            let seat = &seats[at_hand.or_else(|| choice.pick(seats.len(), hash, is_open))?];
            Some((seat.endpoint.clone(), seat.id.clone()))
        })?;
        self.latest = Some(id);
        Some(endpoint)
    }

    /// Whether [`next`](Self::next) may name another one.
    pub(super) fn goes_on(&self) -> bool {
        self.left != Some(0)
    }

    pub(super) async fn tell<M: Message>(mut self, mut message: M) -> Result<(), RouteError>
    where
        A: Accepts<M>,
    {
        let mut failed = None;
        while let Some(endpoint) = self.next() {
            let mut tell = endpoint.tell(message);
            let Err(error) = (&mut tell).await else { return Ok(()) };
            match tell.take_back().filter(|_| is_gone(&error)) {
                Some(back) => message = back,
                None => return Err(RouteError::Failed(error)),
            }
            failed = Some(error);
        }
        Err(failed.map_or(RouteError::NoMembers, RouteError::Failed))
    }
}

/// Whether that actor is out of reach, for good or for now: this message was not delivered.
pub(super) const fn is_gone(error: &SendError) -> bool {
    matches!(error, SendError::Stopped | SendError::NotStarted(_) | SendError::Unreachable { .. })
}
