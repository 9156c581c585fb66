//! Sending without waiting for an answer.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::outgoing::{self, Outgoing, Tried};
use super::{Failed, Request};
use crate::endpoint::Way;
use crate::mailbox::NotTaken;
use crate::{Accepts, Delivery, Endpoint, Handlers, Message, SendError};

/// A message to be sent without waiting for its handler. Awaiting it waits for a place, at most
/// `mailbox_wait`.
///
/// # Cancel safety
///
/// Dropping it before it is done takes the message back; if it had been polled as an ask before, it cancels that,
/// as dropping the [`Request`] does.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use murmer::ActorOptions;
///
/// let options = ActorOptions::default().mailbox(1);
/// let prepared = System::local().prepare::<Counter>("counter", options)?;
/// let counter = prepared.endpoint();
/// counter.add(1).tell().await?;
/// let second = counter.add(10).tell(); // finds it full, and waits for a place
/// assert!(tokio::time::timeout(Duration::from_secs(1), second).await.is_err()); // dropped: taken back
///
/// prepared.start(Counter, 0);
/// assert_eq!(counter.add(0).await?, 1);
/// # Ok(()) }
/// ```
#[must_use = "a tell does nothing until it is awaited"]
pub struct Tell<A: Handlers, M: Message> {
    step: Step<A, M>,
    is_patient: bool,
}

enum Step<A: Handlers, M: Message> {
    Fresh(Endpoint<A>, M),
    Sending(Box<Outgoing<A, M>>),
    /// It was on its way as an ask already.
    Asked(Box<Request<A, M>>),
    Failed(Failed<M>),
    Done,
}

impl<A: Handlers, M: Message> Tell<A, M> {
    #[inline]
    pub(super) const fn new(endpoint: Endpoint<A>, message: M) -> Self {
        Self { step: Step::Fresh(endpoint, message), is_patient: false }
    }

    pub(super) fn asked(request: Request<A, M>) -> Self {
        Self { step: Step::Asked(Box::new(request)), is_patient: false }
    }

    /// It was asked, in vain.
    pub(super) const fn failed(failed: Failed<M>) -> Self {
        Self { step: Step::Failed(failed), is_patient: false }
    }

    /// There is nothing to send any more.
    pub(super) const fn done() -> Self {
        Self { step: Step::Done, is_patient: false }
    }

    /// The message, after an error, if the actor had not even taken it in.
    pub(crate) fn take_back(&mut self) -> Option<M> {
        match core::mem::replace(&mut self.step, Step::Done) {
            Step::Fresh(_, message) => Some(message),
            Step::Failed(failed) => failed.1,
            Step::Sending(mut outgoing) => outgoing.take_back(),
            Step::Asked(mut request) => request.take_back(),
            Step::Done => None,
        }
    }

    /// Waits for a place for as long as it takes: for senders that end with their actor.
    pub(crate) const fn patiently(mut self) -> Self {
        self.is_patient = true;
        self
    }

    #[cold]
    fn fail(&mut self, error: SendError, message: Option<M>) -> SendError {
        self.step = Step::Failed(Box::new((error.clone(), message)));
        error
    }

    fn poll_sending(
        &mut self,
        cx: &mut Context<'_>,
        mut outgoing: Box<Outgoing<A, M>>,
    ) -> Poll<Result<(), SendError>>
    where
        A: Accepts<M>,
    {
        match outgoing.poll(cx, None) {
            Poll::Ready(Ok(_)) => Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.fail(error, outgoing.take_back()))),
            Poll::Pending => {
                self.step = Step::Sending(outgoing);
                Poll::Pending
            }
        }
    }
}

impl<A: Handlers, M: Message> Unpin for Tell<A, M> {}

