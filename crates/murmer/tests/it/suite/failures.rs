//! Actors and nodes that end, in order and without a word.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Delivery};
use tokio::time::Instant;

use super::bed::{Bed, World, found, found_of_type, meshed, up};
use crate::actors::{Gate, GateExt, Latch, Probe, ProbeExt};
use crate::wait::{eventually, until};

pub(super) async fn a_panic_is_told_to_a_remote_caller(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    let a = found(&beta, "a").await;
    assert_eq!(a.echo(1).await.unwrap(), 1);
    let error = a.boom().await.unwrap_err();
    assert!(matches!(error, SendError::Panicked), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Handled);
    assert_stopped(&a.echo(2).await.unwrap_err());
    a.closed().await;
    assert!(beta.lookup::<Probe>("a").is_none());
}

pub(super) async fn a_remote_stop_ends_what_is_queued_and_a_new_lookup_finds_the_successor(
    bed: &mut Bed<impl World>,
) {
    let (alpha, beta) = bed.pair().await;
    let latch = Latch::closed();
    let near = alpha.start("gate", Gate, latch.clone());
    let gate = found_of_type::<Gate>(&beta, "gate").await;
    let handled = tokio::spawn(gate.pass(0));
    until("the first is handled", SOON, || latch.entered() == 1).await;
    let queued: Vec<_> = (1..20).map(|n| tokio::spawn(gate.pass(n))).collect();
    let queued_there = tokio::spawn(near.pass(20));
    tokio::task::yield_now().await;
    assert!(alpha.stop("gate"));
    for ask in queued.into_iter().chain([queued_there]) {
        assert_stopped(&ask.await.unwrap().unwrap_err());
    }
    let open = Latch::closed();
    open.permits.add_permits(1);
    alpha.try_start("gate", Gate, open, ActorOptions::default()).unwrap();
    latch.permits.add_permits(1);
    assert_eq!(handled.await.unwrap().unwrap(), 0);
    gate.closed().await;
    assert_stopped(&gate.pass(21).await.unwrap_err());
    let successor = eventually("the successor is seen", SOON, async || {
        beta.lookup::<Gate>("gate").filter(|found| found.id() != gate.id())
    })
    .await;
    assert_eq!(successor.pass(22).await.unwrap(), 22);
}

pub(super) async fn a_node_that_dies_is_pruned_and_the_others_go_on(bed: &mut Bed<impl World>) {
    let alpha = bed.mortal_node("alpha", &[]).await;
    let (beta, gamma) = (bed.node("beta", &["alpha"]).await, bed.node("gamma", &["alpha"]).await);
    let latch = Latch::closed();
    alpha.start("gate", Gate, latch.clone());
    beta.start("b", Probe, vec![]);
    let (gate, b) = (found_of_type::<Gate>(&beta, "gate").await, found(&gamma, "b").await);
    meshed(&beta, &["alpha", "gamma"]).await;
    let in_flight = tokio::spawn(gate.pass(1));
    until("it is handled", SOON, || latch.entered() == 1).await;
    bed.kill("alpha", alpha).await;
    let killed_at = Instant::now();
    assert_eq!(b.echo(2).await.unwrap(), 2);
    for system in [&beta, &gamma] {
        let left = PRUNED_WITHIN.saturating_sub(killed_at.elapsed());
        until("its actors are gone", left, || system.labels("gate").is_empty()).await;
    }
    let error = in_flight.await.unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::Maybe, "{error:?}");
    let before = Instant::now();
    assert_eq!(gate.pass(3).await.unwrap_err().delivery(), Delivery::Never);
    assert!(before.elapsed() < Duration::from_millis(500), "it fails fast");
    gate.closed().await;
    assert_eq!(b.echo(4).await.unwrap(), 4);
    assert_eq!(up(&beta), ["gamma"]);
}

pub(super) async fn a_node_that_leaves_is_pruned_at_once(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let gamma = bed.node("gamma", &["alpha"]).await;
    alpha.start("a", Probe, vec![]);
    let (a, _) = (found(&beta, "a").await, found(&gamma, "a").await);
    assert_eq!(a.echo(1).await.unwrap(), 1);
    let before = Instant::now();
    tokio::join!(alpha.shutdown(), async {
        until("it is gone", Duration::from_secs(1), || {
            up(&beta) == ["gamma"] && up(&gamma) == ["beta"] && beta.labels("*").is_empty()
        })
        .await;
    });
    assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
    assert!(gamma.labels("*").is_empty());
    let error = a.echo(2).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Never, "{error:?}");
    a.closed().await;
    // The address and the name are free again, at once.
    let alpha = bed.node("alpha", &["beta"]).await;
    alpha.start("a", Probe, vec![]);
    assert_eq!(found(&gamma, "a").await.echo(3).await.unwrap(), 3);
}

