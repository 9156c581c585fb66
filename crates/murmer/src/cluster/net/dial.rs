//! Connecting to a seed or a member.
//!
//! All its addresses in turn, within one deadline for them all: the machine takes a dial that it hears
//! nothing of for lost, and begins another.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use murmer_node::{DialTarget, HandshakeError, Input, Refusal};
use murmer_transport::{ConnectError, Transport};
use tokio::time::{Instant, timeout_at};

use super::greet::{Greeted, greet_as_dialer};
use super::{Event, carry::carry};
use crate::cluster::discovery::Place;
use crate::cluster::driver::Net;
use crate::cluster::seed::ADDRESSES_MAX;

/// Why a dial came to nothing.
#[derive(Debug, thiserror::Error)]
pub(in crate::cluster) enum DialError {
    /// Nothing was dialed.
    #[error("can't resolve {name}: {source}")]
    Resolve { name: String, source: io::Error },
    /// Nothing was dialed.
    #[error("{0} has no address")]
    NoAddress(String),
    /// Nobody answered there who speaks the protocol, or in time.
    #[error(transparent)]
    Connect(ConnectError),
    /// Somebody may be there. It was given up, for the sake of the other addresses.
    #[error("no answer from {0} in time")]
    TooSlow(SocketAddr),
    /// Somebody is there, and we did not get in.
    #[error("{addr}: {source}")]
    Handshake { addr: SocketAddr, source: HandshakeError },
}

impl DialError {
    /// What the node that was reached said.
    pub(in crate::cluster) const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Handshake { source: HandshakeError::NotLetIn(refusal), .. } => Some(*refusal),
            _ => None,
        }
    }

    /// Whether somebody answered.
    pub(in crate::cluster) const fn is_answer(&self) -> bool {
        matches!(self, Self::Handshake { .. })
    }
}

/// Dials `target`, all its addresses in turn, and carries the connection until it ends.
pub(in crate::cluster) async fn dial<T: Transport>(net: Arc<Net<T>>, target: DialTarget) {
    match reach(&net, &target).await {
        Ok(greeted) => {
            net.dial_worked(&target);
            let link = greeted.link;
            let who = greeted.peer.who.id.clone();
            net.tell(Event::Introduced { link, peer: greeted.peer, handle: greeted.handle }).await;
            let id = who.clone();
            match target {
                DialTarget::Seed(seed) => net.tell(Event::Node(Input::SeedIs { seed, id })).await,
                DialTarget::Place(place) => net.tell(Event::Node(Input::PlaceIs { place, id })).await,
                DialTarget::Peer(_) => {}
            }
            carry(net, link, who, true, greeted.connection, greeted.control, greeted.queues).await;
        }
        Err(error) => {
            net.dial_failed(&target, &error);
            net.tell(Event::Node(Input::DialFailed { target, refusal: error.refusal() })).await;
        }
    }
}

async fn reach<T: Transport>(
    net: &Arc<Net<T>>,
    target: &DialTarget,
) -> Result<Greeted<T::Connection>, DialError> {
    let until = Instant::now() + REACH_WAIT;
    match target {
        DialTarget::Peer(who) => first_of(net, &who.id.name, &[who.addr], until).await,
        DialTarget::Place(place) => {
            let place = net.places().get(*place);
            let place = place.ok_or_else(|| DialError::NoAddress("a place that is gone".to_owned()))?;
            let addrs = all_of(&place, until).await?;
            first_of(net, &*place, &addrs, until).await
        }
        DialTarget::Seed(index) => {
            let seed = &net.seeds[*index];
            let addrs = resolved(seed, seed.resolve(), until).await?;
            first_of(net, seed, &addrs, until).await
        }
    }
}

/// The addresses of a place: none that does not resolve keeps the others from being tried.
async fn all_of(place: &Place, until: Instant) -> Result<Vec<SocketAddr>, DialError> {
    let (mut addrs, mut failed) = (Vec::new(), None);
    for seed in &place.seeds {
        match resolved(seed, seed.resolve(), until).await {
            Ok(found) => addrs.extend(found),
            Err(error) => failed = Some(error),
        }
    }
    addrs.truncate(ADDRESSES_MAX);
    match failed {
        Some(error) if addrs.is_empty() => Err(error),
        _ => Ok(addrs),
    }
}

async fn resolved(
    name: &(impl Display + Sync),
    resolving: impl Future<Output = io::Result<Vec<SocketAddr>>>,
    until: Instant,
) -> Result<Vec<SocketAddr>, DialError> {
    let addrs = timeout_at(until, resolving).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    addrs.map_err(|source| DialError::Resolve { name: name.to_string(), source })
}

/// The first of these that lets us in, or what is most worth telling of why none did.
async fn first_of<T: Transport>(
    net: &Arc<Net<T>>,
    name: &(impl Display + Sync),
    addrs: &[SocketAddr],
    until: Instant,
) -> Result<Greeted<T::Connection>, DialError> {
    let mut told = DialError::NoAddress(name.to_string());
    for (tried, addr) in addrs.iter().enumerate() {
        let now = Instant::now();
        let others = (addrs.len() - tried) as u32;
        // An equal share of what is left: the dead don't use up the time of the living.
        let connected_by = now + until.saturating_duration_since(now) / others;
        let error = match reach_at(net, *addr, connected_by, until).await {
            Ok(greeted) => return Ok(greeted),
            Err(error) if error.refusal().is_some() => return Err(error),
            Err(error) => error,
        };
        // What a node said outranks what a dead address didn't.
        if error.is_answer() || !told.is_answer() {
            told = error;
        }
    }
    Err(told)
}

async fn reach_at<T: Transport>(
    net: &Arc<Net<T>>,
    addr: SocketAddr,
    connected_by: Instant,
    greeted_by: Instant,
) -> Result<Greeted<T::Connection>, DialError> {
    let connected = timeout_at(connected_by, net.transport.connect(addr)).await;
    let connection = connected.map_err(|_| DialError::TooSlow(addr))?.map_err(DialError::Connect)?;
    let greeted = timeout_at(greeted_by, greet_as_dialer(net, connection)).await;
    let greeted = greeted.unwrap_or(Err(HandshakeError::TimedOut));
    greeted.map_err(|source| DialError::Handshake { addr, source })
}

/// How long a dial may take, whatever its name resolves to. Less than the 10 s after which the machine
/// holds it to be lost; more than the 3 s each that connecting to one address and its handshake may take.
const REACH_WAIT: Duration = Duration::from_secs(8);

#[cfg(test)]
mod tests;
