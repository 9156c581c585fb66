//! A message to one of several actors, as a value.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use tokio::time::Instant;

use super::RouteError;
use super::round::{Round, is_gone};
use crate::{Accepts, Endpoint, Handlers, Message, Request};

/// A message for one of a router's actors. Awaiting it chooses one and asks. See
/// [`Router::send`](super::Router::send).
///
/// `Send` and `'static` whenever the message is.
///
/// # Cancel safety
///
/// As for a [`Request`]: dropping it cancels the ask.
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
/// let router = Router::round_robin([system.start("worker", Worker, 10)]);
/// let job = router.send(WorkerAdd { n: 1 }); // nothing is sent yet
/// drop(router);
/// assert_eq!(tokio::spawn(job).await??, 11);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Routed<A: Handlers, M: Message> {
    round: Round<A>,
    timeout: Option<Duration>,
    /// Known from the first poll on.
    until: Option<Instant>,
    copy: Option<fn(&M) -> M>,
    step: Step<A, M>,
}

enum Step<A: Handlers, M: Message> {
    Fresh(M),
    Asking { request: Request<A, M>, copy: Option<M> },
    Done,
}

impl<A: Handlers, M: Message> Routed<A, M> {
    pub(super) const fn new(round: Round<A>, message: M) -> Self {
        Self { round, timeout: None, until: None, copy: None, step: Step::Fresh(message) }
    }

    /// Gives up `after` this long, counted from the first poll and over all actors that are tried.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::{ActorOptions, RouteError, Router};
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
    /// let router = Router::round_robin([busy.endpoint()]);
    /// let answer = router.send(WorkerAdd { n: 1 }).timeout(Duration::from_millis(50)).await;
    /// assert!(matches!(answer, Err(RouteError::Failed(SendError::TimedOut { .. }))));
    /// # Ok(())
    /// # }
    /// ```
    pub const fn timeout(mut self, after: Duration) -> Self {
        self.timeout = Some(after);
        self
    }

    /// Keeps a copy of the message while there are others to try, so that it also goes to the next one if an
    /// actor has taken it in and stops before its turn comes. It was not handled then: there are never two
    /// of it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{ActorOptions, Router};
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
    /// let busy = system.prepare::<Worker>("busy", ActorOptions::default())?; // takes messages, and waits
    /// let router = Router::round_robin([busy.endpoint(), system.start("b", Worker, 20)]);
    /// let job = router.send(WorkerAdd { n: 1 }).keep_copy();
    /// let (sum, ()) = tokio::join!(biased; job, async { drop(busy) }); // it is over before it began
    /// assert_eq!(sum?, 21);
    /// # Ok(())
    /// # }
    /// ```
    pub fn keep_copy(mut self) -> Self
    where
        M: Clone,
    {
        self.copy = Some(M::clone);
        self
    }
}

impl<A: Accepts<M>, M: Message> Routed<A, M> {
    fn ask(&mut self, endpoint: &Endpoint<A>, message: M) -> Step<A, M> {
        let copy = self.copy.filter(|_| self.round.goes_on()).map(|copy| copy(&message));
        let mut request = endpoint.send(message);
        if let Some(after) = self.timeout {
            let now = Instant::now();
            // Longer than time itself is no limit.
            self.until = self.until.or_else(|| now.checked_add(after));
            request = request.timeout(self.until.map_or(after, |at| at.saturating_duration_since(now)));
        }
        Step::Asking { request, copy }
    }
}

// Nothing in here is ever pinned in place, whatever the message is.
impl<A: Handlers, M: Message> Unpin for Routed<A, M> {}

impl<A: Accepts<M>, M: Message> Future for Routed<A, M> {
    type Output = Result<M::Reply, RouteError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut failed = None;
        loop {
            if let Step::Asking { request, copy } = &mut this.step {
                let result = ready!(Pin::new(&mut *request).poll(cx));
                let left = match &result {
                    Err(error) if is_gone(error) => request.take_back().or_else(|| copy.take()),
                    Ok(_) | Err(_) => None,
                };
                let Some(message) = left else {
                    this.step = Step::Done;
                    return Poll::Ready(result.map_err(RouteError::Failed));
                };
                this.step = Step::Fresh(message);
                failed = result.err();
            }
            let next = this.round.next();
            match (core::mem::replace(&mut this.step, Step::Done), next) {
                (Step::Fresh(message), Some(endpoint)) => this.step = this.ask(&endpoint, message),
                (Step::Fresh(_), None) => {
                    return Poll::Ready(Err(failed.map_or(RouteError::NoMembers, RouteError::Failed)));
                }
                (Step::Asking { .. } | Step::Done, _) => panic!("a request was polled after it had ended"),
            }
        }
    }
}

impl<A: Handlers, M: Message> fmt::Debug for Routed<A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routed").field("message", &M::NAME).field("timeout", &self.timeout).finish()
    }
}
