//! Sending to all.

use core::fmt;
use core::future::poll_fn;
use core::time::Duration;
use std::sync::Arc;

use super::Routees;
use super::together::Together;
use crate::{Accepts, Endpoint, Handlers, Message, SendError};

/// Sends each message to all of several actors. Made by [`Router::broadcast`](super::Router::broadcast).
///
/// Results come one per actor, in the actors' order, whatever became of each; with nobody to send to there
/// are none, which is no error. Each actor gets a copy of the message, the last one the message itself; so it
/// has to be `Clone`, as messages of `#[handlers(clone)]` are.
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
/// # let key = ReceptionKey::new("workers")?;
/// let all = Router::broadcast(system.listing(&key));
/// for sum in [10, 20] {
///     system.join_group(&key, &system.start_anonymous(Worker, sum))?;
/// }
/// let outcomes = all.send(WorkerAdd { n: 1 }).await;
/// assert!(matches!(outcomes[..], [(_, Ok(11)), (_, Ok(21))]));
/// # Ok(())
/// # }
/// ```
pub struct Broadcast<A: Handlers> {
    routees: Arc<Routees<A>>,
}

/// What became of a message to several actors, one by one, in their order.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{Outcomes, Router};
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// /// Who is to be replaced.
/// fn failed(outcomes: Outcomes<Worker, u64>) -> Vec<Endpoint<Worker>> {
///     outcomes.into_iter().filter(|(_, result)| result.is_err()).map(|(worker, _)| worker).collect()
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let (a, b) = (system.start("a", Worker, 10), system.start("b", Worker, 20));
/// system.stop("b");
/// let outcomes = Router::broadcast([a, b.clone()]).send(WorkerAdd { n: 1 }).await;
/// assert_eq!(failed(outcomes), [b]);
/// # Ok(())
/// # }
/// ```
pub type Outcomes<A, R> = Vec<(Endpoint<A>, Result<R, SendError>)>;

impl<A: Handlers> Broadcast<A> {
    pub(super) fn new(routees: Routees<A>) -> Self {
        Self { routees: Arc::new(routees) }
    }

    /// Asks all at once, and waits for all: as long as the slowest takes.
    ///
    /// # Cancel safety
    ///
    /// Dropping it cancels those asks that have not been answered.
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
    /// let all = Router::broadcast([system.start("a", Worker, 10), system.start("b", Worker, 20)]);
    /// system.stop("a");
    /// let outcomes = all.send(WorkerAdd { n: 1 }).await;
    /// assert!(matches!(outcomes[..], [(_, Err(SendError::Stopped)), (_, Ok(21))]));
    /// # Ok(())
    /// # }
    /// ```
    pub fn send<M: Message + Clone>(
        &self,
        message: M,
    ) -> impl Future<Output = Outcomes<A, M::Reply>> + Send + 'static + use<A, M>
    where
        A: Accepts<M>,
    {
        self.ask(message, None)
    }

    /// The same, giving up `after` this long on those that have not answered by then.
    ///
    /// # Cancel safety
    ///
    /// As for [`send`](Self::send).
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::{ActorOptions, Router};
    /// # struct Worker;
    /// # impl Actor for Worker { type State = u64; }
    /// # #[handlers(clone)]
    /// # impl Worker {
    /// #     #[handler]
    /// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let busy = system.prepare::<Worker>("busy", ActorOptions::default())?; // takes messages, and waits
    /// let all = Router::broadcast([system.start("a", Worker, 10), busy.endpoint()]);
    /// let outcomes = all.send_within(Duration::from_millis(50), WorkerAdd { n: 1 }).await;
    /// assert!(matches!(outcomes[..], [(_, Ok(11)), (_, Err(SendError::TimedOut { .. }))]));
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_within<M: Message + Clone>(
        &self,
        after: Duration,
        message: M,
    ) -> impl Future<Output = Outcomes<A, M::Reply>> + Send + 'static + use<A, M>
    where
        A: Accepts<M>,
    {
        self.ask(message, Some(after))
    }

    /// Tells all at once, and waits for a place in each mailbox, but for no handler.
    ///
    /// # Cancel safety
    ///
    /// Dropping it takes those messages back that have found no place.
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
    /// let (a, b) = (system.start("a", Worker, 10), system.start("b", Worker, 20));
    /// let outcomes = Router::broadcast([a.clone(), b.clone()]).tell(WorkerAdd { n: 1 }).await;
    /// assert!(outcomes.iter().all(|(_, accepted)| accepted.is_ok()));
    /// assert_eq!((a.add(0).await?, b.add(0).await?), (11, 21));
    /// # Ok(())
    /// # }
    /// ```
    pub fn tell<M: Message + Clone>(
        &self,
        message: M,
    ) -> impl Future<Output = Outcomes<A, ()>> + Send + 'static + use<A, M>
    where
        A: Accepts<M>,
    {
        let routees = self.routees.clone();
        async move {
            let to = routees.endpoints();
            let tells = copies(message, to.len()).zip(&to).map(|(copy, to)| to.tell(copy)).collect();
            all(to, tells).await
        }
    }

    /// Who is sent to now.
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
    /// let all = Router::broadcast(system.listing(&key));
    /// let worker = system.start("worker", Worker, 0);
    /// system.join_group(&key, &worker)?;
    /// assert_eq!(all.routees(), [worker]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn routees(&self) -> Vec<Endpoint<A>> {
        self.routees.endpoints()
    }

    fn ask<M: Message + Clone>(
        &self,
        message: M,
        timeout: Option<Duration>,
    ) -> impl Future<Output = Outcomes<A, M::Reply>> + Send + 'static + use<A, M>
    where
        A: Accepts<M>,
    {
        let routees = self.routees.clone();
        async move {
            let to = routees.endpoints();
            let asks = copies(message, to.len()).zip(&to).map(|(copy, to)| match timeout {
                Some(after) => to.send(copy).timeout(after),
                None => to.send(copy),
            });
            let asks = asks.collect();
            all(to, asks).await
        }
    }
}

/// `n` times the message; cloned only as often as it must be.
pub(super) fn copies<M: Clone>(message: M, n: usize) -> impl Iterator<Item = M> {
    let mut last = Some(message);
    (0..n).filter_map(move |at| if at + 1 == n { last.take() } else { last.clone() })
}

/// What becomes of each, in order.
async fn all<A: Handlers, F: Future + Unpin>(
    to: Vec<Endpoint<A>>,
    futures: Vec<F>,
) -> Vec<(Endpoint<A>, F::Output)> {
    let mut results: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    let mut together = Together::new(futures);
    while let Some((at, result)) = poll_fn(|cx| together.poll_next(cx)).await {
        results[at] = Some(result);
    }
    to.into_iter().zip(results.into_iter().flatten()).collect()
}

impl<A: Handlers> Clone for Broadcast<A> {
    fn clone(&self) -> Self {
        Self { routees: self.routees.clone() }
    }
}

impl<A: Handlers> fmt::Debug for Broadcast<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast").field("routees", &self.routees).finish()
    }
}
