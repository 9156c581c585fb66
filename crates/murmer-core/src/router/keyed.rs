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
///
/// # Examples
///
/// ```
/// use murmer::Router;
/// use murmer::prelude::*;
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
/// let [a, b, c] = ["a", "b", "c"].map(|label| system.start(label, Worker, 0));
/// let two = Router::consistent_hash([a.clone(), b.clone()]);
/// let three = Router::consistent_hash([a, b, c.clone()]);
/// for user in 0..1_000 {
///     let (before, after) = (two.routee(&user), three.routee(&user));
///     assert!(after == before || after.as_ref() == Some(&c)); // no key moves but to the new one
/// }
/// # Ok(())
/// # }
/// ```
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
    /// let router = Router::consistent_hash([system.start("a", Worker, 0), system.start("b", Worker, 0)]);
    /// assert_eq!(router.send("ada", WorkerAdd { n: 1 }).await?, 1);
    /// assert_eq!(router.send("ada", WorkerAdd { n: 1 }).await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn send<M: Message>(&self, key: &(impl Hash + ?Sized), message: M) -> Routed<A, M>
    where
        A: Accepts<M>,
    {
        Routed::new(self.round(key), message)
    }

    /// Sends without waiting for the handler. See [`Router::tell`](super::Router::tell).
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is done takes the message back.
    ///
    /// # Errors
    ///
    /// A [`RouteError`] whose delivery is `Never`.
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
    /// let router = Router::consistent_hash([system.start("a", Worker, 0), system.start("b", Worker, 0)]);
    /// router.tell("ada", WorkerAdd { n: 1 }).await?;
    /// assert_eq!(router.send("ada", WorkerAdd { n: 1 }).await?, 2); // behind what was told
    /// # Ok(())
    /// # }
    /// ```
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
    /// let router = Router::consistent_hash([system.start("a", Worker, 0), system.start("b", Worker, 0)]);
    /// let worker = router.routee("ada").ok_or("nobody there")?;
    /// worker.add(1).await?;
    /// assert_eq!(router.send("ada", WorkerAdd { n: 1 }).await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn routee(&self, key: &(impl Hash + ?Sized)) -> Option<Endpoint<A>> {
        self.round(key).next()
    }

    /// Who may be sent to now.
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
    /// let router = Router::consistent_hash(workers.clone());
    /// assert_eq!(router.routees(), workers);
    /// # Ok(())
    /// # }
    /// ```
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
