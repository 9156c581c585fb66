//! When nodes are ready, in a cluster over the network in memory.

use std::net::SocketAddr;
use std::time::Duration;

use murmer_core::System;
use murmer_transport::MemNetwork;

use super::actors::{Watched, WatchedExt};
use super::{get, page, service};
use crate::Clustering;
use crate::cluster::config::{ClusterConfig, Downing};
use crate::health::service::Service;

/// `alpha` is 1, and so on.
fn addr(number: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, number], 7_100))
}

pub(super) async fn node(network: &MemNetwork, number: u8, seeds: &[u8]) -> System {
    node_with(network, number, seeds, Downing::Auto).await
}

async fn node_with(network: &MemNetwork, number: u8, seeds: &[u8], downing: Downing) -> System {
    let name = ["", "alpha", "beta", "gamma"][usize::from(number)];
    let seeds: Vec<_> = seeds.iter().map(|seed| addr(*seed).into()).collect();
    let config = ClusterConfig::builder().cookie("a cookie for tests").name(name).downing(downing);
    let config = config.seed_nodes(seeds).build().unwrap();
    System::clustered_on(config, network.bind(addr(number)).unwrap()).await.unwrap()
}

/// Looks every second, as the listener does, until `/ready` says 200; how long that took.
async fn ready(service: &Service) -> u64 {
    for second in 0..60 {
        if get(service, "/ready").await.0 == 200 {
            return second;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("not ready within a minute: {:?}", get(service, "/ready").await);
}

#[tokio::test(start_paused = true)]
async fn a_node_is_ready_once_a_seed_has_let_it_in_and_not_before() {
    let network = MemNetwork::new(1);
    let beta = node(&network, 2, &[1]).await; // goes on without its seed, after a while
    let service = service(&beta);
    let unready = (503, "not ready: no seed has let this node in yet\n".to_owned());
    assert_eq!(get(&service, "/ready").await, unready);
    assert_eq!(get(&service, "/live").await.0, 200);
    let alpha = node(&network, 1, &[]).await;
    assert_eq!(get(&super::service(&alpha), "/ready").await, (200, "ready\n".to_owned()));
    ready(&service).await;
    assert_eq!(beta.members().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_node_with_itself_as_its_only_seed_is_the_first_of_its_cluster() {
    let network = MemNetwork::new(1);
    let alpha = node(&network, 1, &[1]).await;
    assert_eq!(get(&service(&alpha), "/ready").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_comes_or_dies_does_not_make_the_others_unready() {
    let network = MemNetwork::new(1);
    let alpha = node(&network, 1, &[]).await;
    let service = service(&alpha);
    assert_eq!(get(&service, "/ready").await.0, 200);
    let beta = node(&network, 2, &[1]).await;
    for n in 0..2_000 {
        beta.start(&format!("probe/{n}"), Watched, ());
        if n % 100 == 0 {
            assert_eq!(get(&service, "/ready").await.0, 200);
        }
    }
    network.crash(addr(2));
    for second in 0..30 {
        assert_eq!(get(&service, "/ready").await.0, 200, "{second} s after the crash");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(alpha.members()[0].1.is_over());
    assert!(!page(&service).await.keys().any(|series| series.contains("beta")), "beta's series have ended");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_shut_down_is_not_ready_while_its_actors_finish() {
    let network = MemNetwork::new(1);
    let alpha = node(&network, 1, &[]).await;
    let beta = node(&network, 2, &[1]).await;
    let service = service(&beta);
    ready(&service).await;
    let probe = beta.start("probe", Watched, ());
    probe.nap(Duration::from_secs(3)).tell().await.unwrap();
    tokio::task::yield_now().await;
    let leaving = tokio::spawn({
        let beta = beta.clone();
        async move { beta.shutdown().await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!leaving.is_finished());
    assert_eq!(get(&service, "/ready").await, (503, "not ready: this node is leaving\n".to_owned()));
    assert_eq!(get(&service, "/live").await.0, 200);
    assert_eq!(get(&super::service(&alpha), "/ready").await.0, 200);
    leaving.await.unwrap();
    assert_eq!(get(&service, "/ready").await, (503, "not ready: this node was shut down\n".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_had_to_leave_is_neither_ready_nor_live() {
    let network = MemNetwork::new(1);
    let downing = Downing::keep_majority();
    let _alpha = node_with(&network, 1, &[], downing).await;
    let beta = node_with(&network, 2, &[1], downing).await;
    let service = service(&beta);
    ready(&service).await;
    network.crash(addr(1));
    beta.left().await;
    let why = "this node sees too few of its cluster's members";
    assert_eq!(get(&service, "/ready").await, (503, format!("not ready: {why}\n")));
    assert_eq!(get(&service, "/live").await, (503, format!("not live: {why}\n")));
}
