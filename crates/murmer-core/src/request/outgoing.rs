//! Getting one message to where it is accepted, in order, within `mailbox_wait`.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Sleep;

use crate::endpoint::Way;
use crate::mailbox::Push;
use crate::{Accepts, Endpoint, FarCall, FarReply, Handlers, Message, ReplyTo, SendError};

pub(super) struct Outgoing<A: Handlers, M: Message> {
    endpoint: Endpoint<A>,
    stage: Stage<A, M>,
    /// Runs while the message waits for room.
    patience: Option<Pin<Box<Sleep>>>,
}

enum Stage<A: Handlers, M: Message> {
    Fresh(M),
    Near(Push<A::Envelope>, Option<oneshot::Receiver<Result<M::Reply, SendError>>>),
    Far { message: M, ticket: Option<u64> },
    Done,
}

/// An answer on its way.
pub(super) enum Answer<M: Message> {
    Near(oneshot::Receiver<Result<M::Reply, SendError>>),
    Far(oneshot::Receiver<Result<Bytes, SendError>>),
}

impl<A: Handlers, M: Message> Outgoing<A, M> {
    pub(super) const fn new(endpoint: Endpoint<A>, message: M) -> Self {
        Self { endpoint, stage: Stage::Fresh(message), patience: None }
    }

    /// Not accepted within `mailbox_wait`: refused, and still the sender's.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<SendError> {
        let waited = match self.endpoint.way() {
            Way::Near(near) => near.mailbox_wait,
            Way::Far(far) => far.mailbox_wait(),
            Way::Void(_) => return Poll::Pending,
        };
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(waited))); // tidy: sleep the bound on waiting for room
        ready!(patience.as_mut().poll(cx));
        self.withdraw();
        Poll::Ready(SendError::Overloaded { waited })
    }

    fn withdraw(&mut self) {
        match (core::mem::replace(&mut self.stage, Stage::Done), self.endpoint.way()) {
            (Stage::Near(mut push, _), Way::Near(near)) => drop(near.mailbox.withdraw(&mut push)),
            (Stage::Far { ticket: Some(ticket), .. }, Way::Far(far)) => far.withdraw(ticket),
            _ => {}
        }
    }
}

impl<A: Accepts<M>, M: Message> Outgoing<A, M> {
    pub(super) fn poll_ask(
        &mut self,
        cx: &mut Context<'_>,
        timeout: Option<Duration>,
    ) -> Poll<Result<Answer<M>, SendError>> {
        if let (Stage::Fresh(_), Way::Near(_)) = (&self.stage, self.endpoint.way()) {
            let (sender, receiver) = oneshot::channel();
            self.wrap(Some(ReplyTo::local(sender)), Some(receiver));
        }
        if let Stage::Near(push, receiver) = &mut self.stage {
            let Way::Near(near) = self.endpoint.way() else { return Poll::Ready(Err(SendError::Stopped)) };
            return match near.mailbox.poll_push(cx, push) {
                // Also when refused: the dropped envelope has told the receiver why.
                Poll::Ready(_) => match receiver.take() {
                    Some(receiver) => Poll::Ready(Ok(Answer::Near(receiver))),
                    None => Poll::Ready(Err(SendError::Stopped)),
                },
                Poll::Pending => self.poll_patience(cx).map(Err),
            };
        }
        let (sender, receiver) = oneshot::channel();
        let mut reply = Some(sender);
        match self.poll_far(cx, &mut reply, timeout) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(Answer::Far(receiver))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.poll_patience(cx).map(Err),
        }
    }

    pub(super) fn poll_tell(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        if let (Stage::Fresh(_), Way::Near(_)) = (&self.stage, self.endpoint.way()) {
            self.wrap(None, None);
        }
        if let Stage::Near(push, _) = &mut self.stage {
            let Way::Near(near) = self.endpoint.way() else { return Poll::Ready(Err(SendError::Stopped)) };
            return match near.mailbox.poll_push(cx, push) {
                Poll::Ready(result) => Poll::Ready(result.map_err(|_| SendError::Stopped)),
                Poll::Pending => self.poll_patience(cx).map(Err),
            };
        }
        match self.poll_far(cx, &mut None, None) {
            Poll::Pending => self.poll_patience(cx).map(Err),
            ready => ready,
        }
    }

    fn wrap(
        &mut self,
        reply: Option<ReplyTo<M::Reply>>,
        receiver: Option<oneshot::Receiver<Result<M::Reply, SendError>>>,
    ) {
        if let Stage::Fresh(message) = core::mem::replace(&mut self.stage, Stage::Done) {
            self.stage = Stage::Near(Push::Fresh(A::wrap(message, reply)), receiver);
        }
    }

    fn poll_far(
        &mut self,
        cx: &mut Context<'_>,
        reply: &mut Option<FarReply>,
        timeout: Option<Duration>,
    ) -> Poll<Result<(), SendError>> {
        let far = match self.endpoint.way() {
            Way::Far(far) => far,
            Way::Void(void) => return Poll::Ready(Err(void.error())),
            Way::Near(_) => return Poll::Ready(Err(SendError::Stopped)),
        };
        let (message, mut ticket) = match core::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Fresh(message) => (message, None),
            Stage::Far { message, ticket } => (message, ticket),
            Stage::Near(..) | Stage::Done => return Poll::Ready(Err(SendError::Stopped)),
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
        if result.is_pending() {
            self.stage = Stage::Far { message, ticket };
        }
        result
    }
}

impl<A: Handlers, M: Message> Drop for Outgoing<A, M> {
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl<M: Message> Answer<M> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<M::Reply, SendError>> {
        match self {
            Self::Near(receiver) => {
                Poll::Ready(ready!(Pin::new(receiver).poll(cx)).unwrap_or(Err(SendError::NoReply)))
            }
            Self::Far(receiver) => Poll::Ready(
                // A link settles every call it has taken before it goes; this is its last resort.
                ready!(Pin::new(receiver).poll(cx))
                    .unwrap_or(Err(SendError::NoReply))
                    .and_then(|bytes| M::decode_reply(&bytes)),
            ),
        }
    }
}
