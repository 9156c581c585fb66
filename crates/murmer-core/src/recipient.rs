//! An endpoint of which only one message is known.

use core::fmt;
use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

use murmer_wire::{ActorId, Label};

use crate::{Accepts, Endpoint, Handlers, Message, SendError, TrySendError};

/// Sends messages of one type to an actor of any type that takes them.
///
/// For collections of different actors. Costs one box per message; an [`Endpoint`] costs none.
///
/// # Examples
///
/// ```
/// use murmer_core::{Message, Recipient, SendError};
///
/// async fn tell_all<M: Message + Clone>(audience: &[Recipient<M>], news: M) -> Result<(), SendError> {
///     for recipient in audience {
///         recipient.tell(news.clone()).await?;
///     }
///     Ok(())
/// }
/// ```
pub struct Recipient<M: Message> {
    to: Arc<dyn Takes<M>>,
}

type Answer<'a, R> = Pin<Box<dyn Future<Output = Result<R, SendError>> + Send + 'a>>;

trait Takes<M: Message>: Send + Sync {
    fn ask(&self, message: M, timeout: Option<Duration>) -> Answer<'static, M::Reply>;
    fn tell(&self, message: M) -> Answer<'static, ()>;
    fn try_tell(&self, message: M) -> Result<(), TrySendError<M>>;
    fn closed(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
    fn id(&self) -> ActorId;
    fn label(&self) -> Option<&Label>;
}

impl<A: Accepts<M>, M: Message> Takes<M> for Endpoint<A> {
    fn ask(&self, message: M, timeout: Option<Duration>) -> Answer<'static, M::Reply> {
        let request = self.send(message);
        match timeout {
            Some(after) => Box::pin(request.timeout(after)),
            None => Box::pin(request),
        }
    }

    fn tell(&self, message: M) -> Answer<'static, ()> {
        Box::pin(Self::tell(self, message))
    }

    fn try_tell(&self, message: M) -> Result<(), TrySendError<M>> {
        Self::try_tell(self, message)
    }

    fn closed(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Self::closed(self))
    }

    fn id(&self) -> ActorId {
        Self::id(self)
    }

    fn label(&self) -> Option<&Label> {
        Self::label(self)
    }
}

impl<M: Message> Recipient<M> {
    pub(crate) fn new<A: Accepts<M>>(endpoint: Endpoint<A>) -> Self {
        Self { to: Arc::new(endpoint) }
    }

    /// Asks, as [`Endpoint::send`] does.
    ///
    /// # Errors
    ///
    /// Any [`SendError`].
    pub fn send(&self, message: M) -> impl Future<Output = Result<M::Reply, SendError>> + Send + 'static {
        self.to.ask(message, None)
    }

    /// Asks, and gives up `after` this long.
    ///
    /// # Errors
    ///
    /// Any [`SendError`].
    pub fn send_within(
        &self,
        after: Duration,
        message: M,
    ) -> impl Future<Output = Result<M::Reply, SendError>> + Send + 'static {
        self.to.ask(message, Some(after))
    }

    /// Tells, as [`Endpoint::tell`] does.
    ///
    /// # Errors
    ///
    /// A [`SendError`] whose delivery is `Never`.
    pub fn tell(&self, message: M) -> impl Future<Output = Result<(), SendError>> + Send + 'static {
        self.to.tell(message)
    }

    /// Sends if there is room now.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] hands the message back.
    pub fn try_tell(&self, message: M) -> Result<(), TrySendError<M>> {
        self.to.try_tell(message)
    }

    /// Waits until the actor is over. Cancel-safe.
    pub async fn closed(&self) {
        self.to.closed().await;
    }

    /// Which actor.
    pub fn id(&self) -> ActorId {
        self.to.id()
    }

    /// Its label, if it has one.
    pub fn label(&self) -> Option<&Label> {
        self.to.label()
    }
}

impl<A: Handlers + Accepts<M>, M: Message> From<Endpoint<A>> for Recipient<M> {
    fn from(endpoint: Endpoint<A>) -> Self {
        Self::new(endpoint)
    }
}

impl<M: Message> Clone for Recipient<M> {
    fn clone(&self) -> Self {
        Self { to: self.to.clone() }
    }
}

impl<M: Message> fmt::Debug for Recipient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("message", &M::NAME).field("id", &self.id()).finish()
    }
}
