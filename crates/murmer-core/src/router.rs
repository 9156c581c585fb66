//! Sending to one of several actors, or to all of them.
//!
//! ```text
//! Routees ─▶ Choice ─▶ Round: one message's way around them ─▶ Routed, tell
//!        └─▶ all of them at once: Broadcast, FirstResponse
//! ```
//!
//! A routee that is gone is passed over: what was to go there was never delivered, so handing it to the
//! next one can't make two of it. Anything else that goes wrong is the sender's to judge.
//!
//! Doesn't know how an actor is reached, nor who is in a group; see [`crate::Listing`].

mod broadcast;
mod choice;
mod error;
mod first_response;
mod hashing;
mod keyed;
mod round;
mod routed;
mod routees;
mod together;

use core::fmt;
use std::sync::Arc;

pub use self::broadcast::{Broadcast, Outcomes};
use self::choice::{Choice, Turn};
pub use self::error::{FirstResponseError, RouteError};
pub use self::first_response::FirstResponse;
pub use self::keyed::KeyedRouter;
use self::round::Round;
pub use self::routed::Routed;
pub use self::routees::Routees;
use crate::boot::os_random;
use crate::{Accepts, Endpoint, Handlers, Message};

/// Sends each message to one of several actors of a type: a fixed list of them, or whoever is in a group.
///
/// Cheap to clone; clones share whose turn it is. An actor that is gone is passed over, see
/// [`send`](Self::send).
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{ReceptionKey, Router};
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
/// let key = ReceptionKey::new("workers")?;
/// let workers = Router::round_robin(system.listing(&key));
///
/// system.join_group(&key, &system.start_anonymous(Worker, 10))?;
/// assert_eq!(workers.send(WorkerAdd { n: 1 }).await?, 11);
/// # Ok(())
/// # }
/// ```
pub struct Router<A: Handlers> {
    routees: Arc<Routees<A>>,
    turn: Arc<Turn>,
}

impl<A: Handlers> Router<A> {
    /// Each in turn.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Router;
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
    /// let workers = [system.start("a", Worker, 10), system.start("b", Worker, 20)];
    /// let router = Router::round_robin(workers);
    /// assert_eq!(router.send(WorkerAdd { n: 1 }).await?, 11);
    /// assert_eq!(router.send(WorkerAdd { n: 1 }).await?, 21);
    /// assert_eq!(router.send(WorkerAdd { n: 1 }).await?, 12);
    /// # Ok(())
    /// # }
    /// ```
    pub fn round_robin(routees: impl Into<Routees<A>>) -> Self {
        Self::new(routees.into(), Turn::round_robin())
    }

    /// Any one, each as likely as the others.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Router;
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
    /// let (a, b) = (system.start("a", Worker, 0), system.start("b", Worker, 0));
    /// let router = Router::random([a.clone(), b.clone()]);
    /// for _ in 0..100 {
    ///     router.send(WorkerAdd { n: 1 }).await?;
    /// }
    /// let shares = (a.add(0).await?, b.add(0).await?);
    /// assert!(shares.0 > 0 && shares.1 > 0 && shares.0 + shares.1 == 100);
    /// # Ok(())
    /// # }
    /// ```
    pub fn random(routees: impl Into<Routees<A>>) -> Self {
        Self::random_seeded(routees, os_random())
    }

