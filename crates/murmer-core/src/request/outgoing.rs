//! Getting one message to where it is accepted, in order, within `mailbox_wait`.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::sync::Arc;

use bytes::Bytes;
use murmer_wire::ActorNumber;
use tokio::sync::oneshot;
use tokio::time::Sleep;

use super::Limit;
use crate::endpoint::Way;
use crate::mailbox::{NotTaken, Push, Withdrawn};
use crate::near::AnyNear;
use crate::{Accepts, CallId, Endpoint, FarActor, FarCall, FarReply, Handlers, Message, ReplyTo, SendError};

pub(super) struct Outgoing<A: Handlers, M: Message> {
    endpoint: Endpoint<A>,
    stage: Stage<A, M>,
    /// Runs while the message waits for room.
    patience: Option<Pin<Box<Sleep>>>,
    /// It waits for room for as long as it takes.
    is_patient: bool,
}

enum Stage<A: Handlers, M: Message> {
    Fresh(M),
    /// To be answered to somebody who has asked already.
    Forwarded(M, ReplyTo<M::Reply>),
    Near(Push<A::Envelope>, Option<oneshot::Receiver<Result<M::Reply, SendError>>>),
    Far {
        message: M,
        ticket: Option<u64>,
    },
    Done,
}

/// An answer on its way.
pub(super) enum Answer<M: Message> {
    Near(oneshot::Receiver<Result<M::Reply, SendError>>),
    Far(FarAnswer),
}

/// An answer from another node; dropped before it is there, it takes the question back.
pub(super) struct FarAnswer {
    far: Arc<dyn FarActor>,
    call: CallId,
    receiver: oneshot::Receiver<Result<Bytes, SendError>>,
}

impl<A: Handlers, M: Message> Outgoing<A, M> {
    pub(super) const fn new(endpoint: Endpoint<A>, message: M) -> Self {
        Self { endpoint, stage: Stage::Fresh(message), patience: None, is_patient: false }
    }

    pub(super) const fn with_reply(endpoint: Endpoint<A>, message: M, reply: ReplyTo<M::Reply>) -> Self {
        Self { endpoint, stage: Stage::Forwarded(message, reply), patience: None, is_patient: false }
    }

    pub(super) const fn set_patient(&mut self) {
        self.is_patient = true;
    }

    /// The actor it goes to, if that is one of this process.
    pub(super) fn near(&self) -> Option<ActorNumber> {
        match self.endpoint.way() {
            Way::Near(near) => Some(near.number()),
            Way::Far(_) | Way::Void(_) => None,
        }
    }

    /// The message, if no mailbox has taken it and it has not been written on its way to another node.
    pub(super) fn take_back(mut self) -> Option<M> {
        self.withdraw();
        match core::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Fresh(message) | Stage::Far { message, .. } => Some(message),
            Stage::Forwarded(..) | Stage::Near(..) | Stage::Done => None,
        }
    }

    /// Not accepted within `mailbox_wait`: refused, and still the sender's. `Ok` if it got in after all,
    /// at the last moment.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        if self.is_patient {
            return Poll::Pending;
        }
        let waited = match self.endpoint.way() {
            Way::Near(near) => near.system().options().mailbox_wait,
            Way::Far(far) => far.mailbox_wait(),
            Way::Void(_) => return Poll::Pending,
        };
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(waited))); // tidy: sleep the bound on waiting for room
        ready!(patience.as_mut().poll(cx));
        Poll::Ready(if self.withdraw() { Ok(()) } else { Err(SendError::Overloaded { waited }) })
    }

    /// Takes the message back; true if it is too late for that, and it may be handled.
    pub(super) fn withdraw(&mut self) -> bool {
        match (&mut self.stage, self.endpoint.way()) {
            (Stage::Near(push, _), Way::Near(near)) => matches!(near.mailbox.withdraw(push), Withdrawn::In),
            (Stage::Far { ticket, .. }, Way::Far(far)) => {
                // Only a poll of this very message writes it, so it has not been.
                if let Some(ticket) = ticket.take() {
                    far.withdraw(ticket);
                }
                false
            }
            _ => false,
        }
    }
}

