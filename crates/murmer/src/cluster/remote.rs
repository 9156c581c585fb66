//! What this process knows of the others, shared between the network's thread and everybody else.
//!
//! The driver writes, lookups and sends read. Every lock is held for a few lines.

use std::any::Any;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use murmer_core::{Cluster, FarActor, FarWatch, Heard, LinkEnd, StopReason, System, WatchId};
use murmer_membership::{Member, MemberState};
use murmer_registry::{Entry, View};
use murmer_transport::{Executor, Sum, Timer};
use murmer_wire::{ActorId, GroupName, Label, NodeId};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};
use tokio::time::Instant;

use super::counters::Counters;
use super::driver::Holdouts;
use super::gauges::Gauges;
use super::manifest::PeerManifest;
use super::stream::{FarStream, Stream};
use super::watches::Watches;
use super::{Departure, DownError, FlushError, PeerInfo};

/// The cluster as a [`System`](murmer_core::System) sees it.
pub(crate) struct Remote {
    pub(crate) shared: Arc<Shared>,
    /// Where this node listens.
    pub(crate) local_addr: SocketAddr,
    /// Where it tells others that it is.
    pub(crate) advertised: SocketAddr,
    /// What is said to the driver.
    pub(crate) words: mpsc::Sender<Word>,
    /// Lets in as many who wait for others to hold everything as may wait at once.
    pub(crate) flushing: Semaphore,
}

/// The common ground.
pub(crate) struct Shared {
    pub(crate) us: NodeId,
    pub(crate) settings: Settings,
    /// Runs the ends of streams to actors.
    pub(crate) executor: Executor,
    /// Bytes of messages in the buffers of all streams.
    pub(crate) unsent: Sum,
    /// And of answers.
    pub(crate) unsent_answers: Sum,
    epoch: Instant,
    view: RwLock<View>,
    members: RwLock<Vec<(Member, MemberState)>>,
    roads: RwLock<HashMap<NodeId, Result<Road, LinkEnd>>>,
    /// How the connections of those roads are doing.
    pub(crate) gauges: Gauges,
    manifests: RwLock<HashMap<NodeId, PeerManifest>>,
    /// How often those have changed.
    manifest_changes: AtomicU64,
    actors: Mutex<HashMap<ActorId, Weak<FarStream>>>,
    /// What happens to messages between nodes.
    pub(crate) counters: Counters,
    /// Who watches whom, across nodes.
    pub(crate) watches: Arc<Watches>,
    /// Asks the driver to leave.
    pub(crate) leave: Notify,
    /// True once the driver is over.
    ended: watch::Receiver<bool>,
    /// Why; known before that.
    departure: OnceLock<Departure>,
}

/// What the data plane needs of the config.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) ask_timeout: Duration,
    pub(crate) mailbox_wait: Duration,
    pub(crate) frame_bytes_max: usize,
    /// What all streams may hold of messages that are not sent yet, and again of answers, but for
    /// 16 KiB or one message each.
    pub(crate) unsent_bytes_max: usize,
}

/// What somebody of this process wants of the driver.
pub(crate) enum Word {
    /// An operator says that a node is down; and where to say what came of it.
    Down(NodeId, oneshot::Sender<Result<(), DownError>>),
    /// Somebody waits until others hold what was registered here before.
    Flush(Holdouts),
    /// Somebody asks how the node is doing, or whether it still answers.
    #[cfg(feature = "metrics")]
    Stats(oneshot::Sender<murmer_node::NodeStats>),
}

/// Opens a stream to an actor over the connection that leads to its node now.
#[derive(Clone)]
pub(crate) struct Road(pub(crate) Arc<dyn Fn(Arc<FarStream>, Arc<Stream>) + Send + Sync>);

