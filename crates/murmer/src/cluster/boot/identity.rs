//! Who this process is, and where others find it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use murmer_wire::{Incarnation, NodeId, NodeName};

use crate::cluster::config::ClusterConfig;

pub(super) fn identity(config: &ClusterConfig, addr: SocketAddr, incarnation: Incarnation) -> NodeId {
    let name = config.name.clone().unwrap_or_else(|| {
        let host = addr.ip().to_string().replace(':', "-");
        NodeName::new(&format!("{host}-{}", addr.port())).expect("an address has few and allowed characters")
    });
    NodeId { name, incarnation }
}

/// Where others reach this node: as set; else where it listens; else the interface that leads to the first
/// seed; else loopback.
pub(super) async fn advertised(config: &ClusterConfig, local: SocketAddr) -> SocketAddr {
    if let Some(addr) = config.advertise {
        return addr;
    }
    if !local.ip().is_unspecified() {
        return local;
    }
    let seed = match config.seeds.first() {
        Some(seed) => seed.resolve().await.ok().and_then(|addrs| addrs.first().copied()),
        None => None,
    };
    let loopback =
        if local.is_ipv4() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { Ipv6Addr::LOCALHOST.into() };
    SocketAddr::new(seed.and_then(leading_to).unwrap_or(loopback), local.port())
}

/// The local address of a socket connected to `seed`; nothing is sent.
fn leading_to(seed: SocketAddr) -> Option<IpAddr> {
    let any = if seed.is_ipv4() { IpAddr::from(Ipv4Addr::UNSPECIFIED) } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(seed).ok()?;
    socket.local_addr().ok().map(|addr| addr.ip()).filter(|ip| !ip.is_unspecified())
}
