//! Nodes on a network in memory.

use std::net::SocketAddr;
use std::time::Duration;

use murmer::cluster::ClusterError;
use murmer::cluster::config::ClusterConfig;
use murmer::prelude::*;
use murmer::transport::{Faults, MemNetwork};

use super::World;

pub(in crate::suite) struct InMemory {
    network: MemNetwork,
    last_port: u16,
}

impl InMemory {
    pub(super) fn network(&self) -> &MemNetwork {
        &self.network
    }
}

impl Default for InMemory {
    fn default() -> Self {
        Self { network: MemNetwork::new(1), last_port: 7_000 }
    }
}

impl World for InMemory {
    /// Nothing else than waiting takes time.
    const PROMPTLY: Duration = Duration::from_millis(50);

    fn new_address(&mut self) -> SocketAddr {
        self.last_port += 1;
        SocketAddr::from(([127, 0, 0, 1], self.last_port))
    }

    async fn start(&self, addr: SocketAddr, config: ClusterConfig) -> Result<System, ClusterError> {
        let transport = self.network.bind(addr).map_err(ClusterError::Bind)?;
        System::clustered_on(config, transport).await
    }

    async fn start_mortal(
        &mut self,
        addr: SocketAddr,
        config: ClusterConfig,
    ) -> Result<System, ClusterError> {
        self.start(addr, config).await
    }

    fn move_apart(&self) {
        self.network.set_faults(Faults { delay: Duration::from_millis(1), ..Faults::default() });
    }

    async fn kill(&mut self, addr: SocketAddr) {
        self.network.crash(addr);
    }
}
