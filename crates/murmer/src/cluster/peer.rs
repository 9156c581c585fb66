//! How the connection to another node is doing.

use std::net::SocketAddr;

use murmer_transport::ConnectionStats;
use murmer_wire::NodeId;

/// One line of [`Clustering::peers`](crate::Clustering::peers).
///
/// # Examples
///
/// ```
/// use murmer::cluster::PeerInfo;
///
/// /// For a table of all peers.
/// fn row(peer: &PeerInfo) -> String {
///     let line = &peer.connection;
///     let lost = 100.0 * line.packets_lost as f64 / line.packets_sent.max(1) as f64;
///     format!("{} at {}: {:?} away, {lost:.1} % lost", peer.id.name, peer.addr, line.rtt)
/// }
/// # let id = murmer::System::local().node().clone();
/// # let peer = PeerInfo { id, addr: ([10, 0, 0, 1], 7_100).into(), connection: Default::default() };
/// # assert!(row(&peer).ends_with(" at 10.0.0.1:7100: 0ns away, 0.0 % lost"));
/// ```
#[derive(Debug, Clone)]
pub struct PeerInfo {
    /// Which node, in which of its lives.
    pub id: NodeId,
    /// Where its packets come from.
    pub addr: SocketAddr,
    /// What the connection has carried since it began. A node that was cut off for long has a new one.
    pub connection: ConnectionStats,
}
