//! Runs one [`Node`]: the only place where its decisions meet the world.

mod flushing;
mod follow;
mod net;
mod perform;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use murmer_core::{Change, Changes, System, os_random};
use murmer_membership::{Member, MemberState, Swim};
use murmer_node::{ClusterKey, Input, Introduction, JoinEnd, LinkId, Node, NodeConfig, Withdrawal};
use murmer_registry::{Attributes, Registration, RegistryConfig};
use murmer_transport::{Connection, Transport};
use murmer_wire::{NodeId, NodeName, TypeName};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::config::ClusterConfig;
use super::departure::{Departure, Ending};
use super::discovery::{Search, Whereabouts, paced};
use super::error::DownError;
use super::manifest::{Announce, Announced};
use super::net::{CODE_DECIDED, Event, LinkHandle, accept};
use super::remote::{Shared, Word};

use self::flushing::Flush;
pub(super) use self::flushing::{FLUSHES_MAX, Holdouts};
pub(super) use self::net::Net;

/// What a driver is made of, but for the transport.
pub(super) struct Parts {
    pub(super) config: ClusterConfig,
    pub(super) keys: Vec<ClusterKey>,
    pub(super) us: Introduction,
    pub(super) shared: Arc<Shared>,
    pub(super) system: System,
    pub(super) changes: Arc<Changes>,
    pub(super) words: mpsc::Receiver<Word>,
    pub(super) announce: Announce,
    pub(super) joined: oneshot::Sender<Result<JoinEnd, Withdrawal>>,
    pub(super) ending: Ending,
}

struct Driver<T: Transport> {
    node: Node<Swim>,
    net: Arc<Net<T>>,
    links: BTreeMap<LinkId, LinkHandle<T::Connection>>,
    announced: Announced,
    /// The latest life of each name that is or was a member.
    lives: BTreeMap<NodeName, NodeId>,
    joined: Option<oneshot::Sender<Result<JoinEnd, Withdrawal>>>,
    /// Dials and connections. Ended with the driver.
    tasks: JoinSet<()>,
    /// For other nodes. Ended with the driver.
    search: Search,
    flushes: Vec<Flush>,
    /// Why this node is to end, once it is.
    over: Option<Departure>,
}

/// Runs a node until it has left, or must not go on. The transport is closed, unless the node is to be
/// started again under another incarnation.
pub(super) async fn run<T: Transport>(parts: Parts, transport: Arc<T>) {
    let Parts { config, keys, us, shared, system, changes, mut words, announce, joined, mut ending } = parts;
    let node = node(shared.now(), &us, &config);
    let (events, mut inputs) = mpsc::channel(INPUTS_MAX);
    let (search, hints) = Search::begin(&config.discoveries, &whereabouts(&us, &config, &*transport));
    let net = Arc::new(Net::new(transport.clone(), shared.clone(), system, us, keys, config.seeds, events));
    let mut driver = Driver::new(node, net.clone(), Announced::new(announce), joined, search);
    driver.tasks.spawn(accept_all(net.clone()));
    driver.tasks.spawn(paced(hints, async move |hint| net.tell(Event::Hint(hint)).await));
    driver.drain();
    // Something of this node's own was just taken.
    let mut others_turn = false;
    let why = loop {
        if let Some(why) = driver.over {
            break why;
        }
        driver.settle_flushes();
        let deadline = driver.node.deadline();
        let input = tokio::select! {
            // What is rare comes first. Of what may be floods, this node's own words and changes come before the
            // events of others, and leave them the turn after each: neither starves the other. Not by chance, so
            // that a cluster in a test does the same for the same seed.
            biased;
            Some(word) = words.recv(), if !others_turn => {
                driver.word(word, &changes);
                others_turn = true;
                continue;
            }
            () = shared.leave.notified() => {
                // What was stopped on the way out is told before the leave.
                driver.register(changes.take());
                driver.watches();
                Some(Input::Leave)
            }
            () = given_up(&mut driver.joined) => {
                driver.joined = None;
                Some(Input::Leave)
            }
            () = shared.sleep_until(deadline) => Some(Input::Timeout),
            Some(_) = driver.tasks.join_next() => None,
            () = changed(&changes, &shared), if !others_turn => {
                driver.register(changes.take());
                driver.watches();
                others_turn = true;
                continue;
            }
            Some(event) = inputs.recv() => driver.input(event),
            () = std::future::ready(()), if others_turn => None,
        };
        others_turn = false;
        if let Some(input) = input {
            driver.handle(input);
        }
    };
    driver.last_words().await;
    let is_restart = driver.close();
    drop(driver);
    if !is_restart {
        transport.close().await;
    }
    ending.why = why;
}

/// Waits until there may be something that local actors want others to hear. Cancel-safe.
async fn changed(changes: &Changes, shared: &Shared) {
    tokio::select! {
        // Whichever it is, both are looked at.
        biased;
        () = changes.changed() => {}
        () = shared.watches.changed() => {}
    }
}

fn node(now: Duration, us: &Introduction, config: &ClusterConfig) -> Node<Swim> {
    let member = Member { id: us.id.clone(), addr: us.addr };
    let membership = Swim::new(member, config.swim.clone(), os_random());
    let node_config = NodeConfig {
        seeds: config.seeds.len(),
        join_wait: config.join_wait,
        discovers: config.searches(),
        gossip: config.gossip,
        registry: RegistryConfig::default(),
        random_seed: os_random(),
    };
    Node::new(now, us.clone(), membership, node_config)
}

