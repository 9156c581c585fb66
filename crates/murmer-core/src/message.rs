//! The contract between `#[handlers]` and everything that carries messages.
//!
//! Users write none of these by hand; macros do. They are public because generated code
//! and generic functions name them.

use bytes::BytesMut;
use murmer_wire::{DecodeError, MessageKey};

use crate::{Actor, ActorContext, ReplyPort, ReplyTo, SendError};

/// A message: what one handler takes, and what it answers.
///
/// No `Serialize` bound: the bodies of [`encode`](Message::encode) and
/// [`decode_reply`](Message::decode_reply) are what differs between messages that can leave the
/// process and those that can't.
///
/// `#[handlers]` makes one of every handler; `#[derive(Message)]` makes one of a type that several actors
/// are to handle.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "no message",
    note = "write `#[derive(Message)]` on it, with `#[message(reply = …)]` if it is to be answered"
)]
pub trait Message: Send + 'static {
    /// Exactly what the handler answers.
    type Reply: Send + 'static;

    /// What stands for this message on the wire.
    const KEY: MessageKey;

    /// The handler's name, or the type's if it was derived; for errors and traces.
    const NAME: &'static str;

    /// Appends the message to `out`.
    ///
    /// # Errors
    ///
    /// [`SendError::LocalOnly`] for messages that never leave the process, [`SendError::Encode`] if
    /// the value refuses.
    fn encode(&self, out: &mut BytesMut) -> Result<(), SendError>;

    /// Reads a reply to this message.
    ///
    /// # Errors
    ///
    /// [`SendError::Reply`] if the bytes are not such a reply.
    fn decode_reply(bytes: &[u8]) -> Result<Self::Reply, SendError>;
}

/// An actor with its handlers: its messages as one closed enum, and how each is handled.
pub trait Handlers: Actor {
    /// One variant per message, with its reply.
    type Envelope: Send + 'static;

    /// `crate::Type`: the same in every build that means the same actor.
    ///
    /// The name of a generic actor whose messages leave the process has those of its parameters in it, as in
    /// `shop::Cache<u64>`, so that other nodes never take one for the other. That of a local one stands as
    /// written, `shop::Cache<T>`: within a process the types themselves are compared.
    const TYPE: &'static str;

    /// False if no message may leave the process; then no lookup gives an endpoint on another node.
    const REMOTE: bool;

    /// All messages, in the order of their handlers.
    const MESSAGES: &'static [MessageInfo];

    /// Handles one message, if its handler doesn't wait for anything; hands it back otherwise, for
    /// [`dispatch`](Self::dispatch).
    fn dispatch_now(
        &mut self,
        ctx: &ActorContext<Self>,
        state: &mut Self::State,
        envelope: Self::Envelope,
    ) -> Option<Self::Envelope> {
        let _ = (ctx, state);
        Some(envelope)
    }

    /// Handles one message.
    fn dispatch<'a>(
        &'a mut self,
        ctx: &'a ActorContext<Self>,
        state: &'a mut Self::State,
        envelope: Self::Envelope,
    ) -> impl Future<Output = ()> + Send + 'a;

    /// Reads a message that came from another node.
    ///
    /// # Errors
    ///
    /// [`Undecodable`], when the actor has no such message or the bytes are not one.
    fn decode(key: MessageKey, bytes: &[u8], reply: Option<ReplyPort>)
    -> Result<Self::Envelope, Undecodable>;

    /// The name of the message inside, and whether its sender waits for an answer.
    fn describe(envelope: &Self::Envelope) -> (&'static str, bool);
}

/// An actor that handles `M`.
pub trait Accepts<M: Message>: Handlers {
    /// Puts `message` into an envelope.
    fn wrap(message: M, reply: Option<ReplyTo<M::Reply>>) -> Self::Envelope;

    /// Takes the message out again; `None` if the envelope holds another one.
    fn unwrap(envelope: Self::Envelope) -> Option<M>;
}

/// A message as the manifest lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageInfo {
    /// The handler's name.
    pub name: &'static str,
    /// What stands for it on the wire.
    pub key: MessageKey,
}

/// Why bytes are not a message of an actor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undecodable {
    /// The actor has no message of this key: the two builds disagree on it.
    #[error("no message with this key")]
    UnknownMessage,
    /// The key is known but the bytes don't fit: a type inside the message differs.
    #[error("message does not decode")]
    Malformed(#[source] DecodeError),
}

impl Undecodable {
    /// The actor has no message of this key.
    pub const fn unknown_message() -> Self {
        Self::UnknownMessage
    }
}
