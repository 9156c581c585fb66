//! The figures of the connections to other nodes: of those that there are, and summed up over those that there were.
//!
//! Doesn't know why a connection was replaced.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_node::LinkId;
use murmer_transport::ConnectionStats;
use murmer_wire::NodeId;

use super::PeerInfo;

/// Reads the figures of one connection, and where its peer is.
pub(crate) type Gauge = Arc<dyn Fn() -> (SocketAddr, ConnectionStats) + Send + Sync>;

/// By peer, for as long as it is a member.
#[derive(Default)]
pub(crate) struct Gauges(Mutex<BTreeMap<NodeId, Line>>);

/// All connections to one peer.
#[derive(Default)]
struct Line {
    /// The one that there is.
    now: Option<(LinkId, Gauge)>,
    /// What those before it have carried.
    before: Carried,
}

/// What connections to a peer have carried together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) bytes_sent: u64,
    pub(crate) bytes_received: u64,
    pub(crate) packets_sent: u64,
    pub(crate) packets_lost: u64,
}

impl Gauges {
    /// What leads to `peer` now is this connection, or none.
    pub(crate) fn set(&self, peer: &NodeId, now: Option<(LinkId, Gauge)>) {
        let mut lines = self.lock();
        let line = match (lines.get_mut(peer), &now) {
            (Some(line), _) => line,
            (None, None) => return,
            (None, Some(_)) => lines.entry(peer.clone()).or_default(),
        };
        let is_same = matches!((&line.now, &now), (Some((old, _)), Some((new, _))) if old == new);
        if let Some((_, gauge)) = line.now.take().filter(|_| !is_same) {
            line.before.add(&gauge().1);
        }
        line.now = now;
    }

    /// It is no member any more.
    pub(crate) fn forget(&self, peer: &NodeId) {
        self.lock().remove(peer);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn peers(&self) -> Vec<PeerInfo> {
        let lines = self.lock();
        let infos = lines.iter().filter_map(|(id, line)| {
            let (addr, connection) = line.now.as_ref()?.1();
            Some(PeerInfo { id: id.clone(), addr, connection })
        });
        infos.collect()
    }

    /// What each peer's connections have carried, and how the present one is doing.
    #[cfg(feature = "metrics")]
    pub(crate) fn carried(&self) -> Vec<(NodeId, Carried, Option<ConnectionStats>)> {
        let lines = self.lock();
        let carried = lines.iter().map(|(id, line)| {
            let now = line.now.as_ref().map(|(_, gauge)| gauge().1);
            let mut carried = line.before;
            now.iter().for_each(|now| carried.add(now));
            (id.clone(), carried, now)
        });
        carried.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<NodeId, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Carried {
    const fn add(&mut self, connection: &ConnectionStats) {
        self.bytes_sent = self.bytes_sent.saturating_add(connection.bytes_sent);
        self.bytes_received = self.bytes_received.saturating_add(connection.bytes_received);
        self.packets_sent = self.packets_sent.saturating_add(connection.packets_sent);
        self.packets_lost = self.packets_lost.saturating_add(connection.packets_lost);
    }
}