impl Shared {
    pub(crate) fn new(
        us: NodeId,
        settings: Settings,
        executor: Executor,
        ended: watch::Receiver<bool>,
    ) -> Self {
        Self {
            us,
            settings,
            executor,
            unsent: Sum::default(),
            unsent_answers: Sum::default(),
            epoch: Instant::now(),
            view: RwLock::new(View::new()),
            members: RwLock::default(),
            roads: RwLock::default(),
            gauges: Gauges::default(),
            manifests: RwLock::default(),
            manifest_changes: AtomicU64::new(0),
            actors: Mutex::default(),
            counters: Counters::default(),
            watches: Arc::default(),
            leave: Notify::new(),
            ended,
            departure: OnceLock::new(),
        }
    }

    /// Time since this node's epoch: what its machines are told.
    pub(crate) fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    pub(crate) fn instant(&self, at: Duration) -> Instant {
        self.epoch + at
    }

    /// The actor that `label` stands for here, of whatever type: this node's own, or else the first of the
    /// others'.
    pub(crate) fn holder(&self, label: &str, system: &System) -> Option<ActorId> {
        system.holder(label).or_else(|| self.first_elsewhere(label))
    }

    /// The first of the others' actors under `label`, one whose node is reached if there is one.
    pub(crate) fn first_elsewhere(&self, label: &str) -> Option<ActorId> {
        self.first_but_of(&self.us, label)
    }

    /// The same without those of `node`.
    pub(crate) fn first_but_of(&self, node: &NodeId, label: &str) -> Option<ActorId> {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        let candidates = || view.candidates(label).filter(|entry| entry.id.node != *node);
        let reached = candidates().find(|entry| view.is_reachable(&entry.id.node));
        reached.or_else(|| candidates().next()).map(|entry| entry.id.clone())
    }

    /// Waits until a machine's deadline; for ever without one.
    pub(crate) async fn sleep_until(&self, deadline: Option<Duration>) {
        match deadline {
            Some(at) => tokio::time::sleep_until(self.instant(at)).await,
            None => std::future::pending().await,
        }
    }

    /// For [`poll_deadline`](Self::poll_deadline), and a task that the executor runs.
    pub(crate) fn timer(&self) -> Timer {
        self.executor.timer(self.epoch.into_std())
    }

    /// Ready if it is `now` too late for a machine's deadline.
    pub(crate) fn poll_deadline(
        &self,
        cx: &Context<'_>,
        timer: &mut Timer,
        now: Duration,
        deadline: Option<Duration>,
    ) -> Poll<()> {
        let Some(at) = deadline else { return Poll::Pending };
        timer.reset(self.instant(at).into_std());
        timer.poll_at(cx, self.instant(now).into_std())
    }

    /// Adds an actor; returns what it was before, if it is there.
    pub(crate) fn add(&self, entry: Arc<Entry>) -> Option<Arc<Entry>> {
        self.view.write().unwrap_or_else(PoisonError::into_inner).add(entry)
    }

    /// Removes an actor; returns what it was.
    pub(crate) fn remove(&self, id: &ActorId) -> Option<Arc<Entry>> {
        let removed = self.view.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        // Stays the way to that actor for as long as an endpoint is held: its node may come back, and a
        // second way would be a second order.
        if let Some(far) = self.held(id) {
            far.wake_line();
        }
        removed
    }

    /// The actors of `node` that are known here, and their groups.
    #[cfg(feature = "testing")]
    pub(crate) fn known_of(&self, node: &NodeId) -> Vec<(murmer_wire::ActorNumber, murmer_wire::GroupSet)> {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        let entries = view.entries().filter(|(entry, _)| entry.id.node == *node);
        entries.map(|(entry, _)| (entry.id.number, entry.attributes.groups.clone())).collect()
    }

    /// Ready once what has been sent to that actor by now has been accepted or never will be; `None` if nothing is
    /// under way.
    pub(crate) fn flush(&self, id: &ActorId) -> Option<oneshot::Receiver<()>> {
        // Without a way to it no stream is open.
        self.held(id)?.flush()
    }

