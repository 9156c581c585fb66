//! How nodes find each other, and whom they don't let in.

use std::time::Duration;

use murmer::cluster::ClusterError;
use murmer::prelude::*;
use tokio::time::Instant;

use super::bed::{Bed, World, found, found_of_type, meshed, up};
use crate::actors::{Gate, GateExt, Latch, Probe, ProbeExt};
use crate::wait::until;

pub(super) async fn two_nodes_that_seed_each_other_share_one_way(bed: &mut Bed<impl World>) {
    let (one, two) = (bed.config("alpha", &["beta"]), bed.config("beta", &["alpha"]));
    let (alpha, beta) = tokio::join!(bed.start("alpha", one), bed.start("beta", two));
    let (alpha, beta) = (alpha.unwrap(), beta.unwrap());
    alpha.start("a", Probe, vec![]);
    beta.start("b", Probe, vec![]);
    let (a, b) = (found(&beta, "a").await, found(&alpha, "b").await);
    for n in 0..200 {
        let (from_a, from_b) = tokio::join!(a.echo(n), b.echo(n));
        assert_eq!((from_a.unwrap(), from_b.unwrap()), (n, n));
    }
    assert_eq!((up(&alpha), up(&beta)), (vec!["beta".into()], vec!["alpha".into()]));
}

pub(super) async fn a_node_says_where_it_is_and_is_found_there(bed: &mut Bed<impl World>) {
    assert_eq!((System::local().local_addr(), System::local().advertised()), (None, None));
    let config = bed.config("alpha", &[]).listen("127.0.0.1:0".parse().unwrap());
    let alpha = bed.start("alpha", config).await.unwrap();
    let addr = alpha.local_addr().unwrap();
    assert_ne!(addr.port(), 0);
    assert_eq!(alpha.advertised(), Some(addr));
    let elsewhere = "127.0.0.2:9".parse().unwrap();
    let config = bed.config("beta", &[]).advertise(elsewhere).seed_nodes([addr.into()]);
    let beta = bed.start("beta", config).await.unwrap();
    assert_eq!((beta.local_addr(), beta.advertised()), (Some(bed.addr("beta")), Some(elsewhere)));
    assert_eq!((up(&alpha), up(&beta)), (vec!["beta".into()], vec!["alpha".into()]));
    alpha.shutdown().await;
    assert_eq!((alpha.local_addr(), alpha.advertised()), (Some(addr), Some(addr)));
}

