//! Starts actors, finds them, stops them: the receptionist, and the whole of it.

mod pattern;

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;

use murmer_wire::{ActorId, ActorNumber, Label, NodeId, NodeName};
use tokio::runtime::Handle;

use crate::boot::incarnation_now;
use crate::endpoint::Void;
use crate::near::{AnyNear, Near};
use crate::running::Running;
use crate::shards::Shards;
use crate::{ActorOptions, ActorRef, Changes, Cluster, Endpoint, Handlers, InboundPort, StartError, task};

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
    labels: Shards<Label, Arc<dyn AnyNear>>,
    numbers: Shards<ActorNumber, Arc<dyn AnyNear>>,
    running: Running,
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
        let node =
            NodeId { name: NodeName::new("local").expect("a valid name"), incarnation: incarnation_now() };
        Self::new(node, SystemOptions::default(), None)
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
            labels: Shards::default(),
            numbers: Shards::default(),
            running: Running::default(),
            is_shut_down: AtomicBool::new(false),
            runtime: Handle::try_current().ok(),
            cluster,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Starts an actor under `label`.
    ///
    /// Always returns an endpoint. If the label is taken by an actor of the same type, it is that
    /// one's, and a warning is logged; if the start fails in any other way, sends through it fail with
    /// [`NotStarted`](crate::SendError::NotStarted), and an error is logged.
    /// [`try_start`](System::try_start) returns the error instead.
    pub fn start<A: Handlers>(&self, label: &str, actor: A, state: A::State) -> Endpoint<A> {
        match self.try_start(label, actor, state, ActorOptions::default()) {
            Ok(endpoint) => endpoint,
            Err(StartError::Taken { label, holder }) if holder == A::TYPE => {
                tracing::warn!(%label, actor_type = A::TYPE, "already started; returning the one that runs");
                self.lookup_near(label.as_str()).unwrap_or_else(|| {
                    self.void(label.as_str(), StartError::Taken { label: label.clone(), holder })
                })
            }
            Err(error) => {
                tracing::error!(label, actor_type = A::TYPE, %error, "not started");
                self.void(label, error)
            }
        }
    }

    /// Starts an actor under `label`, or says why not.
    ///
    /// # Errors
    ///
    /// [`StartError`]; nothing was changed and the actor was dropped.
    pub fn try_start<A: Handlers>(
        &self,
        label: &str,
        actor: A,
        state: A::State,
        options: ActorOptions,
    ) -> Result<Endpoint<A>, StartError> {
        let label = Label::new(label)
            .map_err(|source| StartError::Label { label: label.escape_debug().to_string(), source })?;
        let runtime = Handle::try_current().ok().or_else(|| self.inner.runtime.clone());
        let runtime = runtime.ok_or(StartError::NoRuntime)?;
        let id = ActorId { node: self.inner.node.clone(), number: self.next_number() };
        let near: Arc<Near<A>> =
            Arc::new(Near::new(id, label.clone(), options.mailbox, self.inner.options.mailbox_wait));
        // The number first: whoever finds the label must find the number too.
        let number = near.number();
        self.inner.numbers.insert_new(number, near.clone());
        if let Some(holder) = self.inner.labels.insert_new(label.clone(), near.clone()) {
            self.inner.numbers.remove_if(&number, |_| true);
            return Err(StartError::Taken { label, holder: holder.type_name() });
        }
        self.announce(&*near);
        // Stopped in between, its removal went out before its addition: once more, in order.
        if self.inner.numbers.get(&number).is_none()
            && let Some(joined) = self.inner.cluster.as_ref().filter(|_| A::REMOTE)
        {
            joined.changes.remove(number);
        }
        // Looked at last: a shutdown either sees the actor among the others, or is seen here.
        if self.inner.is_shut_down.load(Ordering::SeqCst) {
            self.retire(&*near);
            near.set_ended();
            return Err(StartError::ShutDown);
        }
        runtime.spawn(task::run(near.clone(), actor, state, self.clone()));
        Ok(Endpoint::near(near))
    }

    /// Stops the actor of this node under `label`; says whether there was one.
    ///
    /// When it returns, the label is free. The message being handled is finished; everything behind
    /// it is refused: asks end with [`Stopped`](crate::SendError::Stopped). An actor on another node is
    /// never touched.
    pub fn stop(&self, label: &str) -> bool {
        match self.inner.labels.get(label) {
            Some(near) => self.stop_actor(near.number()),
            None => false,
        }
    }

    /// Stops all actors of this node, last started first, and leaves the cluster if in one.
    ///
    /// Afterwards nothing can be started here. Returns once everything has ended, or
    /// [`shutdown_wait`](SystemOptions::shutdown_wait) has passed for handlers that still run.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the rest undone; calling it again goes on.
    pub async fn shutdown(&self) {
        self.inner.is_shut_down.store(true, Ordering::SeqCst);
        let mut actors = self.inner.labels.values();
        actors.sort_by_key(|near| core::cmp::Reverse(near.number()));
        for near in &actors {
            self.retire(&**near);
            near.close();
        }
        let wait = self.inner.options.shutdown_wait;
        // Also for those that were stopped before: their handlers may still answer.
        if tokio::time::timeout(wait, self.inner.running.none()).await.is_err() {
            tracing::warn!(?wait, "some handlers still run; shutting down without them");
        }
        if let Some(joined) = &self.inner.cluster {
            joined.cluster.leave().await;
        }
    }

    /// The actor of type `A` under `label`: this node's if there is one, else the one that every
    /// node picks among the others'.
    pub fn lookup<A: Handlers>(&self, label: &str) -> Option<Endpoint<A>> {
        if let Some(endpoint) = self.lookup_near(label) {
            return Some(endpoint);
        }
        let joined = self.inner.cluster.as_ref().filter(|_| A::REMOTE)?;
        joined.cluster.lookup(label, A::TYPE).map(Endpoint::far)
    }

    /// An endpoint of that very actor; `None` once it is gone as far as this node knows.
    pub fn resolve<A: Handlers>(&self, reference: &ActorRef<A>) -> Option<Endpoint<A>> {
        let id = reference.id();
        if id.node == self.inner.node {
            return typed(self.inner.numbers.get(&id.number)?).map(Endpoint::near);
        }
        let joined = self.inner.cluster.as_ref().filter(|_| A::REMOTE)?;
        joined.cluster.resolve(id).map(Endpoint::far)
    }

    /// All labels that match `pattern`, here and on other nodes, sorted, each once.
    ///
    /// In a pattern `*` stands for any text, none included; everything else for itself.
    pub fn labels(&self, pattern: &str) -> Vec<Label> {
        let wanted = |label: &str| pattern::matches(pattern, label);
        let mut labels: Vec<_> = self.inner.labels.values().iter().map(|near| near.label().clone()).collect();
        labels.retain(|label| wanted(label.as_str()));
        if let Some(joined) = &self.inner.cluster {
            labels.extend(joined.cluster.labels(&wanted));
        }
        labels.sort();
        labels.dedup();
        labels
    }

    /// Whether an actor of this node holds `label`.
    pub fn has_label(&self, label: &str) -> bool {
        self.inner.labels.get(label).is_some()
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

    pub(crate) fn running(&self) -> &Running {
        &self.inner.running
    }

    /// Stops that very actor; says whether it was still there.
    pub(crate) fn stop_actor(&self, number: ActorNumber) -> bool {
        let Some(near) = self.inner.numbers.get(&number) else { return false };
        let was_there = self.retire(&*near);
        near.close();
        was_there
    }

    /// Takes that very actor off the books: a successor under its label is left alone.
    pub(crate) fn retire(&self, near: &dyn AnyNear) -> bool {
        let number = near.number();
        self.inner.labels.remove_if(near.label().as_str(), |held| held.number() == number);
        let was_there = self.inner.numbers.remove_if(&number, |_| true).is_some();
        if let Some(joined) = self.inner.cluster.as_ref().filter(|_| was_there && near.is_remote()) {
            joined.changes.remove(number);
        }
        was_there
    }

    fn announce(&self, near: &dyn AnyNear) {
        if let Some(joined) = self.inner.cluster.as_ref().filter(|_| near.is_remote()) {
            joined.changes.add(near.number(), near.label().clone(), near.type_name());
        }
    }

    fn lookup_near<A: Handlers>(&self, label: &str) -> Option<Endpoint<A>> {
        typed(self.inner.labels.get(label)?).map(Endpoint::near)
    }

    fn void<A: Handlers>(&self, label: &str, error: StartError) -> Endpoint<A> {
        let id = ActorId { node: self.inner.node.clone(), number: self.next_number() };
        let label = Label::new(label).unwrap_or_else(|_| Label::new("(invalid)").expect("a valid label"));
        Endpoint::void(Void { id, label, error: Arc::new(error) })
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

fn typed<A: Handlers>(near: Arc<dyn AnyNear>) -> Option<Arc<Near<A>>> {
    near.into_any().downcast().ok()
}
