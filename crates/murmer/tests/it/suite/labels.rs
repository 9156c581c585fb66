//! What labels mean across nodes.

use std::time::Duration;

use murmer::ActorOptions;
use tokio::task::JoinSet;

use super::bed::{Bed, World, found, meshed};
use crate::actors::{Hermit, HermitExt, Probe, ProbeExt};
use crate::wait::{eventually, until};

pub(super) async fn an_unknown_label_is_nobody(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    found(&beta, "a").await;
    assert!(beta.lookup::<Probe>("b").is_none());
    assert!(beta.lookup::<crate::actors::Gate>("a").is_none(), "of another type");
}

pub(super) async fn a_local_actor_is_not_seen_elsewhere(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let hermit = alpha.start("hermit", Hermit, ());
    alpha.start("a", Probe, vec![]);
    // Started later, so the hermit would be there by now.
    found(&beta, "a").await;
    assert!(beta.lookup::<Hermit>("hermit").is_none());
    assert!(beta.resolve(&hermit.actor_ref()).is_none());
    assert_eq!(beta.labels("*").len(), 1);
    assert_eq!(hermit.mumble().await.unwrap(), "hm");
}

pub(super) async fn a_label_that_is_stopped_and_started_ten_times_stays_callable(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let gamma = bed.node("gamma", &["alpha"]).await;
    for round in 0..10 {
        beta.stop("moving");
        beta.try_start("moving", Probe, vec![round], ActorOptions::default()).unwrap();
        if round % 3 == 0 {
            found(&alpha, "moving").await;
        }
    }
    for system in [&alpha, &beta, &gamma] {
        eventually("the last one is called everywhere", Duration::from_secs(5), async || {
            let noted = system.lookup::<Probe>("moving")?.noted().await.ok()?;
            (noted == [9]).then_some(())
        })
        .await;
        assert_eq!(system.labels("*").len(), 1);
    }
}

pub(super) async fn a_label_on_two_nodes_is_kept_twice_and_found_once(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let gamma = bed.node("gamma", &["alpha"]).await;
    meshed(&gamma, &["alpha", "beta"]).await;
    alpha.start("twin", Probe, vec![]);
    found(&beta, "twin").await;
    beta.try_start("twin", Probe, vec![], ActorOptions::default()).unwrap();
    beta.start("after", Probe, vec![]);
    for (system, other) in [(&alpha, "beta"), (&gamma, "beta")] {
        assert_eq!(found(system, "after").await.place().await.unwrap(), other);
    }
    assert_eq!(found(&alpha, "twin").await.place().await.unwrap(), "alpha");
    assert_eq!(found(&beta, "twin").await.place().await.unwrap(), "beta");
    assert_eq!(found(&gamma, "twin").await.place().await.unwrap(), "alpha", "the elder");
    assert_eq!(gamma.labels("twin").len(), 1);
    alpha.stop("twin");
    eventually("gamma finds the other", Duration::from_secs(5), async || {
        (gamma.lookup::<Probe>("twin")?.place().await.ok()? == "beta").then_some(())
    })
    .await;
}

pub(super) async fn a_small_limit_on_messages_does_not_cut_off_the_registry(bed: &mut Bed<impl World>) {
    let config = bed.config("alpha", &[]).message_bytes_max(4 << 10);
    let alpha = bed.start("alpha", config).await.unwrap();
    for n in 0..2_000 {
        alpha.start(&format!("many/{n}"), Probe, vec![n]);
    }
    let config = bed.config("beta", &["alpha"]).message_bytes_max(4 << 10);
    let beta = bed.start("beta", config).await.unwrap();
    until("all are seen", Duration::from_secs(10), || beta.labels("many/*").len() == 2_000).await;
}

pub(super) async fn two_thousand_actors_of_one_node_are_callable_from_another(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    for n in 0..2_000 {
        alpha.start(&format!("many/{n}"), Probe, vec![n]);
    }
    until("all are seen", Duration::from_secs(10), || beta.labels("many/*").len() == 2_000).await;
    let mut asks = JoinSet::new();
    for n in 0..2_000 {
        let ask = beta.lookup::<Probe>(&format!("many/{n}")).unwrap().noted();
        asks.spawn(async move { (n, ask.await) });
    }
    while let Some(answered) = asks.join_next().await {
        let (n, noted) = answered.unwrap();
        assert_eq!(noted.unwrap(), [n]);
    }
}
