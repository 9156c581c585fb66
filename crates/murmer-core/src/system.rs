//! Starts actors, finds them, stops them: the receptionist, and the whole of it.

mod ending;
mod finding;
mod grouping;
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
use crate::events::Bus;
use crate::groups::Groups;
use crate::near::AnyNear;
use crate::running::Running;
use crate::shards::Shards;
use crate::watch::WatchId;
use crate::{ActorInfo, Changes, Cluster, Events, InboundPort};

/// The actors of one process, and the way to those of others.
///
/// Cheap to clone; all clones are the same system. Dropping them does not stop the actors:
/// [`shutdown`](System::shutdown) does.
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
    numbers: Shards<ActorNumber, Arc<dyn AnyNear>>,
    groups: Groups,
    running: Running,
    /// Off the books, and not over yet: they finish a message, or clean up.
    leaving: Shards<ActorNumber, Arc<dyn AnyNear>>,
    bus: Bus,
    /// Told whenever a label may have come.
    registrations: Notify,
    is_shut_down: AtomicBool,
    /// Where the system was made; a start elsewhere uses its own runtime if it has one.
    runtime: Option<Handle>,
    cluster: Option<Joined>,
}

struct Joined {
    cluster: Arc<dyn Cluster>,
    changes: Arc<Changes>,
}

/// Settings of a system.
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
    /// let system = murmer_core::System::local();
    /// assert!(system.labels("*").is_empty());
    /// ```
    pub fn local() -> Self {
        Self::local_with(SystemOptions::default())
    }

    /// The same with other settings.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use murmer_core::{System, SystemOptions};
    ///
    /// let mailbox_wait = Duration::from_millis(100);
    /// let hasty = System::local_with(SystemOptions { mailbox_wait, ..SystemOptions::default() });
    /// ```
    pub fn local_with(options: SystemOptions) -> Self {
        let node =
            NodeId { name: NodeName::new("local").expect("a valid name"), incarnation: incarnation_now() };
        Self::new(node, options, None)
    }

    /// A system that is one of several: `changes` will say what the others are to hear.
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
            bus: Bus::default(),
            registrations: Notify::new(),
            is_shut_down: AtomicBool::new(false),
            runtime: Handle::try_current().ok(),
            cluster,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Which process this is.
    pub fn node(&self) -> &NodeId {
        &self.inner.node
    }

    /// The other nodes; `None` for a local system.
    pub fn cluster(&self) -> Option<&Arc<dyn Cluster>> {
        self.inner.cluster.as_ref().map(|joined| &joined.cluster)
    }

    /// The near end for a stream from another node to actor `number`; `None` if it is gone or local
    /// to its process.
    pub fn port(&self, number: ActorNumber) -> Option<Box<dyn InboundPort>> {
        self.inner.numbers.get(&number).filter(|near| near.is_remote()).map(AnyNear::port)
    }

    /// What happens here from now on that nobody asks about: refused starts, restarts, messages that had
    /// nowhere to go.
    pub fn events(&self) -> Events {
        self.inner.bus.subscribe()
    }

    /// How every actor of this process is doing, in the order of their starts.
    pub fn actors(&self) -> Vec<ActorInfo> {
        let mut infos: Vec<_> = self.inner.numbers.values().iter().map(|near| near.info()).collect();
        infos.sort_by_key(|info| info.id.number);
        infos
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
