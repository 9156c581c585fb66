//! Connecting to a seed or a member.

use std::net::SocketAddr;
use std::sync::Arc;

use murmer_node::{DialTarget, HandshakeError, Input, Refusal};
use murmer_transport::{ConnectError, Transport};

use super::greet::{Greeted, greet_as_dialer};
use super::{Event, carry::carry};
use crate::cluster::driver::Net;

/// Why a dial came to nothing.
#[derive(Debug, thiserror::Error)]
enum DialError {
    #[error("can't resolve {seed}: {source}")]
    Resolve { seed: String, source: std::io::Error },
    #[error("{0} has no address")]
    NoAddress(String),
    #[error("{0}")]
    Connect(#[from] ConnectError),
    #[error("{addr}: {source}")]
    Handshake { addr: SocketAddr, source: HandshakeError },
}

impl DialError {
    const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Handshake { source: HandshakeError::NotLetIn(refusal), .. } => Some(*refusal),
            _ => None,
        }
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
            if let DialTarget::Seed(seed) = target {
                net.tell(Event::Node(Input::SeedIs { seed, id: who.clone() })).await;
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
    let addrs = match target {
        DialTarget::Peer(who) => vec![who.addr],
        DialTarget::Seed(index) => {
            let seed = &net.seeds[*index];
            seed.resolve().await.map_err(|source| DialError::Resolve { seed: seed.to_string(), source })?
        }
    };
    let mut last = DialError::NoAddress(format!("{target:?}"));
    for addr in addrs {
        let connection = match net.transport.connect(addr).await {
            Ok(connection) => connection,
            Err(error) => {
                // What a node said outranks what a dead address didn't.
                if !matches!(last, DialError::Handshake { .. }) {
                    last = error.into();
                }
                continue;
            }
        };
        match greet_as_dialer(net, connection).await {
            Ok(greeted) => return Ok(greeted),
            Err(source @ HandshakeError::NotLetIn(_)) => return Err(DialError::Handshake { addr, source }),
            Err(source) => last = DialError::Handshake { addr, source },
        }
    }
    Err(last)
}