pub(super) async fn a_handler_in_hand_at_a_shutdown_is_finished_and_answers(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let latch = Latch::closed();
    alpha.start("gate", Gate, latch.clone());
    let gate = found_of_type::<Gate>(&beta, "gate").await;
    let in_hand = tokio::spawn(gate.pass(1));
    until("it is handled", SOON, || latch.entered() == 1).await;
    let behind = tokio::spawn(gate.pass(2));
    tokio::join!(alpha.shutdown(), async {
        until("the label is gone", SOON, || beta.labels("*").is_empty()).await;
        latch.permits.add_permits(1);
    });
    assert_eq!(in_hand.await.unwrap().unwrap(), 1);
    assert_eq!(behind.await.unwrap().unwrap_err().delivery(), Delivery::Never);
}

pub(super) async fn a_reply_of_megabytes_outlives_a_shutdown(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let latch = Latch::closed();
    alpha.start("gate", Gate, latch.clone());
    let gate = found_of_type::<Gate>(&beta, "gate").await;
    let in_hand = tokio::spawn(gate.fetch(BYTES));
    until("it is handled", SOON, || latch.entered() == 1).await;
    // Stopped before the shutdown, which waits for it all the same.
    assert!(alpha.stop("gate"));
    latch.permits.add_permits(1);
    alpha.shutdown().await;
    assert_eq!(in_hand.await.unwrap().unwrap().len(), BYTES);
    const BYTES: usize = 3 << 20;
}

pub(super) async fn of_a_cluster_that_was_left_nothing_is_seen(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    let a = found(&beta, "a").await;
    assert_eq!(a.echo(1).await.unwrap(), 1);
    beta.shutdown().await;
    tokio::time::timeout(SOON, a.closed()).await.unwrap();
    assert!(beta.members().is_empty());
    assert!(beta.labels("*").is_empty() && beta.lookup::<Probe>("a").is_none());
    assert!(beta.resolve(&a.actor_ref()).is_none());
}

/// Calls over the node's own links, which end with it.
pub(super) async fn what_a_node_that_leaves_has_asked_ends(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let latch = Latch::closed();
    alpha.start("gate", Gate, latch.clone());
    let gate = found_of_type::<Gate>(&beta, "gate").await;
    let in_flight = tokio::spawn(gate.pass(1));
    until("it is handled", SOON, || latch.entered() == 1).await;
    beta.shutdown().await;
    let error = tokio::time::timeout(SOON, in_flight).await.unwrap().unwrap().unwrap_err();
    assert!(matches!(error, SendError::Lost { .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Maybe);
    let error = gate.pass(2).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Never, "{error:?}");
}

pub(super) async fn a_node_that_restarts_with_a_seed_is_usable_again(bed: &mut Bed<impl World>) {
    restart(bed, &["beta"]).await;
}

pub(super) async fn a_node_that_restarts_without_a_seed_is_usable_again(bed: &mut Bed<impl World>) {
    restart(bed, &[]).await;
}

async fn restart(bed: &mut Bed<impl World>, seeds: &[&str]) {
    let alpha = bed.mortal_node("alpha", &[]).await;
    let beta = bed.node("beta", &["alpha"]).await;
    alpha.start("a", Probe, vec![1]);
    beta.start("b", Probe, vec![]);
    assert_eq!(found(&beta, "a").await.echo(1).await.unwrap(), 1);
    let first = alpha.node().clone();
    bed.kill("alpha", alpha).await;
    let again_at = Instant::now();
    let alpha = bed.mortal_node("alpha", seeds).await;
    assert_ne!(*alpha.node(), first);
    alpha.start("a", Probe, vec![2]);
    let call = async |system: &System, label| {
        system.lookup::<Probe>(label)?.noted().timeout(Duration::from_millis(200)).await.ok()
    };
    eventually("the new one is called", USABLE_WITHIN, async || {
        call(&beta, "a").await.filter(|noted| *noted == [2])
    })
    .await;
    eventually("and calls", USABLE_WITHIN, async || call(&alpha, "b").await).await;
    assert!(again_at.elapsed() < USABLE_WITHIN);
    assert_eq!(beta.labels("a").len(), 1);
}

fn assert_stopped(error: &SendError) {
    assert!(matches!(error, SendError::Stopped), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
}

/// Far more than what is on its way takes.
const SOON: Duration = Duration::from_secs(5);
/// Suspicion, doubt, and a margin.
const PRUNED_WITHIN: Duration = Duration::from_secs(10);
const USABLE_WITHIN: Duration = Duration::from_secs(5);
