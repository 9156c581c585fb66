//! A cluster whose nodes are started, killed and cut off by name.

mod faults;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_core::__private::Dice;
use murmer_core::System;
use murmer_node::ClusterKey;
use murmer_transport::MemNetwork;

use super::journal::Journal;
use crate::cluster::config::{ClusterConfig, ClusterConfigBuilder};
use crate::cluster::{self, Seed};

/// The nodes of one run of [`check`](super::check), by name. Clones are the same cluster.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::testing::check;
///
/// check([7], async |cluster| {
///     for name in ["alpha", "beta", "gamma"] {
///         cluster.add(name, |_| {});
///         cluster.start(name).await;
///     }
///     cluster.crash("alpha");
///     cluster.settled().await;
///     let beta = cluster.system("beta").expect("it runs");
///     assert_eq!(beta.members().iter().filter(|(_, state)| !state.is_over()).count(), 1);
/// });
/// ```
#[derive(Clone)]
pub struct TestCluster {
    inner: Arc<Inner>,
}

struct Inner {
    seed: u64,
    network: MemNetwork,
    state: Mutex<State>,
}

struct State {
    dice: Dice,
    nodes: BTreeMap<String, Node>,
    settings: Arc<dyn Fn(ClusterConfigBuilder) -> ClusterConfigBuilder + Send + Sync>,
    journal: Journal,
}

struct Node {
    addr: SocketAddr,
    boot: Arc<dyn Fn(&System) + Send + Sync>,
    life: Life,
}

/// How far a node is.
enum Life {
    Off,
    Starting,
    Running(System),
    Stopping,
}

/// Turns a node off unless it came to run: whoever started it has given up, or could not.
struct Start<'a> {
    cluster: &'a TestCluster,
    name: &'a str,
    addr: SocketAddr,
}

impl Drop for Start<'_> {
    fn drop(&mut self) {
        let mut state = self.cluster.lock();
        let life = &mut state.node(self.name).life;
        if matches!(life, Life::Starting) {
            *life = Life::Off;
            // What has begun to join goes on for a moment, but not at this address.
            self.cluster.inner.network.crash(self.addr);
        }
    }
}

impl TestCluster {
    pub(super) fn new(seed: u64) -> Self {
        let state = State {
            dice: Dice::new(seed),
            nodes: BTreeMap::new(),
            settings: Arc::new(|config| config),
            journal: Journal::new(),
        };
        Self { inner: Arc::new(Inner { seed, network: MemNetwork::new(seed), state: Mutex::new(state) }) }
    }

    /// What all that is left to chance in this run follows from.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| assert_eq!(cluster.seed(), 7));
    /// ```
    pub fn seed(&self) -> u64 {
        self.inner.seed
    }

    /// A number below `sides` for the test's own use, from the seed; 0 if `sides` is.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     let pause = std::time::Duration::from_millis(cluster.roll(1_000));
    ///     tokio::time::sleep(pause).await; // the same in each run
    /// });
    /// ```
    pub fn roll(&self, sides: u64) -> u64 {
        let mut state = self.lock();
        state.dice.roll().checked_rem(sides).unwrap_or_default()
    }

    /// Makes a node known, which is not started yet. `boot` starts its actors, at each of its starts.
    ///
    /// # Panics
    ///
    /// If there is one of that name, or 250 nodes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Till; impl Actor for Till { type State = u64; }
    /// # #[handlers] impl Till { #[handler] fn pay(&mut self, sum: &mut u64, by: u64) -> u64 { *sum += by; *sum } }
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     cluster.add("alpha", |system| drop(system.start("till", Till, 10)));
    ///     let alpha = cluster.start("alpha").await;
    ///     assert_eq!(alpha.lookup::<Till>("till").expect("booted").pay(5).await.unwrap(), 15);
    /// });
    /// ```
    pub fn add(&self, name: &str, boot: impl Fn(&System) + Send + Sync + 'static) {
        let mut state = self.lock();
        let number = u8::try_from(state.nodes.len() + 1).ok().filter(|number| *number <= NODES_MAX);
        let number = number.unwrap_or_else(|| panic!("a test cluster has {NODES_MAX} nodes at most"));
        let addr = SocketAddr::from(([10, 0, 0, number], 7_100));
        let node = Node { addr, boot: Arc::new(boot), life: Life::Off };
        assert!(state.nodes.insert(name.to_owned(), node).is_none(), "there is a node {name} already");
    }

