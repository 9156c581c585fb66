//! The way to send to one actor, wherever it is.

use core::fmt;
use std::sync::Arc;

use murmer_wire::{ActorId, Label, NodeId};

use crate::near::Near;
use crate::{Accepts, ActorRef, FarActor, Handlers, Message, Request, SendError, StartError};

/// Sends messages to one actor: in this process or on another node, the same.
///
/// Cheap to clone and to hand around. It means that very actor: after a stop, sends fail with
/// [`SendError::Stopped`], also when a successor has taken the label.
///
/// `#[handlers]` adds a method for every handler, through the extension trait it writes (`ChatRoomExt`
/// for an actor `ChatRoom`).
pub struct Endpoint<A: Handlers> {
    way: Way<A>,
}

pub(crate) enum Way<A: Handlers> {
    Near(Arc<Near<A>>),
    Far(Arc<dyn FarActor>),
    /// What a failed start returned.
    Void(Arc<Void>),
}

/// An endpoint of nobody, and why.
pub(crate) struct Void {
    pub(crate) id: ActorId,
    pub(crate) label: Label,
    pub(crate) error: Arc<StartError>,
}

impl<A: Handlers> Endpoint<A> {
    pub(crate) const fn near(near: Arc<Near<A>>) -> Self {
        Self { way: Way::Near(near) }
    }

    pub(crate) const fn far(far: Arc<dyn FarActor>) -> Self {
        Self { way: Way::Far(far) }
    }

    pub(crate) fn void(void: Void) -> Self {
        Self { way: Way::Void(Arc::new(void)) }
    }

    pub(crate) const fn way(&self) -> &Way<A> {
        &self.way
    }

    /// A request that asks when awaited; nothing is sent before that.
    ///
    /// # Errors
    ///
    /// Awaiting gives any [`SendError`]; it never hangs because something died or stayed full.
    pub fn send<M: Message>(&self, message: M) -> Request<A, M>
    where
        A: Accepts<M>,
    {
        Request::new(self.clone(), message)
    }

    /// Waits until the actor is over. An actor that was never started is over.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn closed(&self) {
        match &self.way {
            Way::Near(near) => near.ended().await,
            Way::Far(far) => far.closed().await,
            Way::Void(_) => {}
        }
    }

    /// Which actor, among all that ever were.
    pub fn id(&self) -> ActorId {
        match &self.way {
            Way::Near(near) => near.id(),
            Way::Far(far) => far.id().clone(),
            Way::Void(void) => void.id.clone(),
        }
    }

    /// What the actor was started under.
    pub fn label(&self) -> &Label {
        match &self.way {
            Way::Near(near) => near.label(),
            Way::Far(far) => far.label(),
            Way::Void(void) => &void.label,
        }
    }

    /// The process the actor lives in.
    pub fn node(&self) -> &NodeId {
        match &self.way {
            Way::Near(near) => near.node(),
            Way::Far(far) => &far.id().node,
            Way::Void(void) => &void.id.node,
        }
    }

    /// True if sending stays within this process.
    pub const fn is_local(&self) -> bool {
        !matches!(self.way, Way::Far(_))
    }

    /// The actor as data, to put into a message.
    pub fn actor_ref(&self) -> ActorRef<A> {
        ActorRef::new(self.id(), self.label().clone())
    }
}

impl Void {
    pub(crate) fn error(&self) -> SendError {
        SendError::NotStarted(self.error.clone())
    }
}

impl<A: Handlers> Clone for Endpoint<A> {
    fn clone(&self) -> Self {
        let way = match &self.way {
            Way::Near(near) => Way::Near(near.clone()),
            Way::Far(far) => Way::Far(far.clone()),
            Way::Void(void) => Way::Void(void.clone()),
        };
        Self { way }
    }
}

impl<A: Handlers> fmt::Debug for Endpoint<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("type", &A::TYPE)
            .field("label", self.label())
            .field("id", &self.id())
            .finish()
    }
}
