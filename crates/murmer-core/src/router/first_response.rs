//! Asking all, for the fastest answer.

use core::fmt;
use core::future::poll_fn;
use core::time::Duration;
use std::sync::Arc;

use super::broadcast::copies;
use super::together::Together;
use super::{FirstResponseError, Routees};
use crate::{Accepts, Handlers, Message};

/// Asks all of several actors and takes the answer that comes first. Made by
/// [`Router::first_response`](super::Router::first_response).
///
/// For work that may be done more than once: all may handle the message. Each gets a copy of it, the last one
/// the message itself; so it has to be `Clone`, as messages of `#[handlers(clone)]` are.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{ActorOptions, Router};
///
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
/// let mirrors = Router::first_response([busy.endpoint(), system.start("idle", Worker, 20)]);
/// assert_eq!(mirrors.send(WorkerAdd { n: 1 }).await?, 21);
/// # Ok(())
/// # }
/// ```
pub struct FirstResponse<A: Handlers> {
    routees: Arc<Routees<A>>,
}

impl<A: Handlers> FirstResponse<A> {
    pub(super) fn new(routees: Routees<A>) -> Self {
        Self { routees: Arc::new(routees) }
    }

    /// Asks all at once. The first answer is it, whatever it says; the other asks are dropped, so that those
    /// whose turn has not come are not handled, and those being handled can see that nobody waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping it cancels all of them.
    ///
    /// # Errors
    ///
    /// [`FirstResponseError`], once all have failed.
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
    /// let mirrors = Router::first_response([system.start("a", Worker, 10), system.start("b", Worker, 20)]);
    /// system.stop("a");
    /// assert_eq!(mirrors.send(WorkerAdd { n: 1 }).await?, 21);
    /// # Ok(())
    /// # }
    /// ```
    pub fn send<M: Message + Clone>(
        &self,
        message: M,
    ) -> impl Future<Output = Result<M::Reply, FirstResponseError>> + Send + 'static + use<A, M>
    where
        A: Accepts<M>,
    {
        self.ask(message, None)
    }

    /// The same, giving up `after` this long.
    ///
    /// # Cancel safety
    ///
    /// As for [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// [`FirstResponseError`], once all have failed or the time is over.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::{ActorOptions, FirstResponseError, Router};
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
    /// let mirrors = Router::first_response([busy.endpoint()]);
    /// let answer = mirrors.send_within(Duration::from_millis(50), WorkerAdd { n: 1 }).await;
    /// assert!(matches!(answer, Err(FirstResponseError::AllFailed { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_within<M: Message + Clone>(
        &self,
        after: Duration,
        message: M,
    ) -> impl Future<Output = Result<M::Reply, FirstResponseError>> + Send + 'static + use<A, M>
    where
        A: Accepts<M>,
    {
        self.ask(message, Some(after))
    }

    fn ask<M: Message + Clone>(
        &self,
        message: M,
        timeout: Option<Duration>,
    ) -> impl Future<Output = Result<M::Reply, FirstResponseError>> + Send + 'static + use<A, M>
    where
        A: Accepts<M>,
    {
        let routees = self.routees.clone();
        async move {
            let to = routees.endpoints();
            if to.is_empty() {
                return Err(FirstResponseError::NoMembers);
            }
            let asks = copies(message, to.len()).zip(&to).map(|(copy, to)| match timeout {
                Some(after) => to.send(copy).timeout(after),
                None => to.send(copy),
            });
            let mut together = Together::new(asks.collect());
            let mut failures = Vec::new();
            while let Some((at, result)) = poll_fn(|cx| together.poll_next(cx)).await {
                match result {
                    Ok(reply) => return Ok(reply),
                    Err(error) => failures.push((to[at].id(), error)),
                }
            }
            Err(FirstResponseError::AllFailed { failures })
        }
    }
}

impl<A: Handlers> Clone for FirstResponse<A> {
    fn clone(&self) -> Self {
        Self { routees: self.routees.clone() }
    }
}

impl<A: Handlers> fmt::Debug for FirstResponse<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstResponse").field("routees", &self.routees).finish()
    }
}
