//! Measures one workload between two nodes of murmer.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::ExitCode;

use anyhow::Result;
use bench_harness::MAILBOX_MESSAGES;
use bench_harness::remote::{self, Network};
use bytes::Bytes;
use murmer::cluster::config::ClusterConfig;
use murmer::transport::QuicConfig;
use murmer::{Actor, ActorOptions, Clustering, Endpoint, System, handlers};

fn main() -> ExitCode {
    remote::main::<Client>()
}

struct Counter;

impl Actor for Counter {
    type State = u64;
}

#[handlers]
impl Counter {
    #[handler]
    fn count(&mut self, state: &mut u64, payload: Bytes) -> u64 {
        std::hint::black_box(payload);
        *state += 1;
        *state
    }
}

struct Server {
    system: System,
}

impl remote::Server for Server {
    async fn open(network: Network) -> Result<(Self, SocketAddr)> {
        // A system doesn't say which port it got.
        let addr = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let system = System::clustered(config("server", addr, None, network)?).await?;
        Ok((Self { system }, addr))
    }

    async fn start(&self, label: &str) -> Result<()> {
        let options = ActorOptions::default().mailbox(MAILBOX_MESSAGES);
        self.system.try_start(label, Counter, 0, options)?;
        Ok(())
    }
}

struct Client {
    system: System,
}

impl remote::Client for Client {
    type Server = Server;
    type Actor = Endpoint<Counter>;

    async fn connect(to: SocketAddr, network: Network) -> Result<Self> {
        let any = (Ipv4Addr::LOCALHOST, 0).into();
        Ok(Self { system: System::clustered(config("client", any, Some(to), network)?).await? })
    }

    async fn find(&self, label: &str) -> Result<Option<Self::Actor>> {
        Ok(self.system.lookup(label))
    }

    async fn ask(actor: &Self::Actor, payload: Bytes) -> Result<u64> {
        Ok(actor.count(payload).await?)
    }

    async fn tell(actor: &Self::Actor, payload: Bytes) -> Result<()> {
        Ok(actor.count(payload).tell().await?)
    }
}

fn config(
    name: &str,
    listen: SocketAddr,
    seed: Option<SocketAddr>,
    network: Network,
) -> Result<ClusterConfig> {
    let config = ClusterConfig::builder().name(name).cookie("correct horse battery staple").listen(listen);
    let quic = QuicConfig::default();
    let quic = QuicConfig { mtu_max: network.mtu.unwrap_or(quic.mtu_max), ..quic };
    Ok(config.quic(quic).seed_nodes(seed.map(Into::into)).build()?)
}
