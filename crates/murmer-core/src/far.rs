//! The seam to other nodes: what the rest of this crate asks of a cluster, and of one actor in it.

use core::any::Any;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use murmer_wire::{ActorId, Label, MessageKey};
use tokio::sync::oneshot;

use crate::{SendError, StopReason};

/// The other nodes, as a [`System`](crate::System) sees them.
pub trait Cluster: Send + Sync + 'static {
    /// The actor every node picks for `label` among those of `actor_type` on other nodes.
    fn lookup(&self, label: &str, actor_type: &'static str) -> Option<Arc<dyn FarActor>>;

    /// That very actor, if its node is not held to be down.
    fn resolve(&self, id: &ActorId) -> Option<Arc<dyn FarActor>>;

    /// The labels of all actors on other nodes for which `wanted` says yes; one may come twice.
    fn labels(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<Label>;

    /// Tells the others, fails what is in flight, frees the port.
    fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// For the crate that implements this to get its own type back.
    fn as_any(&self) -> &dyn Any;
}

/// One actor on another node.
pub trait FarActor: Send + Sync + 'static {
    /// Which actor.
    fn id(&self) -> &ActorId;

    /// Its label, if it has one.
    fn label(&self) -> Option<&Label>;

    /// Puts a call into the buffer towards the actor's node; Pending while that is full, first come
    /// first. Ready with `Ok` says that it is in the buffer, in order, not that it has arrived; the id is
    /// for [`cancel`](Self::cancel).
    ///
    /// Whoever stops polling a pending call must [`withdraw`](Self::withdraw) its ticket.
    ///
    /// # Errors
    ///
    /// Any [`SendError`] whose delivery is `Never`.
    fn poll_call(
        self: Arc<Self>,
        cx: &mut Context<'_>,
        call: &mut FarCall<'_>,
    ) -> Poll<Result<CallId, SendError>>;

    /// Steps out of the line of those who wait for room.
    fn withdraw(&self, ticket: u64);

    /// Nobody waits for the answer to this ask any more. If it has not been written it never will be; else
    /// the actor's node is told, so that it need not begin. Does nothing to one that has been settled.
    fn cancel(&self, call: CallId);

    /// How long to wait for room before giving up.
    fn mailbox_wait(&self) -> Duration;

    /// Waits until the actor, or its node, is gone for good as far as this node knows, and says why. It may
    /// end late, never early. Cancel-safe.
    fn ended(&self) -> Pin<Box<dyn Future<Output = StopReason> + Send + '_>>;
}

/// Which call of an actor's, among all that were made through this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallId {
    /// The stream it went into: they count up.
    pub stream: u64,
    /// Which message of that stream.
    pub message: u64,
}

/// One message on its way to another node.
pub struct FarCall<'a> {
    /// What stands for the message.
    pub key: MessageKey,
    /// The actor's type, for errors.
    pub actor_type: &'static str,
    /// The handler's name, for errors.
    pub message: &'static str,
    /// Writes the message behind what the buffer holds.
    pub encode: &'a mut dyn FnMut(&mut BytesMut) -> Result<(), SendError>,
    /// Where the answer goes; taken when the call is in the buffer. `None` for a tell.
    pub reply: &'a mut Option<FarReply>,
    /// The caller's place in the line; kept by the caller between polls.
    pub ticket: &'a mut Option<u64>,
    /// How long an answer may take; `None` for the cluster's default.
    pub timeout: Option<Duration>,
}

/// Where the answer from another node is handed over, still encoded.
pub type FarReply = oneshot::Sender<Result<Bytes, SendError>>;
