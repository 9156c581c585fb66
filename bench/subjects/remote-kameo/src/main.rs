//! Measures one workload between two peers of kameo: one TCP connection with Noise, a substream of yamux
//! for each message, and names in a distributed hash table.

mod node;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use bench_harness::MAILBOX_MESSAGES;
use bench_harness::remote::{self, Network};
use bytes::Bytes;
use kameo::mailbox;
use kameo::prelude::{Actor, ActorRef, Context, Message, RemoteActor, RemoteActorRef, Spawn, remote_message};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc, watch};

use node::Node;

fn main() -> ExitCode {
    remote::main::<Client>()
}

#[derive(RemoteActor)]
struct Counter {
    count: u64,
}

impl Actor for Counter {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(counter: Self, _actor: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(counter)
    }
}

#[derive(Serialize, Deserialize)]
struct Count(Bytes);

#[remote_message]
impl Message<Count> for Counter {
    type Reply = u64;

    async fn handle(&mut self, message: Count, _context: &mut Context<Self, u64>) -> u64 {
        std::hint::black_box(message);
        self.count += 1;
        self.count
    }
}

struct Server {
    _node: Node,
    to_register: mpsc::Sender<(ActorRef<Counter>, String)>,
}

impl remote::Server for Server {
    async fn open(_network: Network) -> Result<(Self, SocketAddr)> {
        let node = Node::listening().await?;
        let addr = node.addr();
        let (to_register, actors) = mpsc::channel(REGISTRATIONS_MAX);
        tokio::spawn(register_all(actors, node.connected()));
        Ok((Self { _node: node, to_register }, addr))
    }

    async fn start(&self, label: &str) -> Result<()> {
        let actor = Counter::spawn_with_mailbox(Counter { count: 0 }, mailbox::bounded(MAILBOX_MESSAGES));
        self.to_register.send((actor, label.to_owned())).await.map_err(|_| anyhow!("nobody registers actors"))
    }
}

struct Client {
    _node: Node,
    /// For look-ups: more of them at a time keep the peer from registering what they look for.
    lookups: Semaphore,
}

#[derive(Clone)]
struct Remote {
    actor: RemoteActorRef<Counter>,
    /// For tells that are on their way.
    places: Arc<Semaphore>,
}

impl remote::Client for Client {
    type Server = Server;
    type Actor = Remote;

    async fn connect(to: SocketAddr, _network: Network) -> Result<Self> {
        Ok(Self { _node: Node::dialing(to).await?, lookups: Semaphore::new(LOOKUPS_MAX) })
    }

    async fn find(&self, label: &str) -> Result<Option<Remote>> {
        let _place = self.lookups.acquire().await?;
        // A query that fails says no more than one that finds nobody: not yet.
        let actor = RemoteActorRef::lookup(label).await.ok().flatten();
        Ok(actor.map(|actor| Remote { actor, places: Arc::new(Semaphore::new(TELLS_MAX as usize)) }))
    }

    async fn ask(remote: &Remote, payload: Bytes) -> Result<u64> {
        Ok(remote.actor.ask(&Count(payload)).await?)
    }

    async fn tell(remote: &Remote, payload: Bytes) -> Result<()> {
        let place = remote.places.clone().acquire_owned().await?;
        let actor = remote.actor.clone();
        tokio::spawn(async move {
            // One that didn't get there is missing from the count.
            let _ = actor.tell(&Count(payload)).send_ack().await;
            drop(place);
        });
        Ok(())
    }

    async fn flush(remote: &Remote) -> Result<()> {
        remote.places.acquire_many(TELLS_MAX).await.map(drop).map_err(Into::into)
    }
}

/// Registers actors, once there is a peer to store their names at. They live as long as this does.
async fn register_all(
    mut actors: mpsc::Receiver<(ActorRef<Counter>, String)>,
    connected: watch::Receiver<bool>,
) {
    if node::until(connected).await.is_err() {
        return;
    }
    let mut registered = Vec::new();
    while let Some((actor, label)) = actors.recv().await {
        for _ in 0..REGISTER_TRIES {
            match actor.register(label.as_str()).await {
                Ok(()) => break,
                Err(_) => tokio::time::sleep(REGISTER_AGAIN).await, // tidy: sleep the peer isn't known to the table yet
            }
        }
        registered.push(actor);
    }
}

/// Tells without an acknowledgement have no bound, and from some thousand on the connection breaks.
const TELLS_MAX: u32 = 64;
const LOOKUPS_MAX: usize = 1;
/// Actors that wait to be registered, which at a host without a peer are all of them; the next one waits.
const REGISTRATIONS_MAX: usize = 1_024;
const REGISTER_TRIES: usize = 50;
const REGISTER_AGAIN: Duration = Duration::from_millis(50);
