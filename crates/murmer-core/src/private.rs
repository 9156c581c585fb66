//! What code written by `#[handlers]` calls, and what the crates above need. Not an API: it changes with them.

mod field;
mod namesakes;
mod transfer;

pub use bytes::BytesMut;
use futures_core::Stream;
pub use linkme;
use murmer_wire::decode;
pub use murmer_wire::{MessageKey, crate_name_len, join_name};
pub use serde;
use serde::{Serialize, de::DeserializeOwned};

pub use self::field::field;
pub(crate) use self::field::reading;
pub use self::namesakes::{Namesakes, bare_name, namesakes, told_name, told_types};
pub use self::transfer::Transfer;
pub use crate::boot::MadeUpMachine;
pub use crate::dice::Dice;
pub use crate::{__type_name as type_name, Answered};
use crate::{
    ActorContext, Handlers, MessageInfo, ReplyStream, ReplyTo, SendError, Undecodable, WireName, current,
    streaming,
};

/// All actor types of this program whose messages can leave the process.
#[linkme::distributed_slice]
pub static ACTOR_TYPES: [ActorTypeInfo];

/// All types of this program that are named without being one actor type: generic actors and parameters.
#[linkme::distributed_slice]
pub static NAMED_TYPES: [NamedTypeInfo];

/// An actor type as the manifest lists it.
#[derive(Debug, Clone, Copy)]
pub struct ActorTypeInfo {
    /// `crate::Type`.
    pub name: &'static str,
    /// Its messages.
    pub messages: &'static [MessageInfo],
    /// Its full path.
    pub type_name: fn() -> &'static str,
    /// Where it has its handlers.
    pub file: &'static str,
    /// The line of that file.
    pub line: u32,
}

/// A type that gives its name to actor types.
#[derive(Debug, Clone, Copy)]
pub struct NamedTypeInfo {
    /// `crate::Type`, without parameters.
    pub name: &'static str,
    /// Whether it is an actor; otherwise it is what one has as a parameter.
    pub is_actor: bool,
    /// The module it is in, roughly.
    pub module: &'static str,
    /// Where it is.
    pub file: &'static str,
    /// The line of that file.
    pub line: u32,
}

/// A generic actor whose messages can leave the process.
pub trait Parametrised {
    /// Its name with those of its parameters.
    const NAME: &'static WireName;
}

/// Writes a message.
///
/// # Errors
///
/// [`SendError::Encode`].
pub fn encode(message: &impl Serialize, out: &mut BytesMut) -> Result<(), SendError> {
    murmer_wire::encode(message, out).map_err(SendError::Encode)
}

/// Reads a message.
///
/// # Errors
///
/// [`Undecodable::Malformed`].
pub fn decode_message<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, Undecodable> {
    decode(bytes).map_err(Undecodable::Malformed)
}

/// That messages whose names were given by hand can be told from each other.
///
/// # Panics
///
/// If two have one key; in a constant, where this is meant to run, that is a compile error.
pub const fn assert_distinct(messages: &[MessageInfo]) {
    let mut at = 0;
    while at < messages.len() {
        let mut before = 0;
        while before < at {
            assert!(
                messages[before].key.0 != messages[at].key.0,
                "two messages of this actor are the same to other nodes: give one of them another `name`"
            );
            before += 1;
        }
        at += 1;
    }
}

/// What a message that can't leave its process says when asked to.
pub const fn local_only() -> SendError {
    SendError::LocalOnly
}

/// A handler begins: from here on, a dropped reply is its doing. `None` if the asker has stopped
/// waiting: then it need not begin.
pub fn begin<R>(mut reply: Option<ReplyTo<R>>) -> Option<Begun<R>> {
    if let Some(reply) = &mut reply
        && !reply.begin()
    {
        return None;
    }
    current::set_deadline(reply.as_ref().and_then(ReplyTo::deadline));
    Some(Begun(reply))
}

/// The reply of a handler that has begun.
#[derive(Debug)]
pub struct Begun<R>(Option<ReplyTo<R>>);

impl<R> Begun<R> {
    /// Answers, if this was an ask.
    pub fn send(self, reply: R) {
        if let Some(to) = self.0 {
            to.send(reply);
        }
    }

    /// For a handler that answers later.
    pub fn into_reply(self) -> ReplyTo<R> {
        self.0.unwrap_or_else(ReplyTo::nobody)
    }
}

impl<T: Send + 'static> Begun<ReplyStream<T>> {
    /// Answers with what `stream` yields, for as long as this life of the actor lasts. A stream that nobody
    /// asked for is not even polled.
    pub fn stream<A: Handlers>(self, ctx: &ActorContext<A>, stream: impl Stream<Item = T> + Send + 'static)
    where
        T: Serialize,
    {
        match self.0.map(ReplyTo::into_port) {
            Some(Ok(port)) => drop(ctx.spawn(streaming::export(stream, port.items()))),
            Some(Err(near)) => Self(Some(near)).stream_within(ctx, stream),
            None => {}
        }
    }

    /// The same for items that can't leave the process, nor are asked for from outside.
    pub fn stream_within<A: Handlers>(
        self,
        ctx: &ActorContext<A>,
        stream: impl Stream<Item = T> + Send + 'static,
    ) {
        let Some(to) = self.0 else { return };
        let (source, reply) = ReplyStream::new();
        ctx.spawn(streaming::pump(stream, source));
        to.send(reply);
    }
}

/// `crate::Type` for a type of the calling crate, as a constant.
#[doc(hidden)]
#[macro_export]
macro_rules! __type_name {
    ($name:literal) => {{
        const REST: &str = ::core::concat!("::", $name);
        const LEN: usize = $crate::__private::crate_name_len(::core::module_path!()) + REST.len();
        const BYTES: [u8; LEN] = $crate::__private::join_name(::core::module_path!(), REST);
        match ::core::str::from_utf8(&BYTES) {
            ::core::result::Result::Ok(name) => name,
            ::core::result::Result::Err(_) => ::core::panic!("type name is not UTF-8"),
        }
    }};
}
