//! One libp2p swarm with kameo in it, and the task that drives it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use futures_util::StreamExt;
use kameo::remote;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, Swarm, SwarmBuilder, noise, tcp, yamux};
use tokio::sync::watch;

/// This process's place in the swarm. kameo has one for the whole process.
pub(crate) struct Node {
    addr: SocketAddr,
    connected: watch::Receiver<bool>,
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    kameo: remote::Behaviour,
}

impl Node {
    pub(crate) async fn listening() -> Result<Self> {
        let mut swarm = swarm()?;
        swarm.listen_on(multiaddr(0))?;
        loop {
            if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                return Ok(Self::driving(swarm, (Ipv4Addr::LOCALHOST, port(&address)?).into()));
            }
        }
    }

    /// Also connected to another one.
    pub(crate) async fn dialing(to: SocketAddr) -> Result<Self> {
        let mut swarm = swarm()?;
        // Both must listen: a peer without an address can't store who is called what.
        swarm.listen_on(multiaddr(0))?;
        swarm.dial(multiaddr(to.port()))?;
        let node = Self::driving(swarm, to);
        until(node.connected()).await?;
        Ok(node)
    }

    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Becomes true with the first connection.
    pub(crate) fn connected(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }

    fn driving(swarm: Swarm<Behaviour>, addr: SocketAddr) -> Self {
        let (is_connected, connected) = watch::channel(false);
        tokio::spawn(drive(swarm, is_connected));
        Self { addr, connected }
    }
}

/// Waits for a connection.
pub(crate) async fn until(mut connected: watch::Receiver<bool>) -> Result<()> {
    connected.wait_for(|is_connected| *is_connected).await.map(drop).map_err(|_| anyhow!("no swarm any more"))
}

async fn drive(mut swarm: Swarm<Behaviour>, is_connected: watch::Sender<bool>) {
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } => {
                // Without it no name is ever found.
                swarm.add_peer_address(peer_id, endpoint.get_remote_address().clone());
                is_connected.send_replace(true);
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => eprintln!("no connection: {error}"),
            _ => {}
        }
    }
}

fn swarm() -> Result<Swarm<Behaviour>> {
    let swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, streams)?
        .with_behaviour(|key| {
            let messages = remote::messaging::Config::default()
                .with_max_concurrent_streams(STREAMS_MAX)
                .with_request_size_maximum(REQUEST_BYTES_MAX);
            Behaviour { kameo: remote::Behaviour::new(key.public().to_peer_id(), messages) }
        })?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_MAX))
        .build();
    swarm.behaviour().kameo.try_init_global()?;
    Ok(swarm)
}

/// With yamux as it comes, the connection breaks at 512 asks in flight.
fn streams() -> yamux::Config {
    let mut config = yamux::Config::default();
    config.set_max_num_streams(STREAMS_MAX);
    config
}

fn multiaddr(port: u16) -> Multiaddr {
    Multiaddr::from(Ipv4Addr::LOCALHOST).with(Protocol::Tcp(port))
}

fn port(address: &Multiaddr) -> Result<u16> {
    for protocol in address {
        if let Protocol::Tcp(port) = protocol {
            return Ok(port);
        }
    }
    bail!("no port in {address}")
}

const STREAMS_MAX: usize = 8_192;
/// The default of 1 MiB holds no payload of 1 MiB.
const REQUEST_BYTES_MAX: u64 = 16 << 20;
const IDLE_MAX: Duration = Duration::from_secs(300);
