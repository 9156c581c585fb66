//! Nodes on IPv4, on IPv6, and on both with one socket.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use murmer::cluster::config::ClusterConfig;
use murmer::prelude::*;

use crate::actors::{Probe, ProbeExt};
use crate::wait::eventually;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const BOTH: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Whether this machine has IPv6; says so where a test is passed over.
fn has_ipv6() -> bool {
    let has = UdpSocket::bind((V6, 0)).is_ok();
    if !has {
        eprintln!("SKIPPED: this machine has no IPv6 on loopback, so nothing about IPv6 was tested");
    }
    has
}

async fn node(name: &str, ip: IpAddr, seed: Option<SocketAddr>) -> System {
    let config = ClusterConfig::builder()
        .name(name)
        .listen(SocketAddr::new(ip, 0))
        .cookie(format!("the cookie of process {}", std::process::id()))
        .seed_nodes(seed.map(Into::into));
    let system = System::clustered(config.build().unwrap()).await.unwrap();
    system.start(name, Probe, vec![]);
    system
}

/// A node on `joining` joins one on `listen` at its address `at`; each calls the other's actor.
async fn check(listen: IpAddr, joining: IpAddr, at: IpAddr) {
    let alpha = node("alpha", listen, None).await;
    let seed = SocketAddr::new(at, alpha.local_addr().unwrap().port());
    let beta = node("beta", joining, Some(seed)).await;
    for (system, label) in [(&beta, "alpha"), (&alpha, "beta")] {
        let probe: Endpoint<Probe> = eventually(label, SOON, async || system.lookup(label)).await;
        assert_eq!(probe.echo(1).await.unwrap(), 1);
    }
    assert_eq!(beta.peers()[0].addr, seed, "over that family, and no other");
    beta.shutdown().await;
    alpha.shutdown().await;
}

#[tokio::test]
async fn two_nodes_on_ipv4_talk() {
    check(V4, V4, V4).await;
}

#[tokio::test]
async fn two_nodes_on_ipv6_talk() {
    if has_ipv6() {
        check(V6, V6, V6).await;
    }
}

#[tokio::test]
async fn a_node_on_both_talks_with_nodes_on_either() {
    if has_ipv6() {
        check(BOTH, V4, V4).await;
        check(BOTH, V6, V6).await;
        check(V4, BOTH, V4).await;
        check(BOTH, BOTH, V6).await;
    }
}

const SOON: Duration = Duration::from_secs(10);
