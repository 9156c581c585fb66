//! Cuts and long silences, which only the network in memory has at hand.

use std::time::Duration;

use murmer::cluster::Departure;
use murmer::prelude::*;
use murmer::transport::Faults;
use tokio::time::{Instant, sleep};

use super::bed::{Bed, InMemory, found, found_of_type, up};
use super::run;
use crate::actors::{Gate, GateExt, Latch, Probe, ProbeExt};
use crate::wait::{eventually, until};

#[tokio::test(start_paused = true)]
async fn a_short_cut_delays_calls_and_loses_none() {
    run(async |bed: &mut Bed<InMemory>| {
        let (_nodes, [a, b]) = neighbours(bed).await;
        let (alpha, beta) = (bed.addr("alpha"), bed.addr("beta"));
        bed.network().partition(alpha, beta);
        let asked = tokio::spawn(a.echo(1));
        sleep(Duration::from_millis(400)).await;
        assert!(!asked.is_finished());
        bed.network().heal(alpha, beta);
        assert_eq!(asked.await.unwrap().unwrap(), 1);
        assert_eq!(b.echo(2).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_over_a_long_line_outlives_a_shutdown() {
    run(async |bed: &mut Bed<InMemory>| {
        const BYTES: usize = 3 << 20;
        let (alpha, beta) = bed.pair().await;
        let latch = Latch::closed();
        alpha.start("gate", Gate, latch.clone());
        let gate = found_of_type::<Gate>(&beta, "gate").await;
        // One window each way and back: many rounds, where the leave takes one.
        bed.network().set_faults(Faults { delay: Duration::from_millis(10), ..Faults::default() });
        let in_hand = tokio::spawn(gate.fetch(BYTES));
        until("it is handled", Duration::from_secs(5), || latch.entered() == 1).await;
        latch.permits.add_permits(1);
        alpha.shutdown().await;
        assert_eq!(in_hand.await.unwrap().unwrap().len(), BYTES);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn both_sides_of_a_long_cut_go_on_and_find_each_other_again() {
    run(async |bed: &mut Bed<InMemory>| {
        let ([alpha, beta], [a, b]) = neighbours(bed).await;
        let (at_alpha, at_beta) = (bed.addr("alpha"), bed.addr("beta"));
        bed.network().partition(at_alpha, at_beta);
        until("both are alone", Duration::from_secs(10), || {
            beta.labels("a").is_empty() && alpha.labels("b").is_empty()
        })
        .await;
        assert!(a.echo(1).await.is_err() && b.echo(1).await.is_err());
        assert_eq!(alpha.lookup::<Probe>("a").unwrap().noted().await.unwrap(), [1], "nobody was stopped");
        alpha.start("meanwhile", Probe, vec![]);
        bed.network().heal_all();
        let healed_at = Instant::now();
        for (system, label) in [(&beta, "a"), (&alpha, "b"), (&beta, "meanwhile")] {
            eventually("it is called again", Duration::from_secs(15), async || {
                system.lookup::<Probe>(label)?.echo(2).await.ok()
            })
            .await;
        }
        assert!(healed_at.elapsed() < Duration::from_secs(15));
        assert_eq!(a.noted().await.unwrap(), [1], "the endpoint from before means the same actor");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_replaced_while_it_was_cut_off_learns_that_it_has_left() {
    run(async |bed: &mut Bed<InMemory>| {
        let ([alpha, beta], _) = neighbours(bed).await;
        let (at_alpha, at_beta) = (bed.addr("alpha"), bed.addr("beta"));
        bed.network().partition(at_alpha, at_beta);
        bed.addr("later");
        let config = bed.config("later", &["alpha"]).name("beta");
        let later = bed.start("later", config).await.unwrap();
        assert_eq!(later.members().len(), 1);
        let left = tokio::time::timeout(Duration::from_secs(60), beta.left());
        assert!(left.await.is_err(), "it is told by the others, or not at all");
        bed.network().heal_all();
        assert_eq!(beta.left().await, Departure::Superseded);
        assert!(beta.members().is_empty() && beta.lookup::<Probe>("a").is_none());
        assert_eq!(beta.lookup::<Probe>("b").unwrap().echo(1).await.unwrap(), 1, "its own live on");
        assert_eq!(up(&alpha), ["beta"]);
        later.shutdown().await;
        assert_eq!(later.left().await, Departure::ShutDown);
        let pending = tokio::time::timeout(Duration::from_secs(60), alpha.left());
        assert!(pending.await.is_err(), "others that leave change nothing about oneself");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_was_idle_for_long_is_opened_again() {
    run(async |bed: &mut Bed<InMemory>| {
        let (_nodes, [a, _]) = neighbours(bed).await;
        a.note(2).tell().await.unwrap();
        for _ in 0..3 {
            sleep(Duration::from_secs(90)).await;
            a.note(3).tell().await.unwrap();
        }
        assert_eq!(a.noted().await.unwrap(), [1, 2, 3, 3, 3]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_line_that_loses_a_fifth_of_its_datagrams_keeps_its_members() {
    run(async |bed: &mut Bed<InMemory>| {
        let ([alpha, beta], [a, b]) = neighbours(bed).await;
        bed.network().set_faults(Faults { loss: 0.2, delay: Duration::from_millis(5), ..Faults::default() });
        for n in 0..240 {
            sleep(Duration::from_secs(1)).await;
            assert_eq!((a.echo(n).await.unwrap(), b.echo(n).await.unwrap()), (n, n));
            assert_eq!((alpha.labels("*").len(), beta.labels("*").len()), (2, 2));
        }
        until("neither doubts the other", Duration::from_secs(10), || up(&alpha) == ["beta"]).await;
    })
    .await;
}

/// Two nodes with an actor each, and each one's endpoint on the other node.
async fn neighbours(bed: &mut Bed<InMemory>) -> ([System; 2], [Endpoint<Probe>; 2]) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![1]);
    beta.start("b", Probe, vec![1]);
    let (a, b) = (found(&beta, "a").await, found(&alpha, "b").await);
    assert_eq!((a.echo(0).await.unwrap(), b.echo(0).await.unwrap()), (0, 0));
    ([alpha, beta], [a, b])
}
