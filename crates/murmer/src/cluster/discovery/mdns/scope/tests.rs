//! Which of the addresses that somebody announces can be meant.

use std::net::{Ipv4Addr, Ipv6Addr};

use mdns_sd::{InterfaceId, ScopedIpV4};

use super::*;

fn v4(ip: [u8; 4], interface: &str) -> ScopedIp {
    let interface = InterfaceId { name: interface.to_owned(), index: 2 };
    ScopedIp::V4(ScopedIpV4::new(Ipv4Addr::from(ip), interface))
}

/// One of no interface that is known.
fn v6(ip: &str) -> ScopedIp {
    IpAddr::V6(ip.parse::<Ipv6Addr>().unwrap()).into()
}

fn dialable(listening: &str, ips: &[ScopedIp]) -> Vec<String> {
    let scope = Scope::of(listening.parse().unwrap());
    let addrs = scope.dialable_of(&ips.iter().cloned().collect(), 7_100);
    addrs.iter().map(ToString::to_string).collect()
}

#[test]
fn an_address_of_a_neighbour_is_dialed_from_wherever_it_can_be() {
    let ips = [v4([10, 0, 0, 7], "eth0"), v6("fd00::7")];
    assert_eq!(dialable("0.0.0.0:7100", &ips), ["10.0.0.7:7100"]);
    assert_eq!(dialable("[::]:7100", &ips), ["10.0.0.7:7100", "[fd00::7]:7100"]);
    assert_eq!(dialable("10.0.0.1:7100", &ips), ["10.0.0.7:7100"]);
    assert_eq!(dialable("[fd00::1]:7100", &ips), ["[fd00::7]:7100"]);
    assert_eq!(dialable("127.0.0.1:7100", &ips), [""; 0]);
}

#[test]
fn loopback_is_believed_only_of_who_is_on_it() {
    let ips = [v4([127, 0, 0, 1], "eth0"), v6("::1"), v6("::ffff:127.0.0.1")];
    assert_eq!(dialable("0.0.0.0:7100", &ips), [""; 0]);
    assert_eq!(dialable("[::]:7100", &ips), [""; 0]);
    let ips = [v4([127, 0, 0, 1], "lo"), v4([10, 0, 0, 7], "eth0")];
    assert_eq!(dialable("0.0.0.0:7100", &ips), ["10.0.0.7:7100", "127.0.0.1:7100"]);
    assert_eq!(dialable("127.0.0.1:7100", &ips), ["127.0.0.1:7100"]);
}

#[test]
fn what_is_nobodys_address_is_not_dialed() {
    for ip in [[0, 0, 0, 0], [224, 0, 0, 251], [255, 255, 255, 255]] {
        assert_eq!(dialable("0.0.0.0:7100", &[v4(ip, "eth0")]), [""; 0]);
    }
    assert_eq!(dialable("[::]:7100", &[v6("::"), v6("ff02::fb")]), [""; 0]);
    let scope = Scope::of("0.0.0.0:7100".parse().unwrap());
    assert_eq!(scope.dialable_of(&[v4([10, 0, 0, 7], "eth0")].into(), 0), []);
}

#[test]
fn of_many_addresses_a_few_are_tried_always_in_one_order() {
    let ips: Vec<_> = (1..=200).map(|host| v4([10, 0, 0, host], "eth0")).collect();
    let first = dialable("0.0.0.0:7100", &ips);
    assert_eq!(first.len(), 8);
    let turned: Vec<_> = ips.into_iter().rev().collect();
    assert_eq!(dialable("0.0.0.0:7100", &turned), first);
}