/// What this node's discoveries may say of it.
fn whereabouts(us: &Introduction, config: &ClusterConfig, transport: &impl Transport) -> Whereabouts {
    Whereabouts::new(us.id.clone(), transport.local_addr(), config.advertise)
}

/// Waits until nobody waits for this node to have joined any more.
async fn given_up(joined: &mut Option<oneshot::Sender<Result<JoinEnd, Withdrawal>>>) {
    match joined {
        Some(joined) => joined.closed().await,
        None => std::future::pending().await,
    }
}

async fn accept_all<T: Transport>(net: Arc<Net<T>>) {
    let mut tasks = JoinSet::new();
    while let Some(connection) = net.transport.accept().await {
        while tasks.try_join_next().is_some() {}
        tasks.spawn(accept(net.clone(), connection));
    }
}

impl<T: Transport> Driver<T> {
    fn new(
        node: Node<Swim>,
        net: Arc<Net<T>>,
        announced: Announced,
        joined: oneshot::Sender<Result<JoinEnd, Withdrawal>>,
        search: Search,
    ) -> Self {
        Self {
            node,
            net,
            links: BTreeMap::new(),
            announced,
            lives: BTreeMap::new(),
            joined: Some(joined),
            tasks: JoinSet::new(),
            search,
            flushes: Vec::new(),
            over: None,
        }
    }

    fn handle(&mut self, input: Input) {
        tracing::trace!(?input);
        if matches!(input, Input::Leave) {
            self.search.leave();
        }
        self.node.handle(self.net.shared.now(), input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.node.poll() {
            tracing::trace!(?output);
            self.perform(output);
        }
    }

    fn word(&mut self, word: Word, changes: &Changes) {
        match word {
            Word::Down(node, said) => {
                // An error means that whoever asked waits no more.
                let _ = said.send(self.down(node));
            }
            Word::Flush(holdouts) => {
                // What was registered before is told first.
                self.register(changes.take());
                self.begin_flush(holdouts);
            }
            #[cfg(feature = "metrics")]
            Word::Stats(asked) => {
                // An error means that whoever asked waits no more.
                let _ = asked.send(self.node.stats());
            }
        }
    }

    /// An operator says that `node` is down.
    fn down(&mut self, node: NodeId) -> Result<(), DownError> {
        self.handle(Input::Down(node.clone()));
        match self.node.state_of(&node) {
            Some(MemberState::Down) => Ok(()),
            Some(MemberState::Up | MemberState::Suspect) => Err(DownError::Reachable),
            Some(MemberState::Unreachable | MemberState::Left) | None => Err(DownError::NotAMember),
        }
    }

    /// What an event means to the machine, once the books are kept.
    fn input(&mut self, event: Event<T::Connection>) -> Option<Input> {
        match event {
            Event::Hint(hint) => self.net.places().hear(hint),
            Event::Introduced { link, peer, handle } => {
                self.links.insert(link, handle);
                Some(Input::Introduced { link, peer })
            }
            Event::Node(input) => {
                if let Input::Unlinked(link) = &input {
                    self.links.remove(link);
                }
                Some(input)
            }
        }
    }

    /// Local actors that came and went.
    fn register(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Added { number, label, actor_type, visibility, groups } => {
                    if let Some(manifest) = self.announced.used(actor_type) {
                        self.announce(&manifest);
                    }
                    let Ok(type_name) = TypeName::new(actor_type) else {
                        tracing::error!(
                            ?label,
                            actor_type,
                            "type name is too long to be told to other nodes"
                        );
                        continue;
                    };
                    if let Some(label) = &label {
                        self.started(number, label);
                    }
                    let attributes = Attributes { visibility, groups };
                    self.handle(Input::Register(Registration {
                        number,
                        label,
                        actor_type: type_name,
                        attributes,
                    }));
                }
                Change::Updated { number, visibility, groups } => {
                    let attributes = Attributes { visibility, groups };
                    self.handle(Input::Update { number, attributes });
                }
                Change::Removed(number) => self.handle(Input::Deregister(number)),
            }
        }
    }

    /// What is watched elsewhere, and ends that others are to hear of.
    fn watches(&mut self) {
        for input in self.net.shared.watches.take() {
            self.handle(input);
        }
    }

    /// Lets the last answers of actors that have ended arrive. Those of handlers that still run don't. Meanwhile
    /// what was announced is taken back.
    async fn last_words(&mut self) {
        let Self { links, search, .. } = self;
        let all = async {
            for handle in links.values() {
                handle.serving.emptied().await;
            }
        };
        // Late is no worse than a connection that breaks.
        let _ = tokio::join!(tokio::time::timeout(LAST_WORDS, all), search.end());
    }

    /// Ends every connection; true if the node is to be started again under a higher incarnation.
    fn close(&mut self) -> bool {
        for handle in self.links.values() {
            handle.connection.close(CODE_DECIDED, b"leaving");
        }
        self.tasks.abort_all();
        self.net.is_restart()
    }
}

/// Events waiting for the driver. Whoever finds no room waits, and with it the peer it reads from.
const INPUTS_MAX: usize = 4_096;
/// How long answers on their way hold up a node that goes: a few megabytes on a fair line.
const LAST_WORDS: Duration = Duration::from_secs(1);
