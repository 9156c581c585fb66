//! Who this process is, and where others find it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use murmer_wire::{Incarnation, NodeId, NodeName};

use crate::cluster::config::ClusterConfig;

pub(super) fn identity(config: &ClusterConfig, addr: SocketAddr, incarnation: Incarnation) -> NodeId {
    let name = config.name.clone().unwrap_or_else(|| {
        let addr = namesake(config, addr);
        let host = addr.ip().to_string().replace(':', "-");
        NodeName::new(&format!("{host}-{}", addr.port())).expect("an address has few and allowed characters")
    });
    NodeId { name, incarnation }
}

/// The address that a node without a name is called by: where it is. One that only says loopback, and leaves
/// it to others to see where it is, would have the name of every other machine's; so it is called by the
/// interface that leads out, if one does.
fn namesake(config: &ClusterConfig, addr: SocketAddr) -> SocketAddr {
    let leaves_it_to_others = config.advertise.is_none() && config.listen.ip().is_unspecified();
    if !(leaves_it_to_others && addr.ip().is_loopback() && config.searches()) {
        return addr;
    }
    let elsewhere = if addr.is_ipv4() { ELSEWHERE_V4.into() } else { ELSEWHERE_V6.into() };
    facing(SocketAddr::new(elsewhere, 9)).map_or(addr, |ip| SocketAddr::new(ip, addr.port()))
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
    facing(*addrs.first().ok_or(io::ErrorKind::NotFound)?)
}

/// This machine's address as seen from there; nothing is sent.
fn facing(there: SocketAddr) -> io::Result<IpAddr> {
    let any =
        if there.is_ipv4() { IpAddr::from(Ipv4Addr::UNSPECIFIED) } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(there)?;
    let ip = socket.local_addr()?.ip();
    if ip.is_unspecified() { Err(io::ErrorKind::AddrNotAvailable.into()) } else { Ok(ip) }
}

/// How long the first seed's name may take to resolve: a second is many times what a name server on the
/// same site needs, and leaves most of the default `join_wait` of 3 s for joining.
const RESOLVE_WAIT: Duration = Duration::from_secs(1);

/// Nobody's, for documentation (RFC 5737, RFC 3849): only the way there is asked for.
const ELSEWHERE_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const ELSEWHERE_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

#[cfg(test)]
mod tests;
