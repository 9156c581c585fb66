//! Watches across the seam: of actors elsewhere by actors here, and the other way around.

use core::fmt;
use std::sync::Arc;

use murmer_wire::{ActorId, ActorNumber, Label};

use crate::near::AnyNear;
use crate::{StopReason, Terminated, WatchId};

/// An actor here wants to be told of the end of one elsewhere. For [`Cluster::watch`](super::Cluster::watch).
///
/// # Examples
///
/// ```
/// # use std::{any::Any, pin::Pin};
/// use std::sync::{Arc, Mutex};
/// use murmer::prelude::*;
/// use murmer_core::{Cluster, FarActor, FarWatch};
/// # use murmer::{ActorId, Label, SystemOptions};
/// # use murmer_core::Changes;
///
/// /// Keeps all watches until something is known.
/// #[derive(Default)]
/// struct Patient(Mutex<Vec<FarWatch>>);
///
/// impl Cluster for Patient {
///     fn watch(&self, watch: FarWatch) {
///         self.0.lock().expect("nobody panics here").push(watch);
///     }
/// #   fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> { None }
/// #   fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> { None }
/// #   fn labels(&self, _: &dyn Fn(&str) -> bool) -> Vec<Label> { Vec::new() }
/// #   fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { Box::pin(async {}) }
/// #   fn as_any(&self) -> &dyn Any { self }
///     // …
/// }
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # struct Guard { counter: ActorRef<Counter>, log: tokio::sync::mpsc::UnboundedSender<StopReason> }
/// # impl Actor for Guard {
/// #     type State = ();
/// #     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut ()) -> Result<(), StartFailure> {
/// #         ctx.watch_ref(&self.counter, 0);
/// #         Ok(())
/// #     }
/// #     async fn terminated(&mut self, _: &ActorContext<Self>, _: &mut (), notice: Terminated) {
/// #         let _ = self.log.send(notice.reason);
/// #     }
/// # }
/// # #[handlers(local)] impl Guard { #[handler] fn ready(&self) {} }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let counter = System::local().start("counter", Counter, 0).actor_ref();
/// # let node = murmer::NodeId { name: murmer::NodeName::new("alpha")?, ..System::local().node().clone() };
/// # let target = counter.id().clone();
/// # let patient = Arc::new(Patient::default());
/// # let system = System::joined(node, SystemOptions::default(), patient.clone(), Arc::new(Changes::default()));
/// # let (log, _read) = tokio::sync::mpsc::unbounded_channel();
/// // `system` is one in such a cluster; the guard watches a counter of another node.
/// let guard = system.start("guard", Guard { counter, log }, ());
/// guard.ready().await?;
/// let watches = patient.0.lock().unwrap();
/// assert_eq!((&watches[0].target, watches[0].watcher), (&target, guard.id().number));
/// # Ok(()) }
/// ```
pub struct FarWatch {
    /// Which watch: no two of a process have one id.
    pub id: WatchId,
    /// Which actor is watched.
    pub target: ActorId,
    /// Which actor of this process watches.
    pub watcher: ActorNumber,
    tag: u64,
    label: Option<Label>,
    near: Arc<dyn AnyNear>,
}

impl FarWatch {
    pub(crate) fn new(
        id: WatchId,
        tag: u64,
        target: ActorId,
        label: Option<Label>,
        near: Arc<dyn AnyNear>,
    ) -> Self {
        Self { id, target, watcher: near.number(), tag, label, near }
    }

    /// Tells the watcher, behind all that its mailbox has accepted by now; unless it has given the watch up.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{any::Any, pin::Pin};
    /// use std::sync::Arc;
    /// use murmer::prelude::*;
    /// use murmer_core::{Cluster, FarActor, FarWatch};
    /// # use murmer::{ActorId, Label, SystemOptions};
    /// # use murmer_core::Changes;
    ///
    /// /// Holds every other node to be down.
    /// struct Alone;
    ///
    /// impl Cluster for Alone {
    ///     fn watch(&self, watch: FarWatch) {
    ///         watch.tell(StopReason::NodeDown);
    ///     }
    /// #   fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> { None }
    /// #   fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> { None }
    /// #   fn labels(&self, _: &dyn Fn(&str) -> bool) -> Vec<Label> { Vec::new() }
    /// #   fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { Box::pin(async {}) }
    /// #   fn as_any(&self) -> &dyn Any { self }
    ///     // …
    /// }
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # struct Guard { counter: ActorRef<Counter>, log: tokio::sync::mpsc::UnboundedSender<StopReason> }
    /// # impl Actor for Guard {
    /// #     type State = ();
    /// #     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut ()) -> Result<(), StartFailure> {
    /// #         ctx.watch_ref(&self.counter, 0);
    /// #         Ok(())
    /// #     }
    /// #     async fn terminated(&mut self, _: &ActorContext<Self>, _: &mut (), notice: Terminated) {
    /// #         let _ = self.log.send(notice.reason);
    /// #     }
    /// # }
    /// # #[handlers(local)] impl Guard { #[handler] fn ready(&self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let counter = System::local().start("counter", Counter, 0).actor_ref();
    /// # let node = murmer::NodeId { name: murmer::NodeName::new("alpha")?, ..System::local().node().clone() };
    /// # let system = System::joined(node, SystemOptions::default(), Arc::new(Alone), Arc::new(Changes::default()));
    /// # let (log, mut read) = tokio::sync::mpsc::unbounded_channel();
    /// system.start("guard", Guard { counter, log }, ()); // watches a counter of another node
    /// assert_eq!(read.recv().await, Some(StopReason::NodeDown));
    /// # Ok(()) }
    /// ```
    pub fn tell(self, reason: StopReason) {
        let Self { id: watch, target: actor, tag, label, near, .. } = self;
        near.notify(Terminated { watch, tag, actor, label, reason });
    }
}

impl fmt::Debug for FarWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FarWatch").field("id", &self.id).field("target", &self.target).finish_non_exhaustive()
    }
}

/// Somebody who tells other nodes of the ends of actors here; see [`System::observe`](crate::System::observe).
///
/// # Examples
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use murmer::prelude::*;
/// use murmer::ActorNumber;
/// use murmer_core::Observer;
///
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// #[derive(Default)]
/// struct Log(Mutex<Vec<(ActorNumber, StopReason)>>);
///
/// impl Observer for Log {
///     fn ended(&self, actor: ActorNumber, reason: StopReason) {
///         self.0.lock().expect("nobody panics here").push((actor, reason));
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
///
/// let (system, log) = (System::local(), Arc::new(Log::default()));
/// let counter = system.start("counter", Counter, 0);
/// let number = counter.id().number;
/// system.observe(number, log.clone());
/// counter.control().kill();
/// counter.closed().await;
/// assert_eq!(*log.0.lock().unwrap(), [(number, StopReason::Killed)]);
/// # }
/// ```
pub trait Observer: Send + Sync + 'static {
    /// That actor is over. Called on whatever thread that happens; must not block.
    fn ended(&self, actor: ActorNumber, reason: StopReason);
}
