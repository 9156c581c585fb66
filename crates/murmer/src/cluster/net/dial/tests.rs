//! Seeds with many addresses, and names that don't resolve.

use std::future::{pending, ready};

use murmer_core::System;
use murmer_node::{ClusterKey, Introduction};
use murmer_transport::{Executor, MemNetwork, MemTransport};
use murmer_wire::{Incarnation, NodeId, NodeName};
use tokio::sync::{mpsc, watch};

use super::*;
use crate::cluster::Clustering;
use crate::cluster::config::ClusterConfig;
use crate::cluster::remote::{Settings, Shared};

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// What a dialer needs, at port 1; its cookie is not alpha's.
fn dialer(network: &MemNetwork) -> Arc<Net<MemTransport>> {
    let id = NodeId { name: NodeName::new("beta").unwrap(), incarnation: Incarnation::from(1) };
    let settings = Settings {
        ask_timeout: Duration::from_secs(1),
        mailbox_wait: Duration::from_secs(1),
        frame_bytes_max: 1 << 20,
        unsent_bytes_max: 256 << 20,
    };
    let shared = Arc::new(Shared::new(id.clone(), settings, Executor::new(), watch::channel(false).1));
    let transport = Arc::new(network.bind(at(1)).unwrap());
    let us = Introduction { id, addr: at(1) };
    let system = System::local();
    Arc::new(Net::new(
        transport,
        shared,
        system,
        us,
        vec![ClusterKey::from([1; 32])],
        vec![],
        mpsc::channel(1).0,
    ))
}

async fn alpha(network: &MemNetwork, port: u16) -> System {
    let config = ClusterConfig::builder().name("alpha").cookie("a cookie for tests").build().unwrap();
    System::clustered_on(config, network.bind(at(port)).unwrap()).await.unwrap()
}

/// Addresses of which nothing is heard, not even that nobody is there.
fn silent(network: &MemNetwork, ports: std::ops::Range<u16>) -> Vec<SocketAddr> {
    let addrs: Vec<_> = ports.map(at).collect();
    addrs.iter().for_each(|addr| network.partition(at(1), *addr));
    addrs
}

#[tokio::test(start_paused = true)]
async fn the_last_of_sixteen_addresses_is_reached_though_all_others_are_silent() {
    let network = MemNetwork::new(1);
    let _alpha = alpha(&network, 100).await;
    let net = dialer(&network);
    let addrs = [silent(&network, 2..17), vec![at(100)]].concat();
    let begun = Instant::now();
    let error = first_of(&net, &"alpha", &addrs, begun + REACH_WAIT).await.err().unwrap();
    // That it was refused shows that it was there.
    assert!(
        matches!(error, DialError::Handshake { addr, source: HandshakeError::Refused } if addr == at(100)),
        "{error:?}"
    );
    assert!(begun.elapsed() < REACH_WAIT, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn sixteen_silent_addresses_take_no_longer_than_one_dial_may() {
    let network = MemNetwork::new(1);
    let net = dialer(&network);
    let addrs = silent(&network, 2..18);
    let begun = Instant::now();
    let error = first_of(&net, &"alpha", &addrs, begun + REACH_WAIT).await.err().unwrap();
    assert!(matches!(error, DialError::TooSlow(addr) if addr == at(17)), "{error:?}");
    assert!(begun.elapsed() <= REACH_WAIT + Duration::from_millis(50), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_a_node_said_outranks_what_a_dead_address_did_not() {
    let network = MemNetwork::new(1);
    let _alpha = alpha(&network, 100).await;
    let net = dialer(&network);
    let addrs = [vec![at(100)], silent(&network, 2..4)].concat();
    let error = first_of(&net, &"alpha", &addrs, Instant::now() + REACH_WAIT).await.err().unwrap();
    assert!(error.is_answer(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_name_server_that_never_answers_is_given_up() {
    let begun = Instant::now();
    let error = resolved(&"alpha:7100", pending(), begun + REACH_WAIT).await.unwrap_err();
    assert_eq!(error.to_string(), "can't resolve alpha:7100: timed out");
    assert!(begun.elapsed() <= REACH_WAIT + Duration::from_millis(50));
}

#[tokio::test(start_paused = true)]
async fn a_name_without_an_address_is_said_to_have_none() {
    let net = dialer(&MemNetwork::new(1));
    let until = Instant::now() + REACH_WAIT;
    let addrs = resolved(&"alpha:7100", ready(Ok(vec![])), until).await.unwrap();
    let error = first_of(&net, &"alpha:7100", &addrs, until).await.err().unwrap();
    assert_eq!(error.to_string(), "alpha:7100 has no address");
}
