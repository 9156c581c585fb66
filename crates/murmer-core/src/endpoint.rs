//! The way to send to one actor, wherever it is.

use core::fmt;
use std::sync::Arc;

use murmer_wire::{ActorId, Label, NodeId};

use crate::near::{AnyNear, Near};
use crate::request::{self, TrySendError};
use crate::{
    Accepts, ActorRef, Control, FarActor, Handlers, Message, Recipient, ReplyTo, Request, SendError,
    StartError, StopReason, Tell,
};

/// Sends messages to one actor: in this process or on another node, the same.
///
/// Cheap to clone and to hand around. It means that very actor: after a stop, sends fail with
/// [`SendError::Stopped`], also when a successor has taken the label.
///
/// `#[handlers]` adds a method for every handler, through the extension trait it writes (`ChatRoomExt`
/// for an actor `ChatRoom`).
///
/// # Examples
///
/// ```
/// # use core::time::Duration;
/// # use murmer_core::{Accepts, Endpoint, Handlers, Message, SendError};
/// # async fn example<Counter, Add>(counter: Endpoint<Counter>, add: impl Fn() -> Add) -> Result<(), SendError>
/// # where
/// #     Counter: Handlers + Accepts<Add>,
/// #     Add: Message<Reply = u64>,
/// # {
/// let sum = counter.send(add()).await?; // asks, and waits for the answer
/// let sum = counter.send(add()).timeout(Duration::from_secs(1)).await?;
/// counter.tell(add()).await?; // waits for a place only
/// # Ok(())
/// # }
/// ```
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
    pub(crate) label: Option<Label>,
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

    pub(crate) fn into_way(self) -> Way<A> {
        self.way
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

    /// Sends without waiting for the handler: awaiting it waits for a place in the mailbox only.
    ///
    /// # Errors
    ///
    /// Awaiting gives a [`SendError`] whose delivery is `Never`: the message was not accepted.
    pub fn tell<M: Message>(&self, message: M) -> Tell<A, M>
    where
        A: Accepts<M>,
    {
        self.send(message).tell()
    }

    /// Sends if there is room now, without waiting at all.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] hands the message back.
    pub fn try_tell<M: Message>(&self, message: M) -> Result<(), TrySendError<M>>
    where
        A: Accepts<M>,
    {
        request::try_tell(self, message)
    }

    /// Passes a request on: this actor is to answer it, straight to whoever asked. Returns once the message
    /// has been accepted here.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is done, the request ends with [`SendError::NoReply`], as it does if this returns
    /// an error.
    ///
    /// # Errors
    ///
    /// As for [`tell`](Self::tell).
    pub async fn forward<M: Message>(&self, message: M, reply: ReplyTo<M::Reply>) -> Result<(), SendError>
    where
        A: Accepts<M>,
    {
        request::forward(self, message, reply).await
    }

    /// The same actor as one that takes `M`, whatever else it is.
    pub fn recipient<M: Message>(&self) -> Recipient<M>
    where
        A: Accepts<M>,
    {
        Recipient::new(self.clone())
    }

    /// How to end the actor, if it is one of this process; that of another node is never touched.
    pub fn control(&self) -> Control {
        match &self.way {
            Way::Near(near) => Control::new(near.clone()),
            Way::Far(_) | Way::Void(_) => Control::nobody(),
        }
    }

    /// Waits until the actor is over. An actor that was never started is over.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn closed(&self) {
        match &self.way {
            Way::Near(near) => near.ended().await,
            Way::Far(far) => drop(far.ended().await),
            Way::Void(_) => {}
        }
    }

    /// Waits until the actor is over, and says why, as far as this node knows.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn ended(&self) -> StopReason {
        match &self.way {
            Way::Near(near) => {
                near.ended().await;
                near.watchers().reason().unwrap_or(StopReason::Stopped)
            }
            Way::Far(far) => far.ended().await,
            Way::Void(_) => StopReason::NeverExisted,
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

    /// What the actor was started under; `None` if it is anonymous.
    pub fn label(&self) -> Option<&Label> {
        match &self.way {
            Way::Near(near) => near.label(),
            Way::Far(far) => far.label(),
            Way::Void(void) => void.label.as_ref(),
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
        ActorRef::new(self.id(), self.label().cloned())
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

/// The same actor.
impl<A: Handlers> PartialEq for Endpoint<A> {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl<A: Handlers> Eq for Endpoint<A> {}

impl<A: Handlers> fmt::Debug for Endpoint<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("type", &A::TYPE)
            .field("label", &self.label())
            .field("id", &self.id())
            .finish()
    }
}
