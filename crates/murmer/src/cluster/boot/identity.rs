//! Who this process is, and where others find it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

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
/// seed; else loopback, which nodes on other machines take for where they see this one.
pub(super) async fn advertised(config: &ClusterConfig, local: SocketAddr) -> SocketAddr {
    if let Some(addr) = config.advertise {
        return addr;
    }
    if !local.ip().is_unspecified() {
        return local;
    }
    let loopback =
        if local.is_ipv4() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { Ipv6Addr::LOCALHOST.into() };
    let ip = match config.seeds.first() {
        Some(seed) => leading_to(seed.resolve()).await.unwrap_or_else(|error| {
            tracing::warn!(
                %seed, %error,
                "can't tell which interface leads to the first seed, so other nodes are told {loopback}; \
                 those that don't see this one at another address won't find it: set .advertise(…)"
            );
            loopback
        }),
        None => loopback,
    };
    SocketAddr::new(ip, local.port())
}

/// The local address of a socket connected to the first of the addresses being resolved; nothing is sent.
async fn leading_to(resolving: impl Future<Output = io::Result<Vec<SocketAddr>>>) -> io::Result<IpAddr> {
    let addrs = tokio::time::timeout(RESOLVE_WAIT, resolving).await??;
    let seed = *addrs.first().ok_or(io::ErrorKind::NotFound)?;
    let any = if seed.is_ipv4() { IpAddr::from(Ipv4Addr::UNSPECIFIED) } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(seed)?;
    let ip = socket.local_addr()?.ip();
    if ip.is_unspecified() { Err(io::ErrorKind::AddrNotAvailable.into()) } else { Ok(ip) }
}

/// How long the first seed's name may take to resolve: a second is many times what a name server on the
/// same site needs, and leaves most of the default `join_wait` of 3 s for joining.
const RESOLVE_WAIT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
