//! Waiting until others know what was registered.

use std::time::Duration;

use murmer::cluster::{FlushError, MemberState};
use murmer::prelude::*;
use tokio::time::Instant;

use super::bed::{Bed, InMemory, World, meshed};
use super::run;
use crate::actors::{Probe, ProbeExt};
use crate::wait::until;

pub(super) async fn what_was_registered_before_a_flush_is_found_everywhere_after_it(
    bed: &mut Bed<impl World>,
) {
    let (alpha, beta) = bed.pair().await;
    let gamma = bed.node("gamma", &["alpha"]).await;
    meshed(&alpha, &["beta", "gamma"]).await;
    for round in 0..5 {
        let labels: Vec<_> = (0..300).map(|n| format!("{round}/{n}")).collect();
        for label in &labels {
            alpha.start(label, Probe, vec![round]);
        }
        alpha.flush(SOON).await.unwrap();
        for system in [&beta, &gamma] {
            assert_eq!(system.labels("*").len(), 300);
            let probe = system.lookup::<Probe>(&labels[299]).expect("it is known by now");
            assert_eq!(probe.noted().await.unwrap(), [round]);
        }
        labels.iter().for_each(|label| assert!(alpha.stop(label)));
        alpha.flush(SOON).await.unwrap();
        assert_eq!(beta.labels("*").len() + gamma.labels("*").len(), 0);
    }
}

pub(super) async fn whoever_has_nobody_to_tell_waits_for_nobody(bed: &mut Bed<impl World>) {
    let alpha = bed.node("alpha", &[]).await;
    alpha.start("a", Probe, vec![]);
    alpha.flush(Duration::MAX).await.unwrap();
    System::local().flush(Duration::MAX).await.unwrap();
    alpha.shutdown().await;
    assert_eq!(alpha.flush(Duration::MAX).await, Err(FlushError::NotAMember));
}

pub(super) async fn registrations_that_go_on_hold_up_no_flush(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("wanted", Probe, vec![]);
    let busy = async {
        for n in 0u32.. {
            alpha.start(&n.to_string(), Probe, vec![]);
            alpha.stop(&n.to_string());
            tokio::time::sleep(Duration::from_millis(1)).await; // tidy: sleep the pace of somebody who starts actors
        }
    };
    tokio::select! {
        flushed = alpha.flush(SOON) => flushed.unwrap(),
        () = busy => {}
    }
    assert!(beta.lookup::<Probe>("wanted").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_flush_names_who_is_late_and_waits_for_nobody_who_cannot_be_reached() {
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta) = bed.pair().await;
        alpha.flush(SOON).await.unwrap();
        let (at_alpha, at_beta) = (bed.addr("alpha"), bed.addr("beta"));
        bed.network().partition(at_alpha, at_beta);
        alpha.start("a", Probe, vec![]);
        let waited = Duration::from_millis(300);
        let late = FlushError::TimedOut { waited, nodes: vec![beta.node().clone()] };
        assert_eq!(alpha.flush(waited).await, Err(late));
        let begun = Instant::now();
        alpha.flush(Duration::MAX).await.unwrap();
        assert!(begun.elapsed() < SOON);
        assert_ne!(alpha.members()[0].1, MemberState::Up);
        bed.network().heal(at_alpha, at_beta);
        until("beta is back", 2 * SOON, || alpha.members()[0].1 == MemberState::Up).await;
        alpha.flush(SOON).await.unwrap();
        assert!(beta.lookup::<Probe>("a").is_some());
    })
    .await;
}

/// Far more than it takes.
const SOON: Duration = Duration::from_secs(10);