    /// Changes the settings of nodes that are started from now on; name, addresses, cookie and seeds stay.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use murmer::testing::check;
    ///
    /// check([1], async |cluster| {
    ///     cluster.configure(|config| config.ask_timeout(Duration::from_secs(2)));
    ///     cluster.add("alpha", |_| {});
    ///     cluster.start("alpha").await;
    /// });
    /// ```
    pub fn configure(
        &self,
        settings: impl Fn(ClusterConfigBuilder) -> ClusterConfigBuilder + Send + Sync + 'static,
    ) {
        self.lock().settings = Arc::new(settings);
    }

    /// Starts a node, with all others that run as its seeds, and its actors; after a crash or a shutdown a new
    /// process at the same address. Returns once it has joined, or after `join_wait` without having.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it has joined, the node is off again.
    ///
    /// # Panics
    ///
    /// If it runs, is being started or shut down, wasn't [added](Self::add), or can't be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     cluster.add("alpha", |_| {});
    ///     let first = cluster.start("alpha").await;
    ///     cluster.crash("alpha");
    ///     let second = cluster.start("alpha").await;
    ///     assert!(second.node().incarnation > first.node().incarnation);
    /// });
    /// ```
    pub async fn start(&self, name: &str) -> System {
        let (addr, seeds, boot, settings) = {
            let mut state = self.lock();
            state.journal.note(format_args!("start {name}"));
            // Two that are started side by side must find each other: the later one knows of the earlier.
            let is_here = |node: &&Node| matches!(node.life, Life::Starting | Life::Running(_));
            let seeds: Vec<_> =
                state.nodes.values().filter(is_here).map(|node| Seed::from(node.addr)).collect();
            let node = state.node(name);
            assert!(matches!(node.life, Life::Off), "node {name} runs, or is being started or shut down");
            node.life = Life::Starting;
            let (addr, boot) = (node.addr, node.boot.clone());
            (addr, seeds, boot, state.settings.clone())
        };
        let _start = Start { cluster: self, name, addr };
        let config =
            settings(ClusterConfig::builder()).name(name).listen(addr).cookie(COOKIE).seed_nodes(seeds);
        let config = config.build().unwrap_or_else(|error| panic!("settings of node {name}: {error}"));
        let transport = self.inner.network.bind(addr);
        let transport = transport.unwrap_or_else(|error| panic!("node {name}: {error}"));
        let key = ClusterKey::from([0; 32]);
        let system = cluster::start_trusted(config, key, transport).await;
        let system = system.unwrap_or_else(|error| panic!("node {name}: {error}"));
        boot(&system);
        self.lock().node(name).life = Life::Running(system.clone());
        system
    }

    /// A node that runs.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     cluster.add("alpha", |_| {});
    ///     assert!(cluster.system("alpha").is_none());
    ///     cluster.start("alpha").await;
    ///     assert!(cluster.system("alpha").is_some());
    /// });
    /// ```
    pub fn system(&self, name: &str) -> Option<System> {
        match &self.lock().node(name).life {
            Life::Running(system) => Some(system.clone()),
            Life::Off | Life::Starting | Life::Stopping => None,
        }
    }

    /// The names of all nodes that run, sorted.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     for name in ["alpha", "beta"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     cluster.start("beta").await;
    ///     assert_eq!(cluster.running(), ["beta"]);
    /// });
    /// ```
    pub fn running(&self) -> Vec<String> {
        let state = self.lock();
        let running = state.nodes.iter().filter(|(_, node)| matches!(node.life, Life::Running(_)));
        running.map(|(name, _)| name.clone()).collect()
    }

    /// The names of all nodes, sorted.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     for name in ["beta", "alpha"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     assert_eq!(cluster.names(), ["alpha", "beta"]);
    /// });
    /// ```
    pub fn names(&self) -> Vec<String> {
        self.lock().nodes.keys().cloned().collect()
    }

    pub(super) fn is_off(&self, name: &str) -> bool {
        matches!(self.lock().node(name).life, Life::Off)
    }

    pub(super) fn story(&self) -> String {
        self.lock().journal.to_string()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for TestCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestCluster").field("seed", &self.inner.seed).finish_non_exhaustive()
    }
}

impl Node {
    /// Its system, if it runs, which is `next` from now on.
    fn take(&mut self, next: Life) -> Option<System> {
        if !matches!(self.life, Life::Running(_)) {
            return None;
        }
        match std::mem::replace(&mut self.life, next) {
            Life::Running(system) => Some(system),
            Life::Off | Life::Starting | Life::Stopping => None,
        }
    }
}

impl State {
    fn node(&mut self, name: &str) -> &mut Node {
        self.nodes.get_mut(name).unwrap_or_else(|| panic!("there is no node {name}: add it first"))
    }
}

/// The last number of an address.
const NODES_MAX: u8 = 250;
/// Not stretched, so it costs nothing to try: in here there are no strangers.
const COOKIE: &str = "the cookie of a cluster in a test";
