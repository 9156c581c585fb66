//! The way back: exactly one answer for every ask, or the reason why there is none.
//!
//! A [`ReplyTo`] that is dropped says why on its own: whether its handler had begun, and whether it
//! is being dropped by a panic. So no path through an actor's end can leave a caller waiting.

use core::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use murmer_wire::{EncodeError, encode};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::SendError;

/// Where the answer to one ask goes.
pub struct ReplyTo<R> {
    way: Option<Way<R>>,
    begun: bool,
}

enum Way<R> {
    Local(oneshot::Sender<Result<R, SendError>>),
    Far(ReplyPort, Encode<R>),
}

type Encode<R> = fn(&R, &mut BytesMut) -> Result<(), EncodeError>;

impl<R> ReplyTo<R> {
    pub(crate) const fn local(sender: oneshot::Sender<Result<R, SendError>>) -> Self {
        Self { way: Some(Way::Local(sender)), begun: false }
    }

    /// Answers. Whether the caller still waits is not known; an answer nobody awaits is dropped.
    pub fn send(mut self, reply: R) {
        match self.way.take() {
            Some(Way::Local(sender)) => drop(sender.send(Ok(reply))),
            Some(Way::Far(port, encode)) => port.sink.reply(port.id, &mut |out| encode(&reply, out)),
            None => {}
        }
    }

    /// From here on a handler has run: dropping without an answer is no longer a refusal.
    pub(crate) const fn begin(&mut self) {
        self.begun = true;
    }
}

impl<R> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        let Some(way) = self.way.take() else { return };
        let failure = match (self.begun, std::thread::panicking()) {
            (false, _) => Failure::Stopped,
            (true, true) => Failure::Panicked,
            (true, false) => Failure::NoReply,
        };
        match way {
            Way::Local(sender) => drop(sender.send(Err(failure.into()))),
            Way::Far(port, _) => port.sink.fail(port.id, failure),
        }
    }
}

impl<R> fmt::Debug for ReplyTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyTo").field("begun", &self.begun).finish_non_exhaustive()
    }
}

/// Where the answer to an ask from another node goes, before its type is known.
#[derive(Clone)]
pub struct ReplyPort {
    sink: Arc<dyn ReplySink>,
    id: u64,
}

impl ReplyPort {
    /// The answer to request `id` goes to `sink`.
    pub fn new(sink: Arc<dyn ReplySink>, id: u64) -> Self {
        Self { sink, id }
    }

    /// The same, for an answer of type `R`.
    pub fn reply_to<R: Serialize>(self) -> ReplyTo<R> {
        ReplyTo { way: Some(Way::Far(self, |reply, out| encode(reply, out))), begun: false }
    }
}

impl fmt::Debug for ReplyPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyPort").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Takes answers back to the node that asked. Implemented by whatever serves a stream.
pub trait ReplySink: Send + Sync + 'static {
    /// Answers request `id` with what `encode` writes. Never blocks.
    fn reply(&self, id: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>);

    /// Says that request `id` gets no answer, and why. Never blocks.
    fn fail(&self, id: u64, failure: Failure);
}

/// Why an ask gets no answer from its actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The actor ended before the message's turn came.
    Stopped,
    /// The handler panicked.
    Panicked,
    /// The handler let go of its reply.
    NoReply,
}

impl From<Failure> for SendError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Stopped => Self::Stopped,
            Failure::Panicked => Self::Panicked,
            Failure::NoReply => Self::NoReply,
        }
    }
}
