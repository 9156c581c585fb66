//! One way to reach actors in another process, as the workloads see it.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;

use super::{ANSWER_MAX, Network};

/// The process with the actors.
///
/// An actor counts the messages it gets, and answers with how many those are.
pub trait Server: Sized + Send + Sync + 'static {
    /// Opens a port of its own on 127.0.0.1.
    fn open(network: Network) -> impl Future<Output = Result<(Self, SocketAddr)>> + Send;

    /// Starts an actor that other processes find under `label`. It lives as long as the process.
    fn start(&self, label: &str) -> impl Future<Output = Result<()>> + Send;
}

/// The process that sends.
pub trait Client: Sized + Send + Sync + 'static {
    /// Its counterpart.
    type Server: Server;

    /// What one sends through.
    type Actor: Clone + Send + Sync + 'static;

    /// Whether a tell waits when the other side is behind; see [`crate::Subject::IS_BOUNDED`].
    const IS_BOUNDED: bool = true;

    /// Whether all of a process, its workload included, is on one thread instead of two workers.
    const ON_ONE_THREAD: bool = false;

    /// Connects to a server, once.
    fn connect(to: SocketAddr, network: Network) -> impl Future<Output = Result<Self>> + Send;

    /// The actor under `label`, or `None` if it isn't known yet.
    fn find(&self, label: &str) -> impl Future<Output = Result<Option<Self::Actor>>> + Send;

    /// Sends `payload` and waits for the answer.
    fn ask(actor: &Self::Actor, payload: Bytes) -> impl Future<Output = Result<u64>> + Send;

    /// Sends `payload` and waits for nothing but a place.
    fn tell(actor: &Self::Actor, payload: Bytes) -> impl Future<Output = Result<()>> + Send;

    /// Waits until nothing that was told is overtaken by what is asked next.
    fn flush(_actor: &Self::Actor) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }
}

pub(super) fn label(number: usize) -> String {
    format!("actor/{number:07}")
}

/// The first `count` actors of a server, each known to answer.
pub(super) async fn find_all<C: Client>(client: &C, count: usize) -> Result<Vec<C::Actor>> {
    let mut actors = Vec::with_capacity(count);
    for number in 0..count {
        let actor = find(client, &label(number)).await?;
        let first = C::ask(&actor, Bytes::from_static(b"first"));
        tokio::time::timeout(ANSWER_MAX, first).await.context("no answer to the first ask")??;
        actors.push(actor);
    }
    Ok(actors)
}

/// Looks until it is there.
pub(super) async fn find<C: Client>(client: &C, label: &str) -> Result<C::Actor> {
    let begun = Instant::now();
    loop {
        if let Some(actor) = client.find(label).await? {
            return Ok(actor);
        }
        (begun.elapsed() < FIND_MAX).then_some(()).with_context(|| format!("{label} didn't appear"))?;
        tokio::time::sleep(LOOK_EVERY).await; // tidy: sleep not every subject can be waited for
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Some subjects need seconds for ten thousand.
const FIND_MAX: Duration = Duration::from_secs(20);