    /// The same, with choices that `seed` decides: for tests.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Router;
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
    /// let workers = [system.start("a", Worker, 10), system.start("b", Worker, 20)];
    /// let one = Router::random_seeded(workers.clone(), 4711);
    /// let other = Router::random_seeded(workers, 4711);
    /// for _ in 0..100 {
    ///     // Nothing is added: this only shows whose turn it was.
    ///     assert_eq!(one.send(WorkerAdd { n: 0 }).await?, other.send(WorkerAdd { n: 0 }).await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn random_seeded(routees: impl Into<Routees<A>>, seed: u64) -> Self {
        Self::new(routees.into(), Turn::random(seed))
    }

    /// The same one for the same key, as far as possible when actors come and go.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Router;
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
    /// let workers = [system.start("a", Worker, 0), system.start("b", Worker, 0)];
    /// let router = Router::consistent_hash(workers);
    /// assert_eq!(router.send("ada", WorkerAdd { n: 1 }).await?, 1);
    /// assert_eq!(router.send("ada", WorkerAdd { n: 1 }).await?, 2); // that one again
    /// # Ok(())
    /// # }
    /// ```
    pub fn consistent_hash(routees: impl Into<Routees<A>>) -> KeyedRouter<A> {
        KeyedRouter::new(routees.into())
    }

    /// All of them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Router;
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
    /// let workers = [system.start("a", Worker, 10), system.start("b", Worker, 20)];
    /// let mut sums = Vec::new();
    /// for (_, result) in Router::broadcast(workers).send(WorkerAdd { n: 1 }).await {
    ///     sums.push(result?);
    /// }
    /// assert_eq!(sums, [11, 21]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn broadcast(routees: impl Into<Routees<A>>) -> Broadcast<A> {
        Broadcast::new(routees.into())
    }

    /// All of them, for whichever answer comes first.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Router;
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
    /// let mirrors = [system.start("a", Worker, 10), system.start("b", Worker, 20)];
    /// system.stop("a");
    /// assert_eq!(Router::first_response(mirrors).send(WorkerAdd { n: 1 }).await?, 21);
    /// # Ok(())
    /// # }
    /// ```
    pub fn first_response(routees: impl Into<Routees<A>>) -> FirstResponse<A> {
        FirstResponse::new(routees.into())
    }

    /// A message to whoever's turn it is; awaiting it asks.
    ///
    /// If that actor has stopped, or never started, the message goes to the next one, at most once around.
    /// It is handed over, not copied; so if an actor has taken it in and stops before its turn comes, that
    /// is a [`Stopped`](crate::SendError::Stopped) for the sender, unless the router [keeps a
    /// copy](Routed::keep_copy).
    ///
    /// # Errors
    ///
    /// Awaiting gives a [`RouteError`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Router;
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
    /// let router = Router::round_robin([system.start("a", Worker, 10), system.start("b", Worker, 20)]);
    /// system.stop("a");
    /// assert_eq!(router.send(WorkerAdd { n: 1 }).await?, 21); // it was the turn of `a`
    /// # Ok(())
    /// # }
    /// ```
    pub fn send<M: Message>(&self, message: M) -> Routed<A, M>
    where
        A: Accepts<M>,
    {
        Routed::new(self.round(), message)
    }

    /// Sends without waiting for the handler: awaiting it waits for a place in the mailbox only. It is never
    /// copied.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done takes the message back.
    ///
    /// # Errors
    ///
    /// A [`RouteError`] whose delivery is `Never`: no actor has accepted the message.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Router;
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
    /// let worker = system.start("worker", Worker, 10);
    /// let router = Router::round_robin([worker.clone()]);
    /// router.tell(WorkerAdd { n: 1 }).await?;
    /// assert_eq!(worker.add(0).await?, 11);
    /// # Ok(())
    /// # }
    /// ```
    pub fn tell<M: Message>(
        &self,
        message: M,
    ) -> impl Future<Output = Result<(), RouteError>> + Send + 'static + use<A, M>
    where
        A: Accepts<M>,
    {
        self.round().tell(message)
    }

    /// Who may be sent to now.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{ReceptionKey, Router};
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
    /// let router = Router::random(system.listing(&key));
    /// assert!(router.routees().is_empty());
    ///
    /// let worker = system.start("worker", Worker, 0);
    /// system.join_group(&key, &worker)?;
    /// assert_eq!(router.routees(), [worker]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn routees(&self) -> Vec<Endpoint<A>> {
        self.routees.endpoints()
    }

    fn new(routees: Routees<A>, turn: Turn) -> Self {
        Self { routees: Arc::new(routees), turn: Arc::new(turn) }
    }

    fn round(&self) -> Round<A> {
        Round::new(self.routees.clone(), Choice::Turn(self.turn.clone()))
    }
}

impl<A: Handlers> Clone for Router<A> {
    fn clone(&self) -> Self {
        Self { routees: self.routees.clone(), turn: self.turn.clone() }
    }
}

impl<A: Handlers> fmt::Debug for Router<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("turn", &self.turn).field("routees", &self.routees).finish()
    }
}
