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
/// # use murmer::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// use murmer::Recipient;
///
/// #[derive(Clone, Serialize, Deserialize, Message)]
/// #[message(reply = bool)]
/// pub struct News(String);
///
/// struct Fan; impl Actor for Fan { type State = (); }
/// #[handlers]
/// impl Fan {
///     #[handler(message)]
///     fn news(&self, _: News) -> bool { true }
/// }
///
/// struct Critic; impl Actor for Critic { type State = (); }
/// #[handlers]
/// impl Critic {
///     #[handler(message)]
///     fn news(&self, _: News) -> bool { false }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
///
/// let system = System::local();
/// let fan = system.start("fan", Fan, ());
/// let critic = system.start("critic", Critic, ());
/// let audience: [Recipient<News>; 2] = [fan.recipient(), critic.into()];
/// let mut likes = Vec::new();
/// for recipient in &audience {
///     likes.push(recipient.send(News("a sequel".into())).await?);
/// }
/// assert_eq!(likes, [true, false]);
/// # Ok(()) }
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

    /// Asks, as [`Endpoint::send`] does; nothing is sent before it is awaited.
    ///
    /// # Cancel safety
    ///
    /// As for a [`Request`](crate::Request).
    ///
    /// # Errors
    ///
    /// Any [`SendError`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let counter = System::local().start("counter", Counter, 40);
    /// let recipient = counter.recipient();
    /// let ask = recipient.send(CounterAdd { by: 2 });
    /// drop(recipient); // the ask doesn't need it
    /// assert_eq!(ask.await?, 42);
    /// # Ok(()) }
    /// ```
    pub fn send(&self, message: M) -> impl Future<Output = Result<M::Reply, SendError>> + Send + 'static {
        self.to.ask(message, None)
    }

    /// Asks, and gives up `after` this long, counted from the first poll.
    ///
    /// # Cancel safety
    ///
    /// As for a [`Request`](crate::Request).
    ///
    /// # Errors
    ///
    /// Any [`SendError`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Sleeper;
    /// # impl Actor for Sleeper { type State = (); }
    /// # #[handlers] impl Sleeper {
    /// #     #[handler] async fn nap(&mut self) { tokio::time::sleep(Duration::from_secs(3_600)).await }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let sleeper = System::local().start("sleeper", Sleeper, ()).recipient();
    /// let error = sleeper.send_within(Duration::from_secs(1), SleeperNap {}).await.unwrap_err();
    /// assert!(matches!(error, SendError::TimedOut { .. }));
    /// # }
    /// ```
    pub fn send_within(
        &self,
        after: Duration,
        message: M,
    ) -> impl Future<Output = Result<M::Reply, SendError>> + Send + 'static {
        self.to.ask(message, Some(after))
    }

    /// Tells, as [`Endpoint::tell`] does; nothing is sent before it is awaited.
    ///
    /// # Cancel safety
    ///
    /// As for a [`Tell`](crate::Tell).
    ///
    /// # Errors
    ///
    /// A [`SendError`] whose delivery is `Never`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let counter = System::local().start("counter", Counter, 0);
    /// let audience = [counter.recipient(), counter.recipient()];
    /// for recipient in &audience {
    ///     recipient.tell(CounterAdd { by: 21 }).await?;
    /// }
    /// assert_eq!(counter.add(0).await?, 42);
    /// # Ok(()) }
    /// ```
    pub fn tell(&self, message: M) -> impl Future<Output = Result<(), SendError>> + Send + 'static {
        self.to.tell(message)
    }

    /// Sends if there is room now.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] hands the message back.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::{ActorOptions, TrySendError};
    ///
    /// let options = ActorOptions::default().mailbox(1);
    /// let counter = System::local().try_start("counter", Counter, 0, options)?.recipient();
    /// counter.try_tell(CounterAdd { by: 1 })?;
    /// assert!(matches!(counter.try_tell(CounterAdd { by: 1 }), Err(TrySendError::Full(_))));
    /// # Ok(()) }
    /// ```
    pub fn try_tell(&self, message: M) -> Result<(), TrySendError<M>> {
        self.to.try_tell(message)
    }

    /// Waits until the actor is over.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let recipient = system.start("counter", Counter, 0).recipient();
    /// system.stop("counter");
    /// recipient.closed().await;
    /// assert!(system.actors().is_empty());
    /// # }
    /// ```
    pub async fn closed(&self) {
        self.to.closed().await;
    }

    /// Which actor.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let counter = System::local().start("counter", Counter, 0);
    /// assert_eq!(counter.recipient().id(), counter.id());
    /// # }
    /// ```
    pub fn id(&self) -> ActorId {
        self.to.id()
    }

    /// Its label, if it has one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let counter = System::local().start("counter", Counter, 0);
    /// let recipient = counter.recipient();
    /// assert_eq!(recipient.label().map(|label| label.as_str()), Some("counter"));
    /// # }
    /// ```
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
