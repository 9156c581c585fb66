//! What other nodes have yet to hear of this node's actors.
//!
//! Not a queue: one pending change per actor. An actor that came and went between two looks was
//! never there as far as others know. So this is bounded by the number of actors, however slow the
//! reader is.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use murmer_wire::{ActorNumber, GroupSet, Label, Visibility};
use tokio::sync::Notify;

/// The pending changes of one system's actors, for whoever tells the other nodes.
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
/// # let node = NodeId { name: NodeName::new("alpha")?, incarnation: incarnation_now() };
/// let changes = Arc::new(Changes::default());
/// let system = System::joined(node, SystemOptions::default(), Arc::new(Alone), changes.clone());
/// system.start("brief", Counter, 0);
/// system.stop("brief");
/// system.start("lasting", Counter, 0);
///
/// let [Change::Added { label, .. }] = &changes.take()[..] else { panic!("one change") };
/// assert_eq!(label, &Label::new("lasting").ok()); // the others need not hear of the brief one
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct Changes {
    pending: Mutex<BTreeMap<ActorNumber, Change>>,
    notify: Notify,
}

/// One actor came, went, or is in other groups.
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
/// # let node = NodeId { name: NodeName::new("alpha")?, incarnation: incarnation_now() };
/// # let changes = Arc::new(Changes::default());
/// # let system = System::joined(node, SystemOptions::default(), Arc::new(Alone), changes.clone());
/// let counter = system.start("counter", Counter, 0);
/// for change in changes.take() {
///     match change {
///         Change::Added { number, label, actor_type, .. } => println!("{label:?}: {actor_type} {number}"),
///         Change::Updated { number, groups, .. } => println!("{number} is in {groups:?}"),
///         Change::Removed(number) => println!("{number} is gone"),
///     }
/// }
/// system.stop("counter");
/// assert_eq!(changes.take(), [Change::Removed(counter.id().number)]);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It can be sent to, or found.
    Added {
        /// Its number in this process.
        number: ActorNumber,
        /// What it is looked up by; `None` for an anonymous one that is in a group.
        label: Option<Label>,
        /// `crate::Type`, and what tells it from another of that name.
        actor_type: &'static str,
        /// Who is to hear of it.
        visibility: Visibility,
        /// The groups it is in.
        groups: GroupSet,
    },
    /// It joined or left groups.
    Updated {
        /// Its number in this process.
        number: ActorNumber,
        /// Who is to hear of it.
        visibility: Visibility,
        /// All groups it is in now.
        groups: GroupSet,
    },
    /// It stopped: its label is free again.
    Removed(ActorNumber),
}

impl Changes {
    /// Takes all that is pending: removals first, so that a label moves on before it comes back;
    /// then the others in the order of the actors' starts.
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
    /// # let node = NodeId { name: NodeName::new("alpha")?, incarnation: incarnation_now() };
    /// # let changes = Arc::new(Changes::default());
    /// # let system = System::joined(node, SystemOptions::default(), Arc::new(Alone), changes.clone());
    /// system.start("counter", Counter, 0);
    /// assert_eq!(changes.take().len(), 1);
    ///
    /// system.stop("counter");
    /// system.start("counter", Counter, 0);
    /// assert!(matches!(&changes.take()[..], [Change::Removed(_), Change::Added { .. }])); // in this order
    /// assert!(changes.take().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn take(&self) -> Vec<Change> {
        let pending = core::mem::take(&mut *self.lock());
        let (mut changes, added): (Vec<_>, Vec<_>) =
            pending.into_values().partition(|change| matches!(change, Change::Removed(_)));
        changes.extend(added);
        changes
    }

    /// Waits until there may be something to [`take`](Self::take).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: a change that came meanwhile is reported by the next call.
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
    /// # let node = NodeId { name: NodeName::new("alpha")?, incarnation: incarnation_now() };
    /// # let changes = Arc::new(Changes::default());
    /// # let system = System::joined(node, SystemOptions::default(), Arc::new(Alone), changes.clone());
    /// tokio::join!(biased; changes.changed(), async { system.start("counter", Counter, 0) });
    /// assert_eq!(changes.take().len(), 1);
    /// # Ok(()) }
    /// ```
    pub async fn changed(&self) {
        self.notify.notified().await;
    }

    pub(crate) fn add(
        &self,
        number: ActorNumber,
        label: Option<Label>,
        actor_type: &'static str,
        visibility: Visibility,
        groups: GroupSet,
    ) {
        let change = Change::Added { number, label, actor_type, visibility, groups };
        self.lock().insert(number, change);
        self.notify.notify_one();
    }

    /// An actor that was added is in these groups now.
    pub(crate) fn update(&self, number: ActorNumber, visibility: Visibility, groups: GroupSet) {
        let mut pending = self.lock();
        match pending.get_mut(&number) {
            // Told with what is still to be told.
            Some(Change::Added { groups: told, .. } | Change::Updated { groups: told, .. }) => *told = groups,
            Some(Change::Removed(_)) => {}
            None => drop(pending.insert(number, Change::Updated { number, visibility, groups })),
        }
        drop(pending);
        self.notify.notify_one();
    }

    pub(crate) fn remove(&self, number: ActorNumber) {
        let mut pending = self.lock();
        // An addition nobody has heard of cancels out.
        if !matches!(pending.remove(&number), Some(Change::Added { .. })) {
            pending.insert(number, Change::Removed(number));
        }
        drop(pending);
        self.notify.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ActorNumber, Change>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
