//! The contract between `#[handlers]` and everything that carries messages.
//!
//! Users write none of these by hand; macros do. They are public because generated code
//! and generic functions name them.

use bytes::BytesMut;
use murmer_wire::{DecodeError, MessageKey};

use crate::{Actor, ActorContext, Answered, ReplyPort, ReplyTo, SendError};

/// A message: what one handler takes, and what it answers.
///
/// No `Serialize` bound: the bodies of [`encode`](Message::encode) and
/// [`decode_reply`](Message::decode_reply) are what differs between messages that can leave the
/// process and those that can't.
///
/// `#[handlers]` makes one of every handler; `#[derive(Message)]` makes one of a type that several actors
/// are to handle.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// /// Answered by the balance.
/// #[derive(Serialize, Deserialize, Message)]
/// #[message(reply = u64)]
/// pub struct Deposit(u64);
///
/// # struct Account;
/// # impl Actor for Account { type State = u64; }
/// # #[handlers]
/// # impl Account {
/// #     #[handler(message)]
/// #     fn deposit(&mut self, balance: &mut u64, deposit: Deposit) -> u64 { *balance += deposit.0; *balance }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let account = System::local().start("account", Account, 40);
/// assert_eq!(account.send(Deposit(2)).await?, 42);
/// # Ok(())
/// # }
/// ```
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

    /// Whether it is answered by a stream; false for messages that never leave the process.
    const IS_STREAMED: bool = false;

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
    fn decode_reply(answer: Answered) -> Result<Self::Reply, SendError>;
}

/// An actor with its handlers: its messages as one closed enum, and how each is handled.
///
/// # Examples
///
/// ```
/// use murmer::Handlers;
/// use murmer::prelude::*;
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// /// Finds the actor, of whatever type, and stops it.
/// fn stop<A: Handlers>(system: &System, label: &str) -> bool {
///     system.lookup::<A>(label).is_some_and(|actor| actor.control().stop())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// system.start("worker", Worker, 0);
/// assert!(stop::<Worker>(&system, "worker"));
/// assert!(!stop::<Worker>(&system, "worker"));
/// # Ok(())
/// # }
/// ```
pub trait Handlers: Actor {
    /// One variant per message, with its reply.
    type Envelope: Send + 'static;

    /// `crate::Type`: the same in every build that means the same actor.
    ///
    /// Several types of a crate can have one, in different modules; other nodes are told their full paths, too.
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
///
/// # Examples
///
/// ```
/// use murmer::Accepts;
/// use murmer::prelude::*;
///
/// /// Works for all actors that handle a `Ping`.
/// async fn is_alive<A: Accepts<Ping>>(actor: &Endpoint<A>) -> bool {
///     actor.send(Ping).await.is_ok()
/// }
/// # #[derive(Message)]
/// # #[message(local)]
/// # struct Ping;
/// # struct Node;
/// # impl Actor for Node { type State = (); }
/// # #[handlers(local)]
/// # impl Node {
/// #     #[handler(message)]
/// #     fn ping(&self, _ping: Ping) {}
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let node = system.start("node", Node, ());
/// assert!(is_alive(&node).await);
/// system.stop("node");
/// assert!(!is_alive(&node).await);
/// # Ok(())
/// # }
/// ```
pub trait Accepts<M: Message>: Handlers {
    /// Puts `message` into an envelope.
    fn wrap(message: M, reply: Option<ReplyTo<M::Reply>>) -> Self::Envelope;

    /// Takes the message out again; `None` if the envelope holds another one.
    fn unwrap(envelope: Self::Envelope) -> Option<M>;
}

/// A message as the manifest lists it.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{Handlers, MessageInfo};
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
/// let infos: &[MessageInfo] = Worker::MESSAGES;
/// assert_eq!(infos.iter().map(|info| info.name).collect::<Vec<_>>(), ["add"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageInfo {
    /// The handler's name.
    pub name: &'static str,
    /// What stands for it on the wire.
    pub key: MessageKey,
}

/// Why bytes are not a message of an actor.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{Handlers, Undecodable};
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
/// // As a node of another build might send it: the number is missing.
/// let read = Worker::decode(Worker::MESSAGES[0].key, b"", None);
/// assert!(matches!(read, Err(Undecodable::Malformed(_))));
/// # Ok(())
/// # }
/// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{Handlers, Undecodable};
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
    /// let read = Worker::decode(murmer_wire::MessageKey::of("shop::Worker", "no such message"), b"", None);
    /// assert_eq!(read.err(), Some(Undecodable::unknown_message()));
    /// # Ok(())
    /// # }
    /// ```
    pub const fn unknown_message() -> Self {
        Self::UnknownMessage
    }
}
