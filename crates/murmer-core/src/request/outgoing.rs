//! Getting one message to where it is accepted, in order, within `mailbox_wait`.
//!
//! Nearly every message is accepted at the first try, which moves what the sender has straight to where it
//! goes. Only one that has to wait becomes an [`Outgoing`], which is behind a box: what is moved with every
//! message is to be small.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Sleep;

use super::{Limit, Waiting};
use crate::endpoint::Way;
use crate::mailbox::{NotTaken, Push, Withdrawn};
use crate::near::{AnyNear, Near};
use crate::private::told_name;
use crate::{
    Accepts, Answered, CallId, Endpoint, FarActor, FarCall, FarReply, Handlers, Message, ReplyTo, SendError,
};

/// What came of the first try.
pub(super) enum Tried<A: Handlers, M: Message, T> {
    Accepted(T),
    /// There is no room now.
    Waits(Box<Outgoing<A, M>>),
    /// It can't be sent; the message is the sender's again.
    Refused(SendError, Option<M>),
}

/// A message that waits for room.
pub(super) struct Outgoing<A: Handlers, M: Message> {
    place: Place<A, M>,
    /// Runs out after `mailbox_wait`.
    patience: Option<Pin<Box<Sleep>>>,
    /// It waits for as long as it takes.
    is_patient: bool,
}

/// Where it waits.
enum Place<A: Handlers, M: Message> {
    Near {
        near: Arc<Near<A>>,
        push: Push<A::Envelope>,
        receiver: Option<Receiver<M>>,
    },
    Far {
        far: Arc<dyn FarActor>,
        /// `None` once it has been written.
        message: Option<M>,
        ticket: Option<u64>,
        reply: Option<FarReply>,
        receiver: Option<oneshot::Receiver<Result<Answered, SendError>>>,
    },
}

type Receiver<M> = oneshot::Receiver<Result<<M as Message>::Reply, SendError>>;

/// An answer on its way.
pub(super) enum Answer<M: Message> {
    Near(Receiver<M>, Waiting),
    Far(FarAnswer),
}

/// An answer from another node; dropped before it is there, it takes the question back.
pub(super) struct FarAnswer {
    far: Arc<dyn FarActor>,
    call: CallId,
    receiver: oneshot::Receiver<Result<Answered, SendError>>,
}

/// Sends a message that is to be answered.
#[inline]
pub(super) fn ask<A: Accepts<M>, M: Message>(
    cx: &mut Context<'_>,
    endpoint: Endpoint<A>,
    message: M,
    limit: Option<Limit>,
) -> Tried<A, M, Answer<M>> {
    match endpoint.into_way() {
        Way::Near(near) => {
            let (sender, receiver) = oneshot::channel();
            let reply = ReplyTo::local(sender, limit.map(|limit| limit.due));
            match near.mailbox.try_push(A::wrap(message, Some(reply))) {
                Ok(()) => Tried::Accepted(Answer::Near(receiver, Waiting::new(near.number()))),
                Err(not_taken) => near_later(near, not_taken, Some(receiver)),
            }
        }
        Way::Far(far) => {
            let (sender, receiver) = oneshot::channel();
            let (mut reply, mut ticket) = (Some(sender), None);
            let after = limit.map(|limit| limit.after);
            match call::<A, M>(&far, cx, &message, &mut reply, &mut ticket, after) {
                Poll::Ready(Ok(call)) => Tried::Accepted(Answer::Far(FarAnswer { far, call, receiver })),
                Poll::Ready(Err(error)) => Tried::Refused(error, Some(message)),
                Poll::Pending => far_later(far, message, ticket, reply, Some(receiver)),
            }
        }
        Way::Void(void) => Tried::Refused(void.error(), Some(message)),
    }
}

/// Sends a message that is not to be answered.
#[inline]
pub(super) fn tell<A: Accepts<M>, M: Message>(
    cx: &mut Context<'_>,
    endpoint: Endpoint<A>,
    message: M,
) -> Tried<A, M, ()> {
    match endpoint.into_way() {
        Way::Near(near) => put(near, A::wrap(message, None)),
        Way::Far(far) => {
            let mut ticket = None;
            match call::<A, M>(&far, cx, &message, &mut None, &mut ticket, None) {
                Poll::Ready(Ok(_)) => Tried::Accepted(()),
                Poll::Ready(Err(error)) => Tried::Refused(error, Some(message)),
                Poll::Pending => far_later(far, message, ticket, None, None),
            }
        }
        Way::Void(void) => Tried::Refused(void.error(), Some(message)),
    }
}

/// Sends what is in an envelope already.
#[inline]
pub(super) fn put<A: Accepts<M>, M: Message>(near: Arc<Near<A>>, envelope: A::Envelope) -> Tried<A, M, ()> {
    match near.mailbox.try_push(envelope) {
        Ok(()) => Tried::Accepted(()),
        Err(not_taken) => near_later(near, not_taken, None),
    }
}

/// Writes a message towards another node, or lines up with it.
pub(super) fn call<A: Handlers, M: Message>(
    far: &Arc<dyn FarActor>,
    cx: &mut Context<'_>,
    message: &M,
    reply: &mut Option<FarReply>,
    ticket: &mut Option<u64>,
    timeout: Option<Duration>,
) -> Poll<Result<CallId, SendError>> {
    let encode = &mut |out: &mut _| message.encode(out);
    let (key, name) = (M::KEY, M::NAME);
    let actor_type = told_name::<A>().unwrap_or(A::TYPE);
    let is_streamed = M::IS_STREAMED;
    let mut call = FarCall { key, actor_type, message: name, encode, is_streamed, reply, ticket, timeout };
    far.poll_call(cx, &mut call)
}