impl<A: Accepts<M>, M: Message> Outgoing<A, M> {
    pub(super) fn poll_ask(
        &mut self,
        cx: &mut Context<'_>,
        limit: Option<Limit>,
    ) -> Poll<Result<Answer<M>, SendError>> {
        if let (Stage::Fresh(_), Way::Near(near)) = (&self.stage, self.endpoint.way()) {
            let (sender, receiver) = oneshot::channel();
            let reply = ReplyTo::local(sender, limit.map(|limit| limit.at));
            let Some(envelope) = wrapped::<A, M>(&mut self.stage, Some(reply)) else {
                return Poll::Ready(Err(SendError::Stopped));
            };
            match near.mailbox.try_push(envelope) {
                Ok(()) => return Poll::Ready(Ok(Answer::Near(receiver))),
                Err(NotTaken::Closed(envelope)) => return Poll::Ready(Err(self.refused(envelope))),
                Err(NotTaken::Full(envelope)) => {
                    self.stage = Stage::Near(Push::Fresh(envelope), Some(receiver));
                }
            }
        }
        if let Stage::Near(push, receiver) = &mut self.stage {
            let Way::Near(near) = self.endpoint.way() else { return Poll::Ready(Err(SendError::Stopped)) };
            // Also when refused: the dropped envelope has told the receiver why.
            if near.mailbox.poll_push(cx, push).is_ready() {
                return Poll::Ready(receiver.take().map(Answer::Near).ok_or(SendError::Stopped));
            }
            ready!(self.poll_patience(cx))?;
            let Stage::Near(_, receiver) = &mut self.stage else {
                return Poll::Ready(Err(SendError::Stopped));
            };
            return Poll::Ready(receiver.take().map(Answer::Near).ok_or(SendError::Stopped));
        }
        let (sender, receiver) = oneshot::channel();
        let mut reply = Some(sender);
        match self.poll_far(cx, &mut reply, limit.map(|limit| limit.after)) {
            Poll::Ready(Ok(call)) => {
                let Way::Far(far) = self.endpoint.way() else { return Poll::Ready(Err(SendError::Stopped)) };
                Poll::Ready(Ok(Answer::Far(FarAnswer { far: far.clone(), call, receiver })))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Ready(ready!(self.poll_patience(cx)).and(Err(SendError::Stopped))),
        }
    }

    pub(super) fn poll_tell(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        if let (Stage::Fresh(_) | Stage::Forwarded(..), Way::Near(near)) = (&self.stage, self.endpoint.way())
        {
            let Some(envelope) = wrapped::<A, M>(&mut self.stage, None) else {
                return Poll::Ready(Err(SendError::Stopped));
            };
            match near.mailbox.try_push(envelope) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(NotTaken::Closed(envelope)) => return Poll::Ready(Err(self.refused(envelope))),
                Err(NotTaken::Full(envelope)) => self.stage = Stage::Near(Push::Fresh(envelope), None),
            }
        }
        if let Stage::Near(push, _) = &mut self.stage {
            let Way::Near(near) = self.endpoint.way() else { return Poll::Ready(Err(SendError::Stopped)) };
            return match near.mailbox.poll_push(cx, push) {
                Poll::Ready(result) => Poll::Ready(result.map_err(|_| SendError::Stopped)),
                Poll::Pending => self.poll_patience(cx),
            };
        }
        match self.poll_far(cx, &mut None, None) {
            Poll::Pending => self.poll_patience(cx),
            Poll::Ready(result) => Poll::Ready(result.map(|_| ())),
        }
    }

    /// The mailbox is closed; the message is still the sender's.
    fn refused(&mut self, envelope: A::Envelope) -> SendError {
        self.stage = A::unwrap(envelope).map_or(Stage::Done, Stage::Fresh);
        SendError::Stopped
    }

    fn poll_far(
        &mut self,
        cx: &mut Context<'_>,
        reply: &mut Option<FarReply>,
        timeout: Option<Duration>,
    ) -> Poll<Result<CallId, SendError>> {
        let far = match self.endpoint.way() {
            Way::Far(far) => far,
            Way::Void(void) => return Poll::Ready(Err(void.error())),
            Way::Near(_) => return Poll::Ready(Err(SendError::Stopped)),
        };
        let (message, mut ticket) = match core::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Fresh(message) => (message, None),
            Stage::Far { message, ticket } => (message, ticket),
            Stage::Forwarded(..) | Stage::Near(..) | Stage::Done => {
                return Poll::Ready(Err(SendError::Stopped));
            }
        };
        let mut call = FarCall {
            key: M::KEY,
            actor_type: A::TYPE,
            message: M::NAME,
            encode: &mut |out| message.encode(out),
            reply,
            ticket: &mut ticket,
            timeout,
        };
        let result = far.clone().poll_call(cx, &mut call);
        // One that was refused is still the sender's.
        if !matches!(result, Poll::Ready(Ok(_))) {
            self.stage = Stage::Far { message, ticket };
        }
        result
    }
}

/// The message in its envelope, if it has not left yet.
fn wrapped<A: Accepts<M>, M: Message>(
    stage: &mut Stage<A, M>,
    reply: Option<ReplyTo<M::Reply>>,
) -> Option<A::Envelope> {
    match core::mem::replace(stage, Stage::Done) {
        Stage::Fresh(message) => Some(A::wrap(message, reply)),
        Stage::Forwarded(message, reply) => Some(A::wrap(message, Some(reply))),
        other => {
            *stage = other;
            None
        }
    }
}

impl<A: Handlers, M: Message> Drop for Outgoing<A, M> {
    fn drop(&mut self) {
        // Nearly always on its way by now.
        if !matches!(self.stage, Stage::Done) {
            self.withdraw();
        }
    }
}

impl<M: Message> Answer<M> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<M::Reply, SendError>> {
        match self {
            Self::Near(receiver) => {
                Poll::Ready(ready!(Pin::new(receiver).poll(cx)).unwrap_or(Err(SendError::NoReply)))
            }
            Self::Far(answer) => Poll::Ready(
                // A link settles every call it has taken before it goes; this is its last resort.
                ready!(Pin::new(&mut answer.receiver).poll(cx))
                    .unwrap_or(Err(SendError::NoReply))
                    .and_then(|bytes| M::decode_reply(&bytes)),
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