    fn held(&self, id: &ActorId) -> Option<Arc<FarStream>> {
        self.actors.lock().unwrap_or_else(PoisonError::into_inner).get(id).and_then(Weak::upgrade)
    }

    fn held_of(&self, node: &NodeId) -> Vec<Arc<FarStream>> {
        let actors = self.actors.lock().unwrap_or_else(PoisonError::into_inner);
        actors.iter().filter(|(id, _)| id.node == *node).filter_map(|(_, far)| far.upgrade()).collect()
    }

    fn state_of(&self, node: &NodeId) -> Option<MemberState> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.iter().find(|(member, _)| member.id == *node).map(|(_, state)| *state)
    }

    pub(crate) fn set_members(&self, members: Vec<(Member, MemberState)>) {
        *self.members.write().unwrap_or_else(PoisonError::into_inner) = members;
    }

    pub(crate) fn set_state(&self, node: &NodeId, state: MemberState) {
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        match state {
            MemberState::Up | MemberState::Suspect => view.set_reachable(node, true),
            MemberState::Unreachable => view.set_reachable(node, false),
            MemberState::Down | MemberState::Left => view.forget(node),
        }
        drop(view);
        // Also those that no entry tells of: an endpoint of them came from a reference.
        for far in self.held_of(node) {
            far.set_reachable(matches!(state, MemberState::Up | MemberState::Suspect));
        }
        let end = match state {
            MemberState::Up | MemberState::Suspect | MemberState::Unreachable => return,
            MemberState::Down => LinkEnd::Down,
            MemberState::Left => LinkEnd::Left,
        };
        self.set_road(node, Err(end));
        self.gauges.forget(node);
        self.change_manifests(|manifests| drop(manifests.remove(node)));
    }

    pub(crate) fn set_road(&self, node: &NodeId, road: Result<Road, LinkEnd>) {
        self.roads.write().unwrap_or_else(PoisonError::into_inner).insert(node.clone(), road);
    }

    /// This node is no longer one of a cluster: nobody is reachable, and nobody is known. Returns who was.
    pub(crate) fn end(&self, why: Departure) -> (View, Vec<(Member, MemberState)>) {
        self.departure.get_or_init(|| why);
        let mut roads = self.roads.write().unwrap_or_else(PoisonError::into_inner);
        roads.values_mut().for_each(|road| *road = Err(LinkEnd::ShuttingDown));
        drop(roads);
        self.gauges.clear();
        let members = std::mem::take(&mut *self.members.write().unwrap_or_else(PoisonError::into_inner));
        self.change_manifests(HashMap::clear);
        let view = std::mem::take(&mut *self.view.write().unwrap_or_else(PoisonError::into_inner));
        // Whoever is found from here on was looked up before the view was emptied, and is in here.
        let mut actors: Vec<_> = {
            let actors = self.actors.lock().unwrap_or_else(PoisonError::into_inner);
            actors.values().filter_map(Weak::upgrade).collect()
        };
        actors.sort_by(|one, other| one.id().cmp(other.id()));
        for far in actors {
            far.set_reachable(false);
            far.wake_line();
        }
        self.watches.end();
        (view, members)
    }

    /// Forgets why there is no road to nodes that no member remembers.
    pub(crate) fn forget_roads(&self, is_member: impl Fn(&NodeId) -> bool) {
        let mut roads = self.roads.write().unwrap_or_else(PoisonError::into_inner);
        if roads.len() > ENDS_KEPT_MAX {
            roads.retain(|node, road| road.is_ok() || is_member(node));
        }
    }

    pub(crate) fn road(&self, node: &NodeId) -> Result<Road, LinkEnd> {
        let roads = self.roads.read().unwrap_or_else(PoisonError::into_inner);
        roads.get(node).cloned().unwrap_or(Err(LinkEnd::NotConnected))
    }

    pub(crate) fn learn(&self, node: NodeId, manifest: murmer_node::Manifest) {
        self.change_manifests(|manifests| manifests.entry(node).or_default().add(manifest));
    }

    fn change_manifests(&self, change: impl FnOnce(&mut HashMap<NodeId, PeerManifest>)) {
        change(&mut self.manifests.write().unwrap_or_else(PoisonError::into_inner));
        self.manifest_changes.fetch_add(1, Ordering::Release);
    }

    /// Rises with every change of what [`may_have`](Self::may_have) answers from.
    pub(crate) fn manifest_changes(&self) -> u64 {
        self.manifest_changes.load(Ordering::Acquire)
    }

    pub(crate) fn may_have(&self, node: &NodeId, actor_type: &str, key: murmer_wire::MessageKey) -> bool {
        let manifests = self.manifests.read().unwrap_or_else(PoisonError::into_inner);
        manifests.get(node).is_none_or(|manifest| manifest.may_have(actor_type, key))
    }

    /// The one way to that actor, made if there is none: all endpoints share a stream, and so an order.
    fn far(self: &Arc<Self>, id: &ActorId, label: Option<&Label>, view: &View) -> Arc<FarStream> {
        let mut actors = self.actors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(far) = actors.get(id).and_then(Weak::upgrade) {
            return far;
        }
        let far = FarStream::new(id.clone(), label.cloned(), self.clone());
        far.set_reachable(view.is_reachable(&id.node));
        actors.insert(id.clone(), Arc::downgrade(&far));
        far
    }

    /// Nobody holds an endpoint of that actor any more.
    pub(crate) fn let_go(&self, id: &ActorId) {
        let mut actors = self.actors.lock().unwrap_or_else(PoisonError::into_inner);
        if actors.get(id).is_some_and(|far| far.strong_count() == 0) {
            actors.remove(id);
        }
    }
}

