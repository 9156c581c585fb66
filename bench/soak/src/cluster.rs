//! Three nodes on one network: alpha, which asks, and beta and gamma, whose actors are asked.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use murmer::cluster::config::ClusterConfig;
use murmer::prelude::*;
use murmer::transport::{Faults, QuicConfig, QuicNetwork, Transport};
use murmer::{ActorOptions, cluster::MemberState};

use crate::book::Book;
use crate::faults::Fault;
use crate::ledger::{Ledger, LedgerExt};

pub(crate) struct Cluster {
    network: QuicNetwork,
    alpha: Node,
    beta: Node,
    gamma: Node,
}

struct Node {
    name: &'static str,
    system: System,
    addr: SocketAddr,
}

impl Cluster {
    pub(crate) async fn start(seed: u64, book: &Arc<Book>) -> Result<Self> {
        let network = QuicNetwork::new(seed);
        let alpha = Node::start(&network, "alpha", None).await?;
        let beta = Node::start(&network, "beta", Some(alpha.addr)).await?;
        let gamma = Node::start(&network, "gamma", Some(alpha.addr)).await?;
        beta.open(book)?;
        gamma.open(book)?;
        let cluster = Self { network, alpha, beta, gamma };
        cluster.together().await?;
        Ok(cluster)
    }

    /// Whose actors ask.
    pub(crate) fn client(&self) -> System {
        self.alpha.system.clone()
    }

    /// Breaks something, mends it, and waits until all are together again.
    pub(crate) async fn suffer(&mut self, fault: Fault, book: &Arc<Book>) -> Result<()> {
        let (alpha, beta, gamma) = (self.alpha.addr, self.beta.addr, self.gamma.addr);
        let faults = match fault {
            Fault::Loss => Faults { loss: 0.05, duplication: 0.02, ..Faults::default() },
            Fault::Delay => {
                let (delay, jitter) = (Duration::from_millis(20), Duration::from_millis(40));
                Faults { delay, jitter, ..Faults::default() }
            }
            Fault::Narrow => Faults { bandwidth: Some(2_000_000), ..Faults::default() },
            _ => Faults::default(),
        };
        self.network.set_faults(faults);
        match fault {
            Fault::Cut => {
                self.network.partition(alpha, beta);
                self.network.partition(gamma, beta);
                tokio::time::sleep(CUT).await; // tidy: sleep how long the fault lasts
            }
            Fault::CutOneWay => {
                self.network.partition_one_way(beta, alpha);
                tokio::time::sleep(CUT).await; // tidy: sleep how long the fault lasts
            }
            Fault::Doze => {
                let ledger = self.alpha.system.lookup::<Ledger>(&label("beta", 0)).context("no ledger")?;
                let _ = ledger.doze(Duration::from_secs(7)).tell().await;
            }
            Fault::Restart => self.restart(book).await?,
            Fault::Crash => {
                // Nobody hears that it goes.
                self.network.partition(alpha, gamma);
                self.network.partition(beta, gamma);
                self.restart(book).await?;
            }
            _ => {}
        }
        self.network.heal_all();
        self.together().await
    }

    /// Nothing is broken any more.
    pub(crate) fn heal(&self) {
        self.network.heal_all();
        self.network.set_faults(Faults::default());
    }

    pub(crate) async fn stop(self) {
        for node in [self.gamma, self.beta, self.alpha] {
            node.system.shutdown().await;
        }
    }

    async fn restart(&mut self, book: &Arc<Book>) -> Result<()> {
        self.gamma.system.shutdown().await;
        self.network.heal_all();
        self.gamma = Node::start(&self.network, "gamma", Some(self.alpha.addr)).await?;
        self.gamma.open(book)
    }

    /// Each sees all three, and alpha all actors.
    async fn together(&self) -> Result<()> {
        let until = Instant::now() + TOGETHER_WITHIN;
        loop {
            let is_complete = [&self.alpha, &self.beta, &self.gamma].iter().all(|node| node.sees_all());
            let mut labels =
                ["beta", "gamma"].into_iter().flat_map(|node| (0..LEDGERS).map(move |n| label(node, n)));
            if is_complete && labels.all(|label| self.alpha.system.lookup::<Ledger>(&label).is_some()) {
                return Ok(());
            }
            if Instant::now() > until {
                bail!("the nodes are not together again {TOGETHER_WITHIN:?} later");
            }
            tokio::time::sleep(Duration::from_millis(50)).await; // tidy: sleep members tell of no change to wait for
        }
    }
}

impl Node {
    async fn start(network: &QuicNetwork, name: &'static str, seed: Option<SocketAddr>) -> Result<Self> {
        let transport = network.bind((Ipv4Addr::LOCALHOST, 0).into(), QuicConfig::default())?;
        let addr = transport.local_addr();
        let config = ClusterConfig::builder().name(name).cookie("what soaks long is soft at last");
        let config = config.seed_nodes(seed.map(Into::into)).build()?;
        Ok(Self { name, system: System::clustered_on(config, transport).await?, addr })
    }

    fn open(&self, book: &Arc<Book>) -> Result<()> {
        for n in 0..LEDGERS {
            let ledger = Ledger { book: book.clone() };
            self.system.try_start(&label(self.name, n), ledger, HashMap::new(), ActorOptions::default())?;
        }
        Ok(())
    }

    fn sees_all(&self) -> bool {
        let members = self.system.members();
        members.iter().filter(|(_, state)| *state == MemberState::Up).count() == 2
            && members
                .iter()
                .all(|(_, state)| !matches!(state, MemberState::Suspect | MemberState::Unreachable))
    }
}

/// The `n`-th ledger of a node.
pub(crate) fn label(node: &str, n: usize) -> String {
    format!("ledger/{node}/{n}")
}

/// Ledgers per node.
pub(crate) const LEDGERS: usize = 4;
/// Less than it takes to be held to be down.
const CUT: Duration = Duration::from_secs(4);
const TOGETHER_WITHIN: Duration = Duration::from_secs(90);
