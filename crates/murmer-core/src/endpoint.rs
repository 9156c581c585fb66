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
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
/// use std::time::Duration;
///
/// let counter = System::local().start("counter", Counter, 0);
/// counter.add(1).await?; // asks, and waits for the answer
/// counter.add(1).timeout(Duration::from_secs(1)).await?;
/// counter.add(1).tell().await?; // waits for a place in the mailbox only
/// assert_eq!(counter.add(1).await?, 4);
/// # Ok(()) }
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let counter = System::local().start("counter", Counter, 40);
    /// assert_eq!(counter.send(CounterAdd { by: 2 }).await?, 42); // as counter.add(2)
    ///
    /// let never = counter.send(CounterAdd { by: 100 });
    /// drop(never); // nothing was sent
    /// assert_eq!(counter.add(0).await?, 42);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let counter = System::local().start("counter", Counter, 0);
    /// for by in [20, 22] {
    ///     counter.tell(CounterAdd { by }).await?;
    /// }
    /// assert_eq!(counter.add(0).await?, 42); // behind both
    /// # Ok(()) }
    /// ```
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
    /// let system = System::local();
    /// let counter = system.try_start("counter", Counter, 0, ActorOptions::default().mailbox(1))?;
    /// counter.try_tell(CounterAdd { by: 1 })?;
    /// let full = counter.try_tell(CounterAdd { by: 2 }).unwrap_err();
    /// assert!(matches!(full, TrySendError::Full(CounterAdd { by: 2 })));
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// struct Desk(Endpoint<Counter>);
    /// impl Actor for Desk { type State = (); }
    ///
    /// #[handlers]
    /// impl Desk {
    ///     #[handler]
    ///     async fn count(&self, by: u64, reply: ReplyTo<u64>) {
    ///         let _ = self.0.forward(CounterAdd { by }, reply).await; // the desk is free again
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 40);
    /// let desk = system.start("desk", Desk(counter), ());
    /// assert_eq!(desk.count(2).await?, 42);
    /// # Ok(()) }
    /// ```
    pub async fn forward<M: Message>(&self, message: M, reply: ReplyTo<M::Reply>) -> Result<(), SendError>
    where
        A: Accepts<M>,
    {
        request::forward(self, message, reply).await
    }

    /// The same actor as one that takes `M`, whatever else it is.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// use murmer::Recipient;
    ///
    /// let counter = System::local().start("counter", Counter, 40);
    /// let recipient: Recipient<CounterAdd> = counter.recipient();
    /// assert_eq!(recipient.send(CounterAdd { by: 2 }).await?, 42);
    /// # Ok(()) }
    /// ```
    pub fn recipient<M: Message>(&self) -> Recipient<M>
    where
        A: Accepts<M>,
    {
        Recipient::new(self.clone())
    }

    /// How to end the actor, if it is one of this process; that of another node is never touched.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let counter = System::local().start_anonymous(Counter, 0); // no label to stop it by
    /// assert!(counter.control().stop());
    /// assert!(matches!(counter.add(1).await, Err(SendError::Stopped)));
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// system.stop("counter");
    /// counter.closed().await;
    /// assert!(system.actors().is_empty());
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Machine;
    /// # impl Actor for Machine { type State = (); }
    /// # #[handlers] impl Machine {
    /// #     #[handler] fn overheat(&mut self) { panic!("too hot") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let machine = System::local().start("machine", Machine, ());
    /// machine.overheat().tell().await?;
    /// assert_eq!(machine.ended().await, StopReason::Panicked("too hot".into()));
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let first = system.start("counter", Counter, 0);
    /// system.stop("counter");
    /// let second = system.start("counter", Counter, 0);
    /// assert_ne!(first.id(), second.id()); // the same label, and yet another actor
    /// # }
    /// ```
    pub fn id(&self) -> ActorId {
        match &self.way {
            Way::Near(near) => near.id(),
            Way::Far(far) => far.id().clone(),
            Way::Void(void) => void.id.clone(),
        }
    }

    /// What the actor was started under; `None` if it is anonymous.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// assert_eq!(counter.label().map(|label| label.as_str()), Some("counter"));
    /// assert_eq!(system.start_anonymous(Counter, 0).label(), None);
    /// # }
    /// ```
    pub fn label(&self) -> Option<&Label> {
        match &self.way {
            Way::Near(near) => near.label(),
            Way::Far(far) => far.label(),
            Way::Void(void) => void.label.as_ref(),
        }
    }

    /// The process the actor lives in.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// assert_eq!(counter.node(), system.node());
    /// # }
    /// ```
    pub fn node(&self) -> &NodeId {
        match &self.way {
            Way::Near(near) => near.node(),
            Way::Far(far) => &far.id().node,
            Way::Void(void) => &void.id.node,
        }
    }

    /// True if sending stays within this process.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # async fn nodes() -> Result<[System; 2], Box<dyn std::error::Error>> {
    /// #     let network = MemNetwork::new(1);
    /// #     let (a, b) = ("127.0.0.1:1", "127.0.0.1:2");
    /// #     let alpha = ClusterConfig::builder().name("alpha").cookie("a cookie for tests").build()?;
    /// #     let alpha = System::clustered_on(alpha, network.bind(a.parse()?)?).await?;
    /// #     let beta = ClusterConfig::builder().name("beta").cookie("a cookie for tests").seed_nodes([a.parse()?]);
    /// #     Ok([alpha, System::clustered_on(beta.build()?, network.bind(b.parse()?)?).await?])
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let [alpha, beta] = nodes().await?; // of one cluster
    /// let counter = alpha.start("counter", Counter, 0);
    /// assert!(counter.is_local());
    ///
    /// let wait = beta.lookup_wait::<Counter>("counter", std::time::Duration::from_secs(5));
    /// let same = wait.await.ok_or("not heard of")?;
    /// assert!(!same.is_local());
    /// assert_eq!(same.node(), alpha.node());
    /// # Ok(()) }
    /// ```
    pub const fn is_local(&self) -> bool {
        !matches!(self.way, Way::Far(_))
    }

    /// Whether its node can be reached as far as is known.
    pub(crate) fn is_reachable(&self) -> bool {
        match &self.way {
            Way::Near(_) | Way::Void(_) => true,
            Way::Far(far) => far.is_reachable(),
        }
    }

    /// The actor as data, to put into a message.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 40);
    /// let reference: ActorRef<Counter> = counter.actor_ref(); // has serde's traits, as messages need
    ///
    /// let same = system.resolve(&reference).expect("it still runs");
    /// assert_eq!(same.add(2).await?, 42);
    /// # Ok(()) }
    /// ```
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
