//! A message as a value: an ask when awaited, a tell if so told.
//!
//! [`outgoing`] gets the message into the mailbox, or into the buffer towards another node, and
//! gives up after `mailbox_wait`. [`Request`] and [`Tell`] are what comes around it: waiting for the
//! answer, or not.

mod flat;
mod forward;
mod outgoing;
mod tell;
mod waiting;

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use tokio::time::{Instant, Sleep};

pub use self::flat::Flat;
pub(crate) use self::forward::forward;
use self::outgoing::{Answer, Outgoing, Tried};
pub(crate) use self::tell::try_tell;
pub use self::tell::{Tell, TrySendError};
use self::waiting::Waiting;
use crate::deadline::Deadline;
use crate::{Accepts, Delivery, Endpoint, Handlers, Message, SendError, current};

/// A message not sent yet. Awaiting it asks: sends, and waits for the handler's answer.
///
/// `Send` and `'static` whenever the message is, so it can be spawned, joined and selected.
///
/// # Cancel safety
///
/// Dropping it cancels the ask: a message whose turn has not come is not handled, one that is being handled
/// may be, and its handler can see that nobody waits ([`ReplyTo::is_wanted`](crate::ReplyTo::is_wanted)).
///
/// # Panics
///
/// When it is polled again after it has ended.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let counter = System::local().start("counter", Counter, 0);
/// let (one, two) = tokio::join!(biased; counter.add(1), counter.add(1)); // in this order
/// assert_eq!((one?, two?), (1, 2));
///
/// let ask = tokio::spawn(counter.add(1)); // goes on beside this
/// assert_eq!(ask.await??, 3);
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is awaited"]
pub struct Request<A: Handlers, M: Message> {
    step: Step<A, M>,
    /// How long it may take in all: what was set, or from the first poll on what was inherited.
    timeout: Option<Duration>,
    /// When that is over. Known from the first poll on.
    due: Option<Deadline>,
    timer: Option<Pin<Box<Sleep>>>,
}

enum Step<A: Handlers, M: Message> {
    Fresh(Endpoint<A>, M),
    Sending(Box<Outgoing<A, M>>),
    Waiting(Answer<M>),
    Failed(Failed<M>),
    Done,
}

/// It has ended with this error; the message is the sender's again if it was never accepted.
type Failed<M> = Box<(SendError, Option<M>)>;

/// By when an answer is due.
#[derive(Debug, Clone, Copy)]
struct Limit {
    due: Deadline,
    after: Duration,
}

impl<A: Handlers, M: Message> Request<A, M> {
    pub(crate) const fn new(endpoint: Endpoint<A>, message: M) -> Self {
        Self { step: Step::Fresh(endpoint, message), timeout: None, due: None, timer: None }
    }

    /// Gives up `after` this long, counted from the first poll: [`SendError::TimedOut`].
    ///
    /// Without it an ask made in a handler may take as long as the message in hand may; any other local ask
    /// waits as long as its handler runs, a remote one 30 s.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Sleeper;
    /// # impl Actor for Sleeper { type State = (); }
    /// # #[handlers] impl Sleeper {
    /// #     #[handler] async fn nap(&mut self) { tokio::time::sleep(Duration::from_secs(3_600)).await }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let sleeper = System::local().start("sleeper", Sleeper, ());
    /// let second = Duration::from_secs(1);
    /// let error = sleeper.nap().timeout(second).await.unwrap_err();
    /// assert!(matches!(error, SendError::TimedOut { after, .. } if after == second));
    /// # }
    /// ```
    pub const fn timeout(mut self, after: Duration) -> Self {
        self.timeout = Some(after);
        self
    }

    /// Sends without waiting for the handler: done once the message has been accepted, in order.
    ///
    /// At most once: a message accepted for an actor that then stops, or whose node is then lost,
    /// is gone. A request that has been polled has asked already, and goes on as it began: then this is done
    /// once the message has been handled, and its answer is dropped. What it has ended with, if that was an error,
    /// this ends with as well.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let counter = System::local().start("counter", Counter, 0);
    /// counter.add(1).tell().await?; // accepted; its turn comes
    /// assert_eq!(counter.add(1).await?, 2);
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn tell(self) -> Tell<A, M> {
        match self.step {
            Step::Fresh(endpoint, message) => Tell::new(endpoint, message),
            Step::Sending(_) | Step::Waiting(_) => Tell::asked(self),
            Step::Failed(failed) => Tell::failed(failed),
            Step::Done => Tell::done(),
        }
    }

