//! What can go wrong with a message, and with a start. Local and remote calls share these.

use core::time::Duration;
use std::sync::Arc;

use murmer_wire::{DecodeError, EncodeError, Label, NameError, NodeId};

/// Whether a handler ran for a message that got no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No handler ran: sending again is safe.
    Never,
    /// Unknown: sending again is safe only if handling twice is.
    Maybe,
    /// A handler began: its effects may stand.
    Handled,
}

/// Why a message got no reply.
///
/// [`delivery`](SendError::delivery) says whether it may have been handled all the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The actor had stopped before the message reached its handler. It was not handled; looking
    /// the label up again may find a successor.
    #[error("actor has stopped")]
    Stopped,
    /// The endpoint came from a start that failed; nothing sent through it is ever delivered.
    #[error("actor was not started")]
    NotStarted(#[source] Arc<StartError>),
    /// The mailbox, or the buffer towards the actor's node, stayed full for the whole of
    /// `mailbox_wait`. The message was not handled.
    #[error("no room in the actor's mailbox for {waited:?}")]
    Overloaded {
        /// How long the sender waited.
        waited: Duration,
    },
    /// No reply came in time. [`delivery`](SendError::delivery) is `Never` if the message had not
    /// left by then.
    #[error("no reply within {after:?}")]
    TimedOut {
        /// The time allowed.
        after: Duration,
        /// Whether it may have been handled.
        delivery: Delivery,
    },
    /// The handler panicked over this message. The actor has ended, unless it is supervised and begins
    /// another life; what was behind the message waits for that. Or, as the end of a
    /// [`ReplyStream`](crate::ReplyStream), the stream panicked, and the actor goes on.
    #[error("handler panicked")]
    Panicked,
    /// The handler ended without answering: its reply was dropped.
    #[error("handler dropped its reply")]
    NoReply,
    /// The actor ended, or began another life, in the middle of a streamed answer. The items before this
    /// are all there are.
    #[error("actor ended in the middle of its answer")]
    Interrupted,
    /// There is no connection to the actor's node now. The message was not handled.
    #[error("node {node} is unreachable: {reason}")]
    Unreachable {
        /// The actor's node.
        node: NodeId,
        /// What became of the connection.
        reason: LinkEnd,
    },
    /// The connection ended while the call was in flight.
    #[error("connection to {node} lost: {reason}")]
    Lost {
        /// The actor's node.
        node: NodeId,
        /// What became of the connection.
        reason: LinkEnd,
        /// Whether it may have been handled.
        delivery: Delivery,
    },
    /// The other node runs a build in which this message is different or missing. Not handled.
    #[error("{actor_type} on the other node has no matching message {message:?}: the builds differ")]
    SchemaMismatch {
        /// The actor's type.
        actor_type: &'static str,
        /// The message.
        message: &'static str,
    },
    /// The message is larger than a frame may be. Not a byte of it was sent.
    #[error("message of {bytes} bytes exceeds the limit of {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit in force.
        max: usize,
    },
    /// The message can't leave the process: its actor is declared `#[handlers(local)]`, or its answer is a
    /// stream.
    #[error("message is local to its process")]
    LocalOnly,
    /// The message could not be written. Not a byte of it was sent.
    #[error("message cannot be encoded")]
    Encode(#[source] EncodeError),
    /// The message was handled, but its reply could not be read, or could not be written over
    /// there (`None`).
    #[error("reply cannot be transferred")]
    Reply(Option<DecodeError>),
}

impl SendError {
    /// Whether a handler ran for the message.
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::Stopped
            | Self::NotStarted(_)
            | Self::Overloaded { .. }
            | Self::Unreachable { .. }
            | Self::SchemaMismatch { .. }
            | Self::TooLarge { .. }
            | Self::LocalOnly
            | Self::Encode(_) => Delivery::Never,
            Self::TimedOut { delivery, .. } | Self::Lost { delivery, .. } => *delivery,
            Self::Panicked | Self::NoReply | Self::Interrupted | Self::Reply(_) => Delivery::Handled,
        }
    }
}

/// What became of the connection to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LinkEnd {
    /// There has been none since this node learnt of the other.
    #[error("not connected")]
    NotConnected,
    /// It broke, or fell silent.
    #[error("connection broke")]
    Broken,
    /// The node is held to be down.
    #[error("node is down")]
    Down,
    /// The node left the cluster.
    #[error("node has left")]
    Left,
    /// This node is shutting down.
    #[error("this node is shutting down")]
    ShuttingDown,
    /// Only the actor's stream ended; the connection stands.
    #[error("stream ended")]
    Stream,
}

/// Why an actor was not started.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The label is not a label.
    #[error("label {label:?} is not valid")]
    Label {
        /// What was given.
        label: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// The label is held by a live actor on this node, which goes on untouched.
    #[error("label {label} is taken by an actor of type {holder}")]
    Taken {
        /// The label.
        label: Label,
        /// The type of the actor that holds it.
        holder: &'static str,
    },
    /// The system has been shut down.
    #[error("system is shut down")]
    ShutDown,
    /// There is no tokio runtime to run the actor on: neither here, nor where the system was made.
    #[error("no tokio runtime: make the system, or start the actor, inside one")]
    NoRuntime,
}

/// Why an actor's start-up failed: any error, so that `?` does in [`Actor::started`](crate::Actor::started).
pub type StartFailure = Box<dyn core::error::Error + Send + Sync>;
