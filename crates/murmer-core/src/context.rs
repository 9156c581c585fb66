//! What a handler may know and do as the actor it runs in.

mod children;
mod grouping;
mod tasks;
mod watching;

use core::fmt;
use std::sync::{Arc, OnceLock};

use murmer_wire::{ActorId, Label};

pub use self::tasks::TaskHandle;
pub(crate) use self::tasks::Tasks;
use crate::family::{Doors, Family};
use crate::mailbox::Signal;
use crate::near::{AnyNear, Near};
use crate::{ChildStrategy, Endpoint, Handlers, StopReason, System, current};

/// What a handler may know and do as the actor it runs in: one for each of its lives.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Room; impl Actor for Room { type State = (); }
/// #[handlers]
/// impl Room {
///     #[handler]
///     fn name(&self, ctx: &ActorContext<Self>) -> String {
///         ctx.label().map_or("a room without a name".into(), ToString::to_string)
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
///
/// let room = System::local().start("room/general", Room, ());
/// assert_eq!(room.name().await?, "room/general");
/// # Ok(()) }
/// ```
pub struct ActorContext<A: Handlers> {
    near: Arc<Near<A>>,
    tasks: Tasks,
    strategy: ChildStrategy,
    family: OnceLock<Arc<Family>>,
    /// Whether [`stop`](Self::stop) may end this life only, and another one begin.
    is_permanent: bool,
}

impl<A: Handlers> ActorContext<A> {
    pub(crate) fn new(near: Arc<Near<A>>, strategy: ChildStrategy, is_permanent: bool) -> Self {
        Self { near, tasks: Tasks::default(), strategy, family: OnceLock::new(), is_permanent }
    }

    /// Stops this actor: the message being handled is finished, everything behind it is refused.
    ///
    /// One that is supervised as [`Permanent`](crate::Restart::Permanent) begins another life instead, and
    /// what is behind it waits for that.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Job; impl Actor for Job { type State = (); }
    /// #[handlers]
    /// impl Job {
    ///     #[handler]
    ///     fn finish(&self, ctx: &ActorContext<Self>) -> u32 {
    ///         ctx.stop();
    ///         42 // still answered
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let job = System::local().start("job", Job, ());
    /// assert_eq!(job.finish().await?, 42);
    /// assert_eq!(job.ended().await, StopReason::Stopped);
    /// # Ok(()) }
    /// ```
    pub fn stop(&self) {
        if self.is_permanent {
            self.near.lay_down(StopReason::Stopped);
        } else {
            self.near.system().end_actor(&*self.near, Signal::Stop);
        }
    }

    /// Stops this actor once everything that waits for it has been handled; what comes is refused from now
    /// on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Shop; impl Actor for Shop { type State = u32; }
    /// #[handlers]
    /// impl Shop {
    ///     #[handler]
    ///     fn close(&self, ctx: &ActorContext<Self>) {
    ///         ctx.drain();
    ///     }
    ///
    ///     #[handler]
    ///     fn serve(&self, served: &mut u32) -> u32 {
    ///         *served += 1;
    ///         *served
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let shop = System::local().start("shop", Shop, 0);
    /// let (closed, served) = tokio::join!(biased; shop.close(), shop.serve());
    /// assert_eq!((closed?, served?), ((), 1)); // who is in the line is served
    /// assert!(matches!(shop.serve().await, Err(SendError::Stopped)));
    /// # Ok(()) }
    /// ```
    pub fn drain(&self) {
        self.near.system().end_actor(&*self.near, Signal::Drain);
    }

    /// Which actor this is, among all that ever were.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::{ActorId, prelude::*};
    /// # struct Ticket; impl Actor for Ticket { type State = (); }
    /// #[handlers]
    /// impl Ticket {
    ///     #[handler]
    ///     fn number(&self, ctx: &ActorContext<Self>) -> ActorId {
    ///         ctx.id()
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let system = System::local();
    /// let (one, two) = (system.start_anonymous(Ticket, ()), system.start_anonymous(Ticket, ()));
    /// assert_eq!(one.number().await?, one.id());
    /// assert_ne!(one.id(), two.id());
    /// # Ok(()) }
    /// ```
    pub fn id(&self) -> ActorId {
        self.near.id()
    }