impl<A: Accepts<M>, M: Message> Future for Tell<A, M> {
    type Output = Result<(), SendError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match core::mem::replace(&mut this.step, Step::Done) {
            Step::Fresh(endpoint, message) => match outgoing::tell(cx, endpoint, message) {
                Tried::Accepted(()) => Poll::Ready(Ok(())),
                Tried::Waits(mut outgoing) => {
                    if this.is_patient {
                        outgoing.set_patient();
                    }
                    this.poll_sending(cx, outgoing)
                }
                Tried::Refused(error, message) => Poll::Ready(Err(this.fail(error, message))),
            },
            Step::Sending(outgoing) => this.poll_sending(cx, outgoing),
            Step::Asked(mut request) => {
                let answer = Pin::new(&mut *request).poll(cx);
                if answer.is_pending() {
                    this.step = Step::Asked(request);
                }
                answer.map(|answer| match answer {
                    Err(error) if error.delivery() != Delivery::Handled => Err(error),
                    // Whatever came of it: it was handled.
                    Ok(_) | Err(_) => Ok(()),
                })
            }
            // Asked in vain before, or polled again: still not sent.
            Step::Failed(failed) => Poll::Ready(Err(failed.0)),
            Step::Done => Poll::Ready(Ok(())),
        }
    }
}

impl<A: Handlers, M: Message> fmt::Debug for Tell<A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tell").field("message", &M::NAME).finish()
    }
}

/// A message that was not sent, and why.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use murmer::TrySendError;
///
/// let counter = System::local().start("counter", Counter, 0);
/// counter.control().stop();
/// match counter.try_tell(CounterAdd { by: 1 }) {
///     Ok(()) => println!("there was room"),
///     Err(TrySendError::Full(_)) => println!("later, perhaps"),
///     Err(error) => assert!(matches!(error, TrySendError::Failed { source: SendError::Stopped, .. })),
/// }
/// # assert!(counter.try_tell(CounterAdd { by: 1 }).is_err());
/// # }
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TrySendError<M> {
    /// There is no room now. The message was not sent.
    #[error("mailbox is full")]
    Full(M),
    /// It can't be sent at all, for a reason that waiting doesn't cure.
    #[error("message can't be sent")]
    Failed {
        /// What was to be sent.
        message: M,
        /// Why not. Its delivery is `Never`.
        source: SendError,
    },
}

impl<M> TrySendError<M> {
    /// The message.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ActorOptions;
    ///
    /// let options = ActorOptions::default().mailbox(1);
    /// let counter = System::local().try_start("counter", Counter, 0, options)?;
    /// counter.try_tell(CounterAdd { by: 1 })?;
    /// let Err(full) = counter.try_tell(CounterAdd { by: 41 }) else { panic!("there was room") };
    /// counter.tell(full.into_message()).await?; // the same, if need be with a wait
    /// assert_eq!(counter.add(0).await?, 42);
    /// # Ok(()) }
    /// ```
    pub fn into_message(self) -> M {
        match self {
            Self::Full(message) | Self::Failed { message, .. } => message,
        }
    }
}

impl<M> fmt::Debug for TrySendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(_) => f.write_str("Full(..)"),
            Self::Failed { source, .. } => {
                f.debug_struct("Failed").field("source", source).finish_non_exhaustive()
            }
        }
    }
}

pub(crate) fn try_tell<A: Accepts<M>, M: Message>(
    endpoint: &Endpoint<A>,
    message: M,
) -> Result<(), TrySendError<M>> {
    match endpoint.way() {
        Way::Near(near) => {
            let back = |envelope| A::unwrap(envelope).expect("what was wrapped as this message is one");
            near.mailbox.try_push(A::wrap(message, None)).map_err(|not_taken| match not_taken {
                NotTaken::Full(envelope) => TrySendError::Full(back(envelope)),
                NotTaken::Closed(envelope) => {
                    TrySendError::Failed { message: back(envelope), source: SendError::Stopped }
                }
            })
        }
        Way::Far(far) => {
            let mut ticket = None;
            let mut cx = Context::from_waker(Waker::noop());
            match outgoing::call::<A, M>(far, &mut cx, &message, &mut None, &mut ticket, None) {
                Poll::Ready(Ok(_)) => Ok(()),
                Poll::Ready(Err(source)) => Err(TrySendError::Failed { message, source }),
                Poll::Pending => {
                    if let Some(ticket) = ticket {
                        far.withdraw(ticket);
                    }
                    Err(TrySendError::Full(message))
                }
            }
        }
        Way::Void(void) => Err(TrySendError::Failed { message, source: void.error() }),
    }
}
