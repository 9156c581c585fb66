//! Where a node announces itself and listens, by where its own socket is; and what it could dial from there.

use core::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6};
use std::collections::HashSet;

use mdns_sd::{ResolvedService, ScopedIp};

/// On which interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// That with this address. The loopback one is not announced to the network.
    Interface(IpAddr),
    /// All of them, for IPv4.
    Ipv4,
    /// All of them.
    All,
}

impl Scope {
    pub(super) fn of(listening: SocketAddr) -> Self {
        match listening.ip() {
            ip if !ip.is_unspecified() => Self::Interface(ip),
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::All,
        }
    }

    /// The addresses of a service that can be meant, in the order in which to try them.
    pub(super) fn dialable(self, service: &ResolvedService) -> Vec<SocketAddr> {
        self.dialable_of(&service.addresses, service.port)
    }

    fn dialable_of(self, ips: &HashSet<ScopedIp>, port: u16) -> Vec<SocketAddr> {
        if port == 0 {
            return Vec::new();
        }
        let mut addrs: Vec<_> = ips.iter().filter_map(|ip| self.addr(ip, port)).collect();
        // What reaches furthest first; and always in one order, or each announcement would be news.
        addrs.sort_by_key(|addr| (rank(addr.ip()), *addr));
        addrs.truncate(ADDRS_MAX);
        addrs
    }

    fn addr(self, ip: &ScopedIp, port: u16) -> Option<SocketAddr> {
        let (addr, came_over_loopback) = match ip {
            ScopedIp::V4(v4) => {
                let is_loopback = v4.interface_ids().iter().any(|interface| is_loopback(&interface.name));
                (SocketAddr::from((*v4.addr(), port)), is_loopback)
            }
            ScopedIp::V6(v6) => {
                let (interface, ip) = (v6.scope_id(), *v6.addr());
                let scope = if ip.is_unicast_link_local() { interface.index } else { 0 };
                (SocketAddrV6::new(ip, port, 0, scope).into(), is_loopback(&interface.name))
            }
            // A kind that didn't exist when this was written.
            _ => return None,
        };
        let ip = addr.ip();
        // Whoever says from elsewhere that it is here is lying.
        let is_true = !ip.to_canonical().is_loopback() || came_over_loopback;
        (is_true && is_unicast(ip) && self.reaches(ip)).then_some(addr)
    }

    /// Whether a socket like ours can send there.
    fn reaches(self, ip: IpAddr) -> bool {
        match self {
            Self::Interface(ours) => ours.is_ipv4() == ip.is_ipv4() && ours.is_loopback() == ip.is_loopback(),
            Self::Ipv4 => ip.is_ipv4(),
            Self::All => true,
        }
    }
}

fn is_unicast(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    !ip.is_unspecified() && !ip.is_multicast() && ip != IpAddr::V4(Ipv4Addr::BROADCAST)
}

/// By their names, since what tells interfaces apart otherwise is the operating system's own. One that is called
/// differently is one whose loopback addresses are not believed.
fn is_loopback(interface: &str) -> bool {
    matches!(interface, "lo" | "lo0")
}

fn rank(ip: IpAddr) -> u8 {
    match ip {
        ip if ip.is_loopback() => 3,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => 2,
        IpAddr::V6(_) => 1,
        IpAddr::V4(_) => 0,
    }
}

/// The addresses of one node that are tried.
const ADDRS_MAX: usize = 8;

#[cfg(test)]
mod tests;