    /// What this actor is looked up by; `None` for an anonymous one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Room; impl Actor for Room { type State = (); }
    /// #[handlers]
    /// impl Room {
    ///     #[handler]
    ///     fn is_public(&self, ctx: &ActorContext<Self>) -> bool {
    ///         ctx.label().is_some_and(|label| label.as_str().starts_with("public/"))
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let system = System::local();
    /// assert!(system.start("public/garden", Room, ()).is_public().await?);
    /// assert!(!system.start_anonymous(Room, ()).is_public().await?);
    /// # Ok(()) }
    /// ```
    pub fn label(&self) -> Option<&Label> {
        self.near.label()
    }

    /// An endpoint of this actor, to hand to others.
    ///
    /// Asking oneself through it waits for a handler that cannot begin before this one ends; tell
    /// instead.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Countdown; impl Actor for Countdown { type State = (); }
    /// #[handlers]
    /// impl Countdown {
    ///     /// One message for each step, so that others get their turn in between.
    ///     #[handler]
    ///     async fn from(&self, ctx: &ActorContext<Self>, n: u32) {
    ///         match n.checked_sub(1) {
    ///             Some(n) => drop(ctx.endpoint().from(n).tell().await),
    ///             None => ctx.stop(),
    ///         }
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let countdown = System::local().start("countdown", Countdown, ());
    /// countdown.from(10).await?;
    /// assert_eq!(countdown.ended().await, StopReason::Stopped);
    /// # Ok(()) }
    /// ```
    pub fn endpoint(&self) -> Endpoint<A> {
        Endpoint::near(self.near.clone())
    }

    /// The system this actor runs in.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # struct Visitor; impl Actor for Visitor { type State = (); }
    /// #[handlers]
    /// impl Visitor {
    ///     #[handler]
    ///     async fn enter(&self, ctx: &ActorContext<Self>) -> Option<u64> {
    ///         let counter = ctx.system().lookup::<Counter>("visits")?;
    ///         counter.add(1).await.ok()
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let system = System::local();
    /// let visitor = system.start("visitor", Visitor, ());
    /// assert_eq!(visitor.enter().await?, None); // nobody counts
    /// system.start("visits", Counter, 0);
    /// assert_eq!(visitor.enter().await?, Some(1));
    /// # Ok(()) }
    /// ```
    pub fn system(&self) -> &System {
        self.near.system()
    }

    /// How much time is left to answer the message in hand, as far as its sender waits; `None` if without
    /// end. Asks made in this handler inherit it unless they set their own.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Cook; impl Actor for Cook { type State = (); }
    /// #[handlers]
    /// impl Cook {
    ///     #[handler]
    ///     fn lunch(&self, ctx: &ActorContext<Self>) -> String {
    ///         match ctx.remaining() {
    ///             Some(left) if left < Duration::from_secs(600) => "sandwich".into(),
    ///             _ => "stew".into(),
    ///         }
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), SendError> {
    ///
    /// let cook = System::local().start("cook", Cook, ());
    /// assert_eq!(cook.lunch().await?, "stew");
    /// assert_eq!(cook.lunch().timeout(Duration::from_secs(60)).await?, "sandwich");
    /// # Ok(()) }
    /// ```
    pub fn remaining(&self) -> Option<core::time::Duration> {
        let deadline = current::deadline()?;
        Some(deadline.saturating_duration_since(tokio::time::Instant::now()))
    }

    /// Ends what belongs to this life: its tasks first, then its children, the youngest first.
    pub(crate) async fn end(&self, signal: Signal, doors: Doors) {
        let wait = self.system().options().shutdown_wait;
        self.tasks.end(wait).await;
        if let Some(family) = self.family.get() {
            family.end(signal, wait, doors).await;
        }
    }
}

impl<A: Handlers> Drop for ActorContext<A> {
    /// At the end of a life nothing is left by now. A task that is dropped half-way, as its runtime ends, can't
    /// wait for its children, which may be on threads of their own; it can tell them.
    fn drop(&mut self) {
        if let Some(family) = self.family.get() {
            family.abandon();
        }
    }
}

impl<A: Handlers> fmt::Debug for ActorContext<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorContext").field("id", &self.id()).field("label", &self.label()).finish()
    }
}
