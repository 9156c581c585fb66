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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::{ReceptionKey, prelude::*};
    /// # struct Worker;
    /// impl Actor for Worker {
    ///     type State = ReceptionKey<Self>;
    ///
    ///     async fn started(&mut self, ctx: &ActorContext<Self>, key: &mut Self::State) -> Result<(), StartFailure> {
    ///         Ok(ctx.join(key)?)
    ///     }
    /// }
    /// # #[handlers(local)] impl Worker { #[handler] fn ready(&self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let system = System::local();
    /// let key = ReceptionKey::new("workers")?;
    /// let worker = system.start_anonymous(Worker, key.clone());
    /// worker.ready().await?;
    /// assert_eq!(system.group(&key), [worker]);
    /// # Ok(()) }
    /// ```
    pub fn join(&self, key: &ReceptionKey<A>) -> Result<(), JoinError> {
        self.system().join_near(key, &self.near)
    }

    /// Takes this actor out of the group under `key`; says whether it was in there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::{ReceptionKey, prelude::*};
    /// # struct Worker; impl Actor for Worker { type State = ReceptionKey<Self>; }
    /// #[handlers(local)]
    /// impl Worker {
    ///     /// Handles what comes, and is found no more.
    ///     #[handler]
    ///     fn retire(&self, ctx: &ActorContext<Self>, key: &mut ReceptionKey<Self>) -> bool {
    ///         ctx.leave(key)
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let system = System::local();
    /// let key = ReceptionKey::new("workers")?;
    /// let worker = system.start_anonymous(Worker, key.clone());
    /// system.join_group(&key, &worker)?;
    /// assert!(worker.retire().await?);
    /// assert!(system.group(&key).is_empty());
    /// # Ok(()) }
    /// ```
    pub fn leave(&self, key: &ReceptionKey<A>) -> bool {
        self.system().leave_near(key, &self.near)
    }
}