    /// For handlers that return a `Result`: what can go wrong with the message becomes an error of theirs,
    /// so that one `?` does.
    ///
    /// [`SendError`] doesn't travel, so an error that holds one is for `#[handlers(local)]`; that of other
    /// actors keeps what it needs of it, as text, say.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// #[derive(Debug)]
    /// pub enum DrawError {
    ///     TooLittle { there: u64 },
    ///     Send(SendError),
    /// }
    ///
    /// impl From<SendError> for DrawError {
    ///     fn from(error: SendError) -> Self {
    ///         Self::Send(error)
    ///     }
    /// }
    /// # struct Account;
    /// # impl Actor for Account { type State = u64; }
    /// # #[handlers(local)] impl Account {
    /// #     #[handler] fn draw(&mut self, there: &mut u64, cents: u64) -> Result<u64, DrawError> {
    /// #         *there = there.checked_sub(cents).ok_or(DrawError::TooLittle { there: *there })?;
    /// #         Ok(*there)
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), DrawError> {
    ///
    /// let account = System::local().start("account", Account, 100);
    /// assert_eq!(account.draw(30).flat().await?, 70);
    /// assert!(matches!(account.draw(99).flat().await, Err(DrawError::TooLittle { there: 70 })));
    ///
    /// account.control().stop();
    /// assert!(matches!(account.draw(1).flat().await, Err(DrawError::Send(SendError::Stopped))));
    /// # Ok(()) }
    /// ```
    pub fn flat<T, E>(self) -> Flat<A, M>
    where
        M: Message<Reply = Result<T, E>>,
        E: From<SendError>,
    {
        Flat::new(self)
    }

    /// The message, after an error, if the actor had not even taken it in.
    pub(crate) fn take_back(&mut self) -> Option<M> {
        match core::mem::replace(&mut self.step, Step::Done) {
            Step::Failed(failed) => failed.1,
            Step::Fresh(..) | Step::Sending(_) | Step::Waiting(_) | Step::Done => None,
        }
    }

    /// At the first poll: its own time, or what is left for the message in hand.
    fn begin(&mut self) {
        let at = match self.timeout {
            // Longer than time itself is no limit.
            Some(after) => Instant::now().checked_add(after),
            None => current::deadline().inspect(|at| {
                self.timeout = Some(at.saturating_duration_since(Instant::now()));
            }),
        };
        self.due = at.and_then(Deadline::new);
    }

    fn limit(&self) -> Option<Limit> {
        Some(Limit { due: self.due?, after: self.timeout? })
    }

    fn poll_timeout(&mut self, cx: &mut Context<'_>, delivery: Delivery) -> Poll<SendError> {
        let Some(Limit { due, after }) = self.limit() else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due.at())));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(SendError::TimedOut { after, delivery })
    }

    /// It has ended; what it is told to be after that is an error, too.
    #[cold]
    fn fail(&mut self, error: SendError, message: Option<M>) -> SendError {
        self.step = Step::Failed(Box::new((error.clone(), message)));
        error
    }

    fn poll_sending(
        &mut self,
        cx: &mut Context<'_>,
        mut outgoing: Box<Outgoing<A, M>>,
    ) -> Poll<Result<Answer<M>, SendError>>
    where
        A: Accepts<M>,
    {
        match outgoing.poll(cx, self.limit().map(|limit| limit.after)) {
            // There is one for every ask; its absence would be a refusal.
            Poll::Ready(Ok(answer)) => Poll::Ready(answer.ok_or(SendError::Stopped)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.fail(error, outgoing.take_back()))),
            Poll::Pending => match self.poll_timeout(cx, Delivery::Never) {
                // Taken back, unless the actor took it since we last looked.
                Poll::Ready(SendError::TimedOut { after, .. }) if outgoing.withdraw() => Poll::Ready(Err(
                    self.fail(SendError::TimedOut { after, delivery: Delivery::Maybe }, None),
                )),
                Poll::Ready(error) => Poll::Ready(Err(self.fail(error, None))),
                Poll::Pending => {
                    self.step = Step::Sending(outgoing);
                    Poll::Pending
                }
            },
        }
    }
}

// Nothing in here is ever pinned in place, whatever the message is.
impl<A: Handlers, M: Message> Unpin for Request<A, M> {}

impl<A: Accepts<M>, M: Message> Future for Request<A, M> {
    type Output = Result<M::Reply, SendError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut answer = match core::mem::replace(&mut this.step, Step::Done) {
            Step::Waiting(answer) => answer,
            Step::Fresh(endpoint, message) => {
                this.begin();
                match outgoing::ask(cx, endpoint, message, this.limit()) {
                    Tried::Accepted(answer) => answer,
                    Tried::Waits(outgoing) => ready!(this.poll_sending(cx, outgoing))?,
                    Tried::Refused(error, message) => return Poll::Ready(Err(this.fail(error, message))),
                }
            }
            Step::Sending(outgoing) => ready!(this.poll_sending(cx, outgoing))?,
            Step::Failed(_) | Step::Done => panic!("a request was polled after it had ended"),
        };
        if let Poll::Ready(result) = answer.poll(cx) {
            return Poll::Ready(result.map_err(|error| this.fail(timed_out(error, this.limit()), None)));
        }
        if let Poll::Ready(error) = this.poll_timeout(cx, Delivery::Maybe) {
            return Poll::Ready(Err(this.fail(error, None)));
        }
        this.step = Step::Waiting(answer);
        Poll::Pending
    }
}

/// Whoever let an expired message go knows that it was too late, and not how much time it had.
fn timed_out(mut error: SendError, limit: Option<Limit>) -> SendError {
    if let (SendError::TimedOut { after, delivery: Delivery::Never }, Some(limit)) = (&mut error, limit) {
        *after = limit.after;
    }
    error
}

impl<A: Handlers, M: Message> fmt::Debug for Request<A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("message", &M::NAME).field("timeout", &self.timeout).finish()
    }
}
