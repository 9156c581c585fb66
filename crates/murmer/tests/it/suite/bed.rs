//! What the cases are run on: nodes by name, in one of two worlds.

mod memory;
mod quic;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use murmer::Handlers;
use murmer::cluster::config::{ClusterConfig, ClusterConfigBuilder};
use murmer::cluster::{ClusterError, MemberState, Seed};
use murmer::prelude::*;
use murmer::transport::MemNetwork;

pub(super) use self::memory::InMemory;
pub(super) use self::quic::OverQuic;
use crate::actors::Probe;
use crate::wait::{eventually, until};

/// Where nodes live.
pub(super) trait World: Default {
    /// More than a call takes that nothing holds up, in this world's time.
    const PROMPTLY: Duration;

    /// An address that nobody has.
    fn new_address(&mut self) -> SocketAddr;

    /// A node that will be shut down in an orderly way, or never.
    async fn start(&self, addr: SocketAddr, config: ClusterConfig) -> Result<System, ClusterError>;

    /// A node that can be killed.
    async fn start_mortal(&mut self, addr: SocketAddr, config: ClusterConfig)
    -> Result<System, ClusterError>;

    /// From now on it takes time to get to another node, if it has not been so before.
    fn move_apart(&self);

    /// The process at `addr` dies without a word.
    async fn kill(&mut self, addr: SocketAddr);
}

/// Nodes by name; a name has its address from when it is first mentioned.
#[derive(Default)]
pub(super) struct Bed<W> {
    world: W,
    addrs: HashMap<String, SocketAddr>,
}

impl<W: World> Bed<W> {
    pub(super) fn addr(&mut self, name: &str) -> SocketAddr {
        *self.addrs.entry(name.to_owned()).or_insert_with(|| self.world.new_address())
    }

    pub(super) fn config(&mut self, name: &str, seeds: &[&str]) -> ClusterConfigBuilder {
        let seeds: Vec<_> = seeds.iter().map(|seed| Seed::from(self.addr(seed))).collect();
        ClusterConfig::builder()
            .name(name)
            .listen(self.addr(name))
            .cookie(format!("the cookie of process {}", std::process::id()))
            .seed_nodes(seeds)
    }

    /// Starts the node whose address is `name`'s.
    pub(super) async fn start(
        &self,
        name: &str,
        config: ClusterConfigBuilder,
    ) -> Result<System, ClusterError> {
        self.world.start(self.addrs[name], config.build().unwrap()).await
    }

    pub(super) async fn node(&mut self, name: &str, seeds: &[&str]) -> System {
        let config = self.config(name, seeds);
        self.start(name, config).await.unwrap()
    }

    pub(super) async fn mortal_node(&mut self, name: &str, seeds: &[&str]) -> System {
        let config = self.config(name, seeds).build().unwrap();
        self.world.start_mortal(self.addrs[name], config).await.unwrap()
    }

    /// Starts the node whose address is `name`'s so that it can be killed.
    pub(super) async fn start_mortal(&mut self, name: &str, config: ClusterConfigBuilder) -> System {
        self.world.start_mortal(self.addrs[name], config.build().unwrap()).await.unwrap()
    }

    /// From now on it takes time to get from one node to another.
    pub(super) fn move_apart(&self) {
        self.world.move_apart();
    }

    /// Kills the process, and then buries it: what holds on to its sockets within this process goes.
    pub(super) async fn kill(&mut self, name: &str, system: System) {
        self.world.kill(self.addrs[name]).await;
        system.shutdown().await;
    }

    /// Two nodes, the second of which has joined the first.
    pub(super) async fn pair(&mut self) -> (System, System) {
        let alpha = self.node("alpha", &[]).await;
        let beta = self.node("beta", &["alpha"]).await;
        (alpha, beta)
    }
}

impl Bed<InMemory> {
    pub(super) fn network(&self) -> &MemNetwork {
        self.world.network()
    }
}

/// The probe under `label` as `system` sees it, once it does.
pub(super) async fn found(system: &System, label: &str) -> Endpoint<Probe> {
    found_of_type(system, label).await
}

/// The same for an actor of any type.
pub(super) async fn found_of_type<A: Handlers>(system: &System, label: &str) -> Endpoint<A> {
    let what = format!("{:?} finds {label}", system.node());
    eventually(&what, VISIBLE_WITHIN, async || system.lookup(label)).await
}

/// Until `system` holds exactly the nodes of these names to be up.
pub(super) async fn meshed(system: &System, names: &[&str]) {
    let what = format!("{:?} has members {names:?}", system.node());
    until(&what, VISIBLE_WITHIN, || up(system) == names).await;
}

/// The names of all members that are up, sorted.
pub(super) fn up(system: &System) -> Vec<String> {
    let is_up = |(_, state): &(_, MemberState)| *state == MemberState::Up;
    let members = system.members().into_iter().filter(is_up);
    let mut names: Vec<_> = members.map(|(member, _)| member.id.name.to_string()).collect();
    names.sort();
    names
}

/// Far more than news takes.
const VISIBLE_WITHIN: Duration = Duration::from_secs(10);