pub(super) async fn calls_outlive_the_connection_that_loses_against_another(bed: &mut Bed<impl World>) {
    // Alpha dials in vain, and will try again within two seconds. By then beta has dialed alpha; but of
    // two connections, alpha's stays.
    let config = bed.config("alpha", &["beta"]).join_wait(Duration::from_millis(50));
    let alpha = bed.start("alpha", config).await.unwrap();
    let beta = bed.node("beta", &["alpha"]).await;
    alpha.start("a", Probe, vec![]);
    beta.start("b", Probe, vec![]);
    let latch = Latch::closed();
    alpha.start("gate", Gate, latch.clone());
    let (a, b) = (found(&beta, "a").await, found(&alpha, "b").await);
    let in_hand = tokio::spawn(found_of_type::<Gate>(&beta, "gate").await.pass(7));
    let began_at = Instant::now();
    let mut noted = 0;
    while began_at.elapsed() < Duration::from_millis(2_500) {
        let (from_a, from_b) = tokio::join!(a.echo(1), b.echo(2));
        assert_eq!((from_a.unwrap(), from_b.unwrap()), (1, 2));
        for probe in [&a, &b] {
            probe.note(noted).tell().await.unwrap();
        }
        noted += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let all: Vec<_> = (0..noted).collect();
    assert_eq!((a.noted().await.unwrap(), b.noted().await.unwrap()), (all.clone(), all));
    latch.permits.add_permits(1);
    assert_eq!(in_hand.await.unwrap().unwrap(), 7);
}

pub(super) async fn a_name_in_use_is_refused(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    beta.start("b", Probe, vec![]);
    // Of the seed itself, and of another member, which the seed asks.
    for name in ["alpha", "beta"] {
        bed.addr("impostor");
        let config = bed.config("impostor", &["alpha"]).name(name);
        let refused = bed.start("impostor", config).await;
        assert!(
            matches!(&refused, Err(ClusterError::NameInUse(used)) if used.as_str() == name),
            "{refused:?}"
        );
    }
    assert_eq!(found(&beta, "a").await.echo(1).await.unwrap(), 1);
    assert_eq!(found(&alpha, "b").await.echo(2).await.unwrap(), 2);
}

pub(super) async fn a_wrong_cookie_learns_nothing(bed: &mut Bed<impl World>) {
    let alpha = bed.node("alpha", &[]).await;
    alpha.start("a", Probe, vec![]);
    let config = bed
        .config("stranger", &["alpha"])
        .cookie("another cookie than that")
        .join_wait(Duration::from_secs(1));
    // Returns when it has tried in vain for as long as it waits.
    let stranger = bed.start("stranger", config).await.unwrap();
    stranger.start("s", Probe, vec![]);
    let beta = bed.node("beta", &["alpha"]).await;
    found(&beta, "a").await;
    assert!(stranger.members().is_empty());
    assert!(stranger.lookup::<Probe>("a").is_none());
    assert_eq!(stranger.labels("*").len(), 1);
    for system in [&alpha, &beta] {
        assert!(system.lookup::<Probe>("s").is_none());
        assert_eq!(system.members().len(), 1);
    }
}

pub(super) async fn a_seed_can_be_a_host_name(bed: &mut Bed<impl World>) {
    let alpha = bed.node("alpha", &[]).await;
    alpha.start("a", Probe, vec![]);
    let seed = format!("localhost:{}", bed.addr("alpha").port());
    let config = bed.config("beta", &[]).seed_nodes([seed.parse().unwrap()]);
    let beta = bed.start("beta", config).await.unwrap();
    assert_eq!(beta.lookup::<Probe>("a").unwrap().echo(1).await.unwrap(), 1);
}

pub(super) async fn a_seed_that_comes_up_later_is_found(bed: &mut Bed<impl World>) {
    let config = bed.config("beta", &["alpha"]).join_wait(Duration::from_millis(200));
    let beta = bed.start("beta", config).await.unwrap();
    beta.start("b", Probe, vec![]);
    assert!(beta.members().is_empty());
    let alpha = bed.node("alpha", &[]).await;
    alpha.start("a", Probe, vec![]);
    assert_eq!(found(&beta, "a").await.echo(1).await.unwrap(), 1);
    assert_eq!(found(&alpha, "b").await.echo(2).await.unwrap(), 2);
}

pub(super) async fn three_nodes_mesh_from_one_seed_and_outlive_it(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let gamma = bed.node("gamma", &["alpha"]).await;
    beta.start("b", Probe, vec![]);
    gamma.start("g", Probe, vec![]);
    meshed(&alpha, &["beta", "gamma"]).await;
    meshed(&beta, &["alpha", "gamma"]).await;
    meshed(&gamma, &["alpha", "beta"]).await;
    let (g, b) = (found(&beta, "g").await, found(&gamma, "b").await);
    assert_eq!(g.echo(1).await.unwrap(), 1);
    alpha.shutdown().await;
    until("the seed is gone", Duration::from_secs(2), || up(&beta) == ["gamma"] && up(&gamma) == ["beta"])
        .await;
    assert_eq!(g.echo(2).await.unwrap(), 2);
    assert_eq!(b.echo(3).await.unwrap(), 3);
    beta.start("later", Probe, vec![]);
    assert_eq!(found(&gamma, "later").await.echo(4).await.unwrap(), 4);
}
