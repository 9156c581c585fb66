//! Measures one workload between two nodes of the crate that was released under murmer's name.
//!
//! It has no tell: every message is asked. What comes nearest is to poll an ask once, which puts the
//! message on its way, and to drop it. Its queues have no bound.

#![allow(missing_docs, reason = "what its macros write is public and has none")]

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Waker};

use anyhow::{Result, anyhow};
use bench_harness::remote::{self, Network};
use bytes::Bytes;
use iroh::{EndpointAddr, SecretKey, TransportAddr};
use murmer::cluster::config::{ClusterConfig, Discovery};
use murmer::cluster::sync::{SpawnRegistry, TypeRegistry};
use murmer::prelude::{Actor, ActorContext, Endpoint, Message, System, handlers};
use serde::{Deserialize, Serialize};

fn main() -> ExitCode {
    remote::main::<Client>()
}

#[derive(Debug)]
struct Counter;

impl Actor for Counter {
    type State = u64;
}

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[message(result = u64, remote = "bench::Count")]
struct Count(Bytes);

#[handlers]
impl Counter {
    #[handler]
    fn count(&mut self, _context: &ActorContext<Self>, count: &mut u64, msg: Count) -> u64 {
        std::hint::black_box(msg);
        *count += 1;
        *count
    }
}

struct Server {
    system: System,
}

impl remote::Server for Server {
    async fn open(_network: Network) -> Result<(Self, SocketAddr)> {
        let addr = free_addr()?;
        let config = ClusterConfig::builder().name("server").listen(addr).discovery(Discovery::None);
        let config = config.cookie(COOKIE).secret_key(server_key()).build().map_err(anyhow::Error::msg)?;
        Ok((Self { system: clustered(config).await? }, addr))
    }

    async fn start(&self, label: &str) -> Result<()> {
        self.system.start(label, Counter, 0);
        Ok(())
    }
}

struct Client {
    system: System,
}

impl remote::Client for Client {
    type Server = Server;
    type Actor = Endpoint<Counter>;

    const IS_BOUNDED: bool = false;

    async fn connect(to: SocketAddr, _network: Network) -> Result<Self> {
        let server = EndpointAddr::from_parts(server_key().public(), [TransportAddr::Ip(to)]);
        let config = ClusterConfig::builder().name("client").listen(free_addr()?).seed_nodes([server]);
        let config = config
            .cookie(COOKIE)
            .secret_key(SecretKey::from_bytes(&[2; 32]))
            .build()
            .map_err(anyhow::Error::msg)?;
        Ok(Self { system: clustered(config).await? })
    }

    async fn find(&self, label: &str) -> Result<Option<Self::Actor>> {
        Ok(self.system.lookup(label))
    }

    async fn ask(actor: &Self::Actor, payload: Bytes) -> Result<u64> {
        actor.send(Count(payload)).await.map_err(|error| anyhow!("not answered: {error:?}"))
    }

    async fn tell(actor: &Self::Actor, payload: Bytes) -> Result<()> {
        // Its answer is dropped with it; a message that was refused shows in the count.
        let _ = pin!(actor.send(Count(payload))).poll(&mut Context::from_waker(Waker::noop()));
        Ok(())
    }
}

async fn clustered(config: ClusterConfig) -> Result<System> {
    let system = System::clustered(config, TypeRegistry::from_auto(), SpawnRegistry::new()).await;
    system.map_err(|error| anyhow!("no node: {error}"))
}

/// The client must know the server by its key.
fn server_key() -> SecretKey {
    SecretKey::from_bytes(&[1; 32])
}

fn free_addr() -> Result<SocketAddr> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

const COOKIE: &str = "correct horse battery staple";
