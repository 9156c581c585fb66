//! A message as a value: an ask when awaited, a tell if so told.
//!
//! [`Outgoing`] gets the message into the mailbox, or into the buffer towards another node, and
//! gives up after `mailbox_wait`. [`Request`] and [`Tell`] are what comes around it: waiting for the
//! answer, or not.

mod outgoing;

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use tokio::time::Sleep;

use self::outgoing::{Answer, Outgoing};
use crate::{Accepts, Delivery, Endpoint, Handlers, Message, SendError};

/// A message not sent yet. Awaiting it asks: sends, and waits for the handler's answer.
///
/// `Send` and `'static` whenever the message is, so it can be spawned, joined and selected.
///
/// # Cancel safety
///
/// Dropping it before the message has been accepted takes the message back. Dropped later, the
/// message may still be handled and its answer is discarded.
#[must_use = "a request does nothing until it is awaited"]
pub struct Request<A: Handlers, M: Message> {
    step: Step<A, M>,
    timeout: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
}

enum Step<A: Handlers, M: Message> {
    Sending(Outgoing<A, M>),
    Waiting(Answer<M>),
    Done,
}

impl<A: Handlers, M: Message> Request<A, M> {
    pub(crate) const fn new(endpoint: Endpoint<A>, message: M) -> Self {
        Self { step: Step::Sending(Outgoing::new(endpoint, message)), timeout: None, timer: None }
    }

    /// Gives up `after` this long, counted from the first poll: [`SendError::TimedOut`].
    ///
    /// Without it a local ask waits as long as its handler runs, a remote one 30 s.
    pub const fn timeout(mut self, after: Duration) -> Self {
        self.timeout = Some(after);
        self
    }

    /// Sends without waiting for the handler: done once the message has been accepted, in order.
    ///
    /// At most once: a message accepted for an actor that then stops, or whose node is then lost,
    /// is gone.
    pub fn tell(mut self) -> Tell<A, M> {
        match core::mem::replace(&mut self.step, Step::Done) {
            Step::Sending(outgoing) => Tell { outgoing: Some(outgoing) },
            // Asked already, at least in part; telling it again would be a second message.
            Step::Waiting(_) | Step::Done => Tell { outgoing: None },
        }
    }

    fn poll_timeout(&mut self, cx: &mut Context<'_>, delivery: Delivery) -> Poll<SendError> {
        let Some(after) = self.timeout else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(after))); // tidy: sleep the caller's own timeout
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(SendError::TimedOut { after, delivery })
    }
}

// Nothing in here is ever pinned in place, whatever the message is.
impl<A: Handlers, M: Message> Unpin for Request<A, M> {}

impl<A: Accepts<M>, M: Message> Future for Request<A, M> {
    type Output = Result<M::Reply, SendError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Step::Sending(outgoing) = &mut this.step {
            match outgoing.poll_ask(cx, this.timeout) {
                Poll::Ready(Ok(answer)) => this.step = Step::Waiting(answer),
                Poll::Ready(Err(error)) => {
                    this.step = Step::Done;
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => {
                    // Taken back, unless the actor took it since we last looked.
                    let SendError::TimedOut { after, .. } = ready!(this.poll_timeout(cx, Delivery::Never))
                    else {
                        return Poll::Pending;
                    };
                    let Step::Sending(outgoing) = &mut this.step else { return Poll::Pending };
                    let delivery = if outgoing.withdraw() { Delivery::Maybe } else { Delivery::Never };
                    let error = SendError::TimedOut { after, delivery };
                    this.step = Step::Done;
                    return Poll::Ready(Err(error));
                }
            }
        }
        let Step::Waiting(answer) = &mut this.step else {
            panic!("a request was polled after it had ended");
        };
        let result = match answer.poll(cx) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(ready!(this.poll_timeout(cx, Delivery::Maybe))),
        };
        this.step = Step::Done;
        Poll::Ready(result)
    }
}

impl<A: Handlers, M: Message> fmt::Debug for Request<A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("message", &M::NAME).field("timeout", &self.timeout).finish()
    }
}

/// A message to be sent without waiting for its handler. Awaiting it waits for a place, at most
/// `mailbox_wait`.
///
/// # Cancel safety
///
/// Dropping it before it is done takes the message back.
#[must_use = "a tell does nothing until it is awaited"]
pub struct Tell<A: Handlers, M: Message> {
    outgoing: Option<Outgoing<A, M>>,
}

impl<A: Handlers, M: Message> Unpin for Tell<A, M> {}

impl<A: Accepts<M>, M: Message> Future for Tell<A, M> {
    type Output = Result<(), SendError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().outgoing {
            Some(outgoing) => outgoing.poll_tell(cx),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl<A: Handlers, M: Message> fmt::Debug for Tell<A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tell").field("message", &M::NAME).finish()
    }
}
