//! Starts actors, finds them, stops them: the receptionist, and the whole of it.

mod counting;
mod ending;
mod finding;
mod grouping;
mod observing;
mod pattern;
mod starting;

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;

use murmer_wire::{ActorNumber, Label, NodeId, NodeName};
use tokio::runtime::Handle;
use tokio::sync::Notify;

pub(crate) use self::ending::KILL_WAIT;
use crate::boot::incarnation_now;
use crate::end::End;
use crate::events::Bus;
use crate::groups::Groups;
use crate::near::AnyNear;
use crate::running::Running;
use crate::shards::{Numbered, Shards};
use crate::tallies::Tallies;
use crate::watch::WatchId;
use crate::{ActorInfo, Changes, Cluster, Event, Events, InboundPort};

/// The actors of one process, and the way to those of others.
///
/// Cheap to clone; all clones are the same system. Dropping them does not stop the actors:
/// [`shutdown`](System::shutdown) does.
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
/// assert_eq!(counter.add(2).await?, 42);
///
/// system.shutdown().await; // dropping it would leave the counter running
/// assert!(system.actors().is_empty());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct System {
    inner: Arc<Inner>,
}

struct Inner {
    node: NodeId,
    options: SystemOptions,
    next_number: AtomicU64,
    next_watch: AtomicU64,
    labels: Shards<Label, Arc<dyn AnyNear>>,
    numbers: Numbered<ActorNumber, Arc<dyn AnyNear>>,
    groups: Groups,
    running: Running,
    /// Off the books, and not over yet: they finish a message, or clean up.
    leaving: Numbered<ActorNumber, Arc<dyn AnyNear>>,
    ends: observing::Ends,
    tallies: Tallies,
    bus: Bus,
    /// Told whenever a label may have come.
    registrations: Notify,
    is_shut_down: AtomicBool,
    /// Raised once the shutdown is over.
    end: End,
    /// Where the system was made; a start elsewhere uses its own runtime if it has one.
    runtime: Option<Handle>,
    cluster: Option<Joined>,
}

struct Joined {
    cluster: Arc<dyn Cluster>,
    changes: Arc<Changes>,
}

/// Settings of a system.
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
/// # async fn main() -> Result<(), SendError> {
/// use murmer::SystemOptions;
///
/// let options = SystemOptions { shutdown_wait: Duration::from_secs(1), ..SystemOptions::default() };
/// let system = System::local_with(options);
/// let sleeper = system.start("sleeper", Sleeper, ());
/// sleeper.nap().tell().await?;
/// tokio::task::yield_now().await; // lets it begin
/// system.shutdown().await; // it naps for an hour, but not now
/// assert_eq!(sleeper.ended().await, StopReason::Killed);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SystemOptions {
    /// How long a sender waits for a place in a full mailbox before [`Overloaded`](crate::SendError::Overloaded).
    ///
    /// Seconds: long enough to ride out a burst, short enough that a ring of actors that fill each
    /// other's mailboxes comes apart. The default is 5 s.
    pub mailbox_wait: Duration,
    /// How long [`shutdown`](System::shutdown) waits for handlers that are running.
    ///
    /// Seconds; the default is 5 s. A handler that takes longer is left behind and logged.
    pub shutdown_wait: Duration,
}

impl Default for SystemOptions {
    fn default() -> Self {
        Self { mailbox_wait: Duration::from_secs(5), shutdown_wait: Duration::from_secs(5) }
    }
}

impl System {
    /// A system of this process alone: no network, no config.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 1);
    /// assert_eq!(counter.add(1).await?, 2);
    /// # Ok(()) }
    /// ```
    pub fn local() -> Self {
        Self::local_with(SystemOptions::default())
    }

    /// The same with other settings.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use murmer::{ActorOptions, SystemOptions};
    ///
    /// let mailbox_wait = Duration::from_millis(100);
    /// let system = System::local_with(SystemOptions { mailbox_wait, ..SystemOptions::default() });
    /// let prepared = system.prepare::<Counter>("counter", ActorOptions::default().mailbox(1))?;
    /// let counter = prepared.endpoint();
    /// counter.add(1).tell().await?; // takes the only place
    /// let error = counter.add(1).await.unwrap_err();
    /// assert!(matches!(error, SendError::Overloaded { waited } if waited == mailbox_wait));
    /// # Ok(()) }
    /// ```
    pub fn local_with(options: SystemOptions) -> Self {
        let node =
            NodeId { name: NodeName::new("local").expect("a valid name"), incarnation: incarnation_now() };
        Self::new(node, options, None)
    }

    /// A system that is one of several: `changes` will say what the others are to hear.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{any::Any, pin::Pin, sync::Arc};
    /// # use murmer::{ActorId, Label, NodeId, NodeName, SystemOptions};
    /// # use murmer_core::{Change, Changes, Cluster, FarActor, incarnation_now};
    /// # struct Alone;
    /// # impl Cluster for Alone {
    /// #     fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> { None }
    /// #     fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> { None }
    /// #     fn labels(&self, _: &dyn Fn(&str) -> bool) -> Vec<Label> { Vec::new() }
    /// #     fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { Box::pin(async {}) }
    /// #     fn as_any(&self) -> &dyn Any { self }
    /// # }
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let node = NodeId { name: NodeName::new("alpha")?, incarnation: incarnation_now() };
    /// let changes = Arc::new(Changes::default());
    /// let system = System::joined(node, SystemOptions::default(), Arc::new(Alone), changes.clone());
    ///
    /// system.start("counter", Counter, 0);
    /// assert!(matches!(&changes.take()[..], [Change::Added { .. }])); // for the others to hear
    /// # Ok(()) }
    /// ```
    pub fn joined(
        node: NodeId,
        options: SystemOptions,
        cluster: Arc<dyn Cluster>,
        changes: Arc<Changes>,
    ) -> Self {
        Self::new(node, options, Some(Joined { cluster, changes }))
    }

