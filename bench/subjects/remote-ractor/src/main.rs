//! Measures one workload between two nodes of ractor: in the clear, over one TCP connection.
//!
//! Names stay in their process there, so an actor is found as the only member of a group that is called
//! as it is. Mailboxes have no bound.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use bench_harness::remote::{self, Network};
use bytes::Bytes;
use ractor::rpc::CallResult;
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, pg};
use ractor_cluster::{NodeServer, NodeServerMessage, RactorClusterMessage};

fn main() -> ExitCode {
    remote::main::<Client>()
}

struct Counter;

#[derive(RactorClusterMessage)]
enum Counting {
    Tell(Vec<u8>),
    #[rpc]
    Ask(Vec<u8>, RpcReplyPort<u64>),
}

impl Actor for Counter {
    type Msg = Counting;
    type State = u64;
    type Arguments = String;

    async fn pre_start(&self, actor: ActorRef<Counting>, label: String) -> Result<u64, ActorProcessingErr> {
        pg::join(label, vec![actor.get_cell()]);
        Ok(0)
    }

    async fn handle(
        &self,
        _actor: ActorRef<Counting>,
        message: Counting,
        count: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        *count += 1;
        match message {
            Counting::Tell(payload) => drop(std::hint::black_box(payload)),
            Counting::Ask(payload, reply) => {
                std::hint::black_box(payload);
                reply.send(*count)?;
            }
        }
        Ok(())
    }
}

struct Server {
    _node: ActorRef<NodeServerMessage>,
}

impl remote::Server for Server {
    async fn open(_network: Network) -> Result<(Self, SocketAddr)> {
        let port = free_port()?;
        Ok((Self { _node: node("server", port).await? }, (Ipv4Addr::LOCALHOST, port).into()))
    }

    async fn start(&self, label: &str) -> Result<()> {
        let started = Actor::spawn(None, Counter, label.to_owned()).await;
        started.map(drop).map_err(|error| anyhow!("not started: {error}"))
    }
}

struct Client {
    _node: ActorRef<NodeServerMessage>,
}

impl remote::Client for Client {
    type Server = Server;
    type Actor = ActorRef<Counting>;

    const IS_BOUNDED: bool = false;

    async fn connect(to: SocketAddr, _network: Network) -> Result<Self> {
        let node = node("client", free_port()?).await?;
        ractor_cluster::client_connect(&node, to).await.map_err(|error| anyhow!("no connection: {error}"))?;
        Ok(Self { _node: node })
    }

    async fn find(&self, label: &str) -> Result<Option<Self::Actor>> {
        Ok(pg::get_members(&label.to_owned()).pop().map(Into::into))
    }

    async fn ask(actor: &Self::Actor, payload: Bytes) -> Result<u64> {
        match actor.call(|reply| Counting::Ask(payload.into(), reply), None).await {
            Ok(CallResult::Success(count)) => Ok(count),
            _ => bail!("not answered"),
        }
    }

    async fn tell(actor: &Self::Actor, payload: Bytes) -> Result<()> {
        actor.cast(Counting::Tell(payload.into())).map_err(|_| anyhow!("not told"))
    }
}

async fn node(name: &str, port: u16) -> Result<ActorRef<NodeServerMessage>> {
    let server = NodeServer::new(port, "cookie".into(), name.into(), "localhost".into(), None, None);
    let started = Actor::spawn(None, server, ()).await;
    started.map(|(node, _task)| node).map_err(|error| anyhow!("no node: {error}"))
}

/// ractor takes a port and doesn't say which it took.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