impl Remote {
    pub(crate) fn members(&self) -> Vec<(Member, MemberState)> {
        self.shared.members.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn peers(&self) -> Vec<PeerInfo> {
        self.shared.gauges.peers()
    }

    pub(crate) async fn down(&self, node: &NodeId) -> Result<(), DownError> {
        let (said, answer) = oneshot::channel();
        // An error of either kind means that the driver is over.
        let _ = self.words.send(Word::Down(node.clone(), said)).await;
        answer.await.unwrap_or(Err(DownError::NotAMember))
    }

    /// How the node is doing, as the driver sees it; `None` if that is over.
    #[cfg(feature = "metrics")]
    pub(crate) async fn stats(&self) -> Option<murmer_node::NodeStats> {
        let (asked, answer) = oneshot::channel();
        self.words.send(Word::Stats(asked)).await.ok()?;
        answer.await.ok()
    }

    /// How many actors of other nodes are known here.
    #[cfg(feature = "metrics")]
    pub(crate) fn actors_elsewhere(&self) -> usize {
        self.view().actors()
    }

    /// Why this node is no longer one of its cluster, once that is so.
    #[cfg(feature = "health")]
    pub(crate) fn departure(&self) -> Option<Departure> {
        self.shared.ended.borrow().then(|| self.shared.departure.get().copied().unwrap_or(Departure::Failed))
    }

    pub(crate) async fn flush(&self, within: Duration) -> Result<(), FlushError> {
        let (told, holdouts) = watch::channel(None);
        let mut heard = holdouts.clone();
        let all = async {
            // An error of any kind means that the driver is over.
            let _place = self.flushing.acquire().await.ok()?;
            self.words.send(Word::Flush(told)).await.ok()?;
            let is_done = |held: &Option<Vec<NodeId>>| held.as_ref().is_some_and(Vec::is_empty);
            heard.wait_for(is_done).await.ok().map(drop)
        };
        match tokio::time::timeout(within, all).await {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err(FlushError::NotAMember),
            Err(_) => {
                let nodes = holdouts.borrow().clone().unwrap_or_default();
                Err(FlushError::TimedOut { waited: within, nodes })
            }
        }
    }

    pub(crate) async fn left(&self) -> Departure {
        let mut ended = self.shared.ended.clone();
        // An error means that the driver is gone, which is what is waited for.
        let _ = ended.wait_for(|ended| *ended).await;
        self.shared.departure.get().copied().unwrap_or(Departure::Failed)
    }

    fn far(&self, find: impl FnOnce(&View) -> Option<&Entry>) -> Option<Arc<dyn FarActor>> {
        let view = self.view();
        let entry = find(&view)?;
        // Under the view's lock: a removal in between would find nobody to tell.
        Some(self.shared.far(&entry.id, entry.label.as_ref(), &view))
    }

    fn view(&self) -> RwLockReadGuard<'_, View> {
        self.shared.view.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cluster for Remote {
    fn lookup(&self, label: &str, actor_type: &'static str) -> Option<Arc<dyn FarActor>> {
        self.far(|view| view.lookup(label, actor_type))
    }

    fn resolve(&self, id: &ActorId, label: Option<&Label>) -> Option<Arc<dyn FarActor>> {
        let view = self.view();
        if let Some(entry) = view.get(id) {
            return Some(self.shared.far(id, entry.label.as_ref(), &view));
        }
        // Whoever sent the reference was faster than the actor's node: that one knows whether there is such an
        // actor. Under the members' lock: its node's state is to be told to what is made here.
        let members = self.shared.members.read().unwrap_or_else(PoisonError::into_inner);
        let (_, state) = members.iter().find(|(member, _)| member.id == id.node)?;
        (!state.is_over()).then(|| self.shared.far(id, label, &view) as Arc<dyn FarActor>)
    }

    fn members(&self, group: &GroupName, actor_type: &'static str) -> Vec<Arc<dyn FarActor>> {
        let view = self.view();
        let (at_hand, cut_off): (Vec<_>, Vec<_>) =
            view.members(group.as_str(), actor_type).partition(|(_, is_reachable)| *is_reachable);
        let members = at_hand.into_iter().chain(cut_off);
        let far = members.map(|(entry, _)| self.shared.far(&entry.id, entry.label.as_ref(), &view));
        far.map(|far| far as Arc<dyn FarActor>).collect()
    }

    fn member(&self, group: &GroupName, actor_type: &'static str, id: &ActorId) -> Option<Arc<dyn FarActor>> {
        let is_in = |entry: &&Entry| {
            entry.actor_type.as_str() == actor_type && entry.attributes.groups.contains(group.as_str())
        };
        self.far(|view| view.get(id).filter(is_in))
    }

    fn heard_of(&self, id: &ActorId) -> Heard {
        if self.view().get(id).is_some() {
            return Heard::Here;
        }
        match self.shared.state_of(&id.node) {
            Some(MemberState::Down) => Heard::Over(StopReason::NodeDown),
            Some(MemberState::Left) => Heard::Over(StopReason::NodeLeft),
            Some(MemberState::Up | MemberState::Suspect | MemberState::Unreachable) => Heard::Unheard,
            // Nothing will be heard any more.
            None if self.shared.departure.get().is_some() => Heard::Over(StopReason::NodeDown),
            None => Heard::Unheard,
        }
    }

    fn labels(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<Label> {
        let view = self.view();
        view.labels().filter(|label| wanted(label.as_str())).cloned().collect()
    }

    fn watch(&self, watch: FarWatch) {
        self.shared.watches.watch(watch);
    }

    fn unwatch(&self, watch: WatchId) {
        self.shared.watches.unwatch(watch);
    }

    fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            self.shared.leave.notify_one();
            self.left().await;
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Reasons kept for nodes that are gone, before they are looked over.
const ENDS_KEPT_MAX: usize = 4 * murmer_membership::MEMBERS_MAX;