    fn new(node: NodeId, options: SystemOptions, cluster: Option<Joined>) -> Self {
        let inner = Inner {
            node,
            options,
            next_number: AtomicU64::new(1),
            next_watch: AtomicU64::new(1),
            labels: Shards::default(),
            numbers: Shards::default(),
            groups: Groups::default(),
            running: Running::default(),
            leaving: Shards::default(),
            ends: observing::Ends::default(),
            tallies: Tallies::default(),
            bus: Bus::default(),
            registrations: Notify::new(),
            is_shut_down: AtomicBool::new(false),
            end: End::default(),
            runtime: Handle::try_current().ok(),
            cluster,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Which process this is.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// assert_eq!(system.node().name.as_str(), "local");
    /// assert_eq!(system.start("counter", Counter, 0).node(), system.node());
    /// # }
    /// ```
    pub fn node(&self) -> &NodeId {
        &self.inner.node
    }

    /// The other nodes; `None` for a local system.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{any::Any, pin::Pin, sync::Arc};
    /// # use murmer::{ActorId, Label, NodeId, NodeName, SystemOptions};
    /// # use murmer_core::{Change, Changes, Cluster, FarActor, incarnation_now};
    /// # struct Alone;
    /// # impl Cluster for Alone {
    /// #     fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> { None }
    /// #     fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> { None }
    /// #     fn labels(&self, _: &dyn Fn(&str) -> bool) -> Vec<Label> { Vec::new() }
    /// #     fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { Box::pin(async {}) }
    /// #     fn as_any(&self) -> &dyn Any { self }
    /// # }
    /// # fn main() -> Result<(), murmer::NameError> {
    /// # let node = NodeId { name: NodeName::new("alpha")?, incarnation: incarnation_now() };
    /// # let (options, changes) = (SystemOptions::default(), Arc::new(Changes::default()));
    /// use murmer::System;
    ///
    /// let system = System::joined(node, options, Arc::new(Alone), changes);
    /// assert!(system.cluster().is_some_and(|cluster| cluster.as_any().is::<Alone>()));
    /// assert!(System::local().cluster().is_none());
    /// # Ok(()) }
    /// ```
    pub fn cluster(&self) -> Option<&Arc<dyn Cluster>> {
        self.inner.cluster.as_ref().map(|joined| &joined.cluster)
    }

    /// The near end for a stream from another node to actor `number`; `None` if it is gone or local
    /// to its process.
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
    /// let number = counter.id().number;
    ///
    /// let port = system.port(number).expect("it runs");
    /// assert!(port.actor_type().ends_with("::Counter"));
    ///
    /// counter.control().stop();
    /// assert!(system.port(number).is_none());
    /// # }
    /// ```
    pub fn port(&self, number: ActorNumber) -> Option<Box<dyn InboundPort>> {
        self.inner.numbers.get(&number).filter(|near| near.is_remote()).map(AnyNear::port)
    }

    /// What happens from now on that nobody asks about: refused starts, restarts, messages that had
    /// nowhere to go; in a cluster also members and actors elsewhere that come and go.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use murmer::Event;
    ///
    /// let system = System::local();
    /// let mut events = system.events();
    /// system.start("counter", Counter, 0);
    /// system.start("counter", Counter, 7); // refused: the first one goes on
    /// assert!(matches!(events.next().await, Some(Event::LabelTaken { label, .. }) if label.as_str() == "counter"));
    /// # }
    /// ```
    pub fn events(&self) -> Events {
        self.inner.bus.subscribe()
    }

    /// Tells readers of [`events`](Self::events) what the cluster has to tell; nothing is made of it while there are
    /// none.
    #[doc(hidden)]
    pub fn report(&self, event: impl FnOnce() -> Event) {
        self.inner.bus.emit(event);
    }

    /// How every actor of this process is doing, in the order of their starts.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// use murmer::ActorState;
    ///
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// system.start_anonymous(Counter, 0);
    /// counter.add(1).await?;
    ///
    /// let infos = system.actors();
    /// assert_eq!(infos.len(), 2);
    /// assert_eq!((&infos[0].id, infos[0].state), (&counter.id(), ActorState::Running));
    /// # Ok(()) }
    /// ```
    pub fn actors(&self) -> Vec<ActorInfo> {
        let mut infos: Vec<_> = self.inner.numbers.values().iter().map(|near| near.info()).collect();
        infos.sort_by_key(|info| info.id.number);
        infos
    }

    pub(crate) fn tallies(&self) -> &Tallies {
        &self.inner.tallies
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.inner.bus
    }

    pub(crate) fn options(&self) -> &SystemOptions {
        &self.inner.options
    }

    pub(crate) fn running(&self) -> &Running {
        &self.inner.running
    }

    pub(crate) fn next_watch(&self) -> WatchId {
        WatchId(self.inner.next_watch.fetch_add(1, Ordering::Relaxed))
    }

    fn next_number(&self) -> ActorNumber {
        ActorNumber(self.inner.next_number.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("System").field("node", &self.inner.node).finish_non_exhaustive()
    }
}
