//! The contract of a discovery, for every one there is, and for one that a user might write.
//!
//! A [`Lab`] makes discoveries of a kind. The cases hold for all kinds: whom one finds is joined, sooner or
//! later, and nothing that it says is believed.

mod lab;

use std::time::Duration;

use murmer::prelude::*;
use tokio::time::Instant;

use self::lab::{Lab, Listed, Multicast, Registry};
use super::bed::{Bed, InMemory, OverQuic, World, meshed, up};
use crate::wait::until;

/// Runs every case as a test of its own for each kind.
macro_rules! for_every_kind {
    ($($case:ident),+ $(,)?) => {
        mod listed {
            $(#[tokio::test(start_paused = true)]
            async fn $case() {
                super::super::run::<super::InMemory>(async |bed| super::$case(bed, super::Listed).await).await;
            })+
        }

        mod registered {
            $(#[tokio::test(start_paused = true)]
            async fn $case() {
                let lab = super::Registry::default();
                super::super::run::<super::InMemory>(async |bed| super::$case(bed, lab).await).await;
            })+
        }

        mod registered_over_quic {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let lab = super::Registry::default();
                super::super::run::<super::OverQuic>(async |bed| super::$case(bed, lab).await).await;
            })+
        }

        mod multicast {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let lab = super::Multicast::new(stringify!($case));
                super::super::run::<super::OverQuic>(async |bed| super::$case(bed, lab).await).await;
            })+
        }
    };
}

for_every_kind! {
    two_that_start_at_once_find_each_other,
    one_that_comes_later_is_found_and_three_are_one_cluster,
    one_that_crashed_and_is_back_is_found_again,
    a_node_that_finds_only_itself_is_the_first_of_its_cluster,
    one_that_does_not_know_the_cookie_is_found_and_not_let_in,
    a_discovery_beside_seeds_that_lead_nowhere_finds_all_the_same,
    one_that_left_is_not_waited_for,
}

const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

/// A node's settings, with nothing to go by but the discovery.
fn config(
    bed: &mut Bed<impl World>,
    lab: &impl Lab,
    name: &str,
) -> murmer::cluster::config::ClusterConfigBuilder {
    let all: Vec<_> = NAMES.map(|name| bed.addr(name)).into();
    bed.config(name, &[]).discovery(lab.discovery(&all))
}

async fn node(bed: &mut Bed<impl World>, lab: &impl Lab, name: &str) -> System {
    let config = config(bed, lab, name);
    bed.start(name, config).await.unwrap()
}

async fn two_that_start_at_once_find_each_other(bed: &mut Bed<impl World>, lab: impl Lab) {
    let (one, two) = (config(bed, &lab, "alpha"), config(bed, &lab, "beta"));
    let (alpha, beta) = tokio::join!(bed.start("alpha", one), bed.start("beta", two));
    let (alpha, beta) = (alpha.unwrap(), beta.unwrap());
    meshed(&alpha, &["beta"]).await;
    meshed(&beta, &["alpha"]).await;
    beta.shutdown().await;
    alpha.shutdown().await;
}

async fn one_that_comes_later_is_found_and_three_are_one_cluster(bed: &mut Bed<impl World>, lab: impl Lab) {
    let alpha = node(bed, &lab, "alpha").await;
    let beta = node(bed, &lab, "beta").await;
    let gamma = node(bed, &lab, "gamma").await;
    for (system, others) in
        [(&alpha, ["beta", "gamma"]), (&beta, ["alpha", "gamma"]), (&gamma, ["alpha", "beta"])]
    {
        meshed(system, &others).await;
    }
    for system in [gamma, beta, alpha] {
        system.shutdown().await;
    }
}

async fn one_that_crashed_and_is_back_is_found_again(bed: &mut Bed<impl World>, lab: impl Lab) {
    let alpha = node(bed, &lab, "alpha").await;
    let config_of_beta = config(bed, &lab, "beta");
    let beta = bed.start_mortal("beta", config_of_beta).await;
    meshed(&alpha, &["beta"]).await;
    bed.kill("beta", beta).await;
    until("alpha has noticed", Duration::from_secs(20), || up(&alpha).is_empty()).await;
    let beta = node(bed, &lab, "beta").await;
    meshed(&alpha, &["beta"]).await;
    meshed(&beta, &["alpha"]).await;
    beta.shutdown().await;
    alpha.shutdown().await;
}

async fn a_node_that_finds_only_itself_is_the_first_of_its_cluster(bed: &mut Bed<impl World>, lab: impl Lab) {
    let began_at = Instant::now();
    let all = [bed.addr("alpha")];
    let config = bed.config("alpha", &[]).discovery(lab.discovery(&all));
    let alpha = bed.start("alpha", config.join_wait(Duration::from_millis(500))).await.unwrap();
    assert!(began_at.elapsed() < Duration::from_secs(5));
    assert_eq!(up(&alpha), [""; 0]);
    alpha.shutdown().await;
}

async fn one_that_does_not_know_the_cookie_is_found_and_not_let_in(bed: &mut Bed<impl World>, lab: impl Lab) {
    let alpha = node(bed, &lab, "alpha").await;
    let stranger = config(bed, &lab, "beta").cookie("another cookie, for a stranger");
    let stranger = bed.start("beta", stranger).await.unwrap();
    let gamma = node(bed, &lab, "gamma").await;
    meshed(&alpha, &["gamma"]).await;
    meshed(&gamma, &["alpha"]).await;
    assert_eq!(up(&stranger), [""; 0]);
    for system in [gamma, stranger, alpha] {
        system.shutdown().await;
    }
}

async fn a_discovery_beside_seeds_that_lead_nowhere_finds_all_the_same(
    bed: &mut Bed<impl World>,
    lab: impl Lab,
) {
    let alpha = node(bed, &lab, "alpha").await;
    let nowhere = bed.addr("nobody").into();
    let config = config(bed, &lab, "beta").seed_nodes([nowhere]);
    let beta = bed.start("beta", config).await.unwrap();
    meshed(&beta, &["alpha"]).await;
    beta.shutdown().await;
    alpha.shutdown().await;
}

async fn one_that_left_is_not_waited_for(bed: &mut Bed<impl World>, lab: impl Lab) {
    let alpha = node(bed, &lab, "alpha").await;
    let beta = node(bed, &lab, "beta").await;
    meshed(&beta, &["alpha"]).await;
    let leaves_at = Instant::now();
    alpha.shutdown().await;
    // A search that doesn't take back what it announced has half a second.
    assert!(leaves_at.elapsed() < Duration::from_secs(2), "{:?}", leaves_at.elapsed());
    until("beta is alone", Duration::from_secs(10), || up(&beta).is_empty()).await;
    let gamma = node(bed, &lab, "gamma").await;
    meshed(&gamma, &["beta"]).await;
    gamma.shutdown().await;
    beta.shutdown().await;
}
