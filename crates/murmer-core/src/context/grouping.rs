//! Being in groups.

use super::ActorContext;
use crate::{Handlers, JoinError, ReceptionKey};

impl<A: Handlers> ActorContext<A> {
    /// Puts this actor into the group under `key`; does nothing if it is in there. Called in
    /// [`Actor::started`](crate::Actor::started), say: a later life finds itself in already.
    ///
    /// See [`System::join_group`](crate::System::join_group).
    ///
    /// # Errors
    ///
    /// [`JoinError`]; nothing was changed.
    pub fn join(&self, key: &ReceptionKey<A>) -> Result<(), JoinError> {
        self.system().join_near(key, &self.near)
    }

    /// Takes this actor out of the group under `key`; says whether it was in there.
    pub fn leave(&self, key: &ReceptionKey<A>) -> bool {
        self.system().leave_near(key, &self.near)
    }
}