#[cold]
fn near_later<A: Accepts<M>, M: Message, T>(
    near: Arc<Near<A>>,
    not_taken: NotTaken<A::Envelope>,
    receiver: Option<Receiver<M>>,
) -> Tried<A, M, T> {
    match not_taken {
        NotTaken::Closed(envelope) => Tried::Refused(SendError::Stopped, A::unwrap(envelope)),
        NotTaken::Full(envelope) => {
            let push = Push::Fresh(envelope);
            Tried::Waits(Outgoing::new(Place::Near { near, push, receiver }))
        }
    }
}

#[cold]
fn far_later<A: Handlers, M: Message, T>(
    far: Arc<dyn FarActor>,
    message: M,
    ticket: Option<u64>,
    reply: Option<FarReply>,
    receiver: Option<oneshot::Receiver<Result<Answered, SendError>>>,
) -> Tried<A, M, T> {
    Tried::Waits(Outgoing::new(Place::Far { far, message: Some(message), ticket, reply, receiver }))
}

impl<A: Handlers, M: Message> Outgoing<A, M> {
    fn new(place: Place<A, M>) -> Box<Self> {
        Box::new(Self { place, patience: None, is_patient: false })
    }

    pub(super) const fn set_patient(&mut self) {
        self.is_patient = true;
    }

    /// Waits for room. Ready with the answer on its way, if there is to be one.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        timeout: Option<Duration>,
    ) -> Poll<Result<Option<Answer<M>>, SendError>> {
        match &mut self.place {
            Place::Near { near, push, receiver } => {
                if let Poll::Ready(result) = near.mailbox.poll_push(cx, push) {
                    // Of an ask also when refused: the dropped envelope has told the receiver why.
                    let is_ask = receiver.is_some();
                    return Poll::Ready(match result {
                        Err(_) if !is_ask => Err(SendError::Stopped),
                        _ => Ok(self.place.answer(None)),
                    });
                }
            }
            Place::Far { far, message, ticket, reply, .. } => {
                let Some(unsent) = message else { return Poll::Ready(Err(SendError::Stopped)) };
                if let Poll::Ready(result) = call::<A, M>(far, cx, unsent, reply, ticket, timeout) {
                    let call = result?;
                    *message = None;
                    return Poll::Ready(Ok(self.place.answer(Some(call))));
                }
            }
        }
        let waited = ready!(self.poll_patience(cx));
        if let Place::Near { near, .. } = &self.place {
            // The actor lets the line in now and then; a slow one may have room by now.
            near.mailbox.let_in();
        }
        Poll::Ready(if self.withdraw() {
            // It got in after all, at the last moment.
            Ok(self.place.answer(None))
        } else {
            self.place.overloaded();
            Err(SendError::Overloaded { waited })
        })
    }

    /// Not accepted within `mailbox_wait`, which is what this returns: refused, and still the sender's.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        if self.is_patient {
            return Poll::Pending;
        }
        let waited = match &self.place {
            Place::Near { near, .. } => near.system().options().mailbox_wait,
            Place::Far { far, .. } => far.mailbox_wait(),
        };
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(waited))); // tidy: sleep the bound on waiting for room
        ready!(patience.as_mut().poll(cx));
        Poll::Ready(waited)
    }

    /// Takes the message back; true if it is too late for that, and it may be handled.
    pub(super) fn withdraw(&mut self) -> bool {
        match &mut self.place {
            Place::Near { near, push, .. } => matches!(near.mailbox.withdraw(push), Withdrawn::In),
            Place::Far { far, ticket, .. } => {
                // Only a poll of this very message writes it, so it has not been.
                if let Some(ticket) = ticket.take() {
                    far.withdraw(ticket);
                }
                false
            }
        }
    }

    /// The message, if it has not been written on its way to another node. One that lined up here is in its
    /// envelope.
    pub(super) fn take_back(&mut self) -> Option<M> {
        self.withdraw();
        match &mut self.place {
            Place::Near { .. } => None,
            Place::Far { message, .. } => message.take(),
        }
    }
}

impl<A: Handlers, M: Message> Place<A, M> {
    fn overloaded(&self) {
        match self {
            Self::Near { near, .. } => near.system().tallies().overloaded(A::TYPE),
            Self::Far { far, .. } => far.overloaded(),
        }
    }

    fn answer(&mut self, call: Option<CallId>) -> Option<Answer<M>> {
        Some(match self {
            Self::Near { near, receiver, .. } => Answer::Near(receiver.take()?, Waiting::new(near.number())),
            Self::Far { far, receiver, .. } => {
                Answer::Far(FarAnswer { far: far.clone(), call: call?, receiver: receiver.take()? })
            }
        })
    }
}

impl<A: Handlers, M: Message> Drop for Outgoing<A, M> {
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl<M: Message> Answer<M> {
    #[inline]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<M::Reply, SendError>> {
        match self {
            Self::Near(receiver, waiting) => match Pin::new(receiver).poll(cx) {
                Poll::Ready(answer) => Poll::Ready(answer.unwrap_or(Err(SendError::NoReply))),
                Poll::Pending => {
                    waiting.begin();
                    Poll::Pending
                }
            },
            Self::Far(answer) => Poll::Ready(
                // A link settles every call it has taken before it goes; this is its last resort.
                ready!(Pin::new(&mut answer.receiver).poll(cx))
                    .unwrap_or(Err(SendError::NoReply))
                    .and_then(M::decode_reply),
            ),
        }
    }
}

impl Drop for FarAnswer {
    fn drop(&mut self) {
        // One that has been settled is known to nobody any more.
        if !self.receiver.is_terminated() {
            self.far.cancel(self.call);
        }
    }
}
