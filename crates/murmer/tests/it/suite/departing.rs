//! What a node that leaves its cluster tells those on it: of everybody else, that they are gone from here.

use std::time::Duration;

use murmer::cluster::Departure;
use murmer::cluster::config::Downing;
use murmer::prelude::*;
use murmer::{Events, GroupChange, Listing, ReceptionKey, WaitError};
use tokio::time::timeout;

use super::bed::{Bed, InMemory, World, found};
use super::events::check;
use super::run;
use crate::actors::Probe;

/// More than anything here takes that nothing holds up.
const SOON: Duration = Duration::from_secs(60);

fn key() -> ReceptionKey<Probe> {
    ReceptionKey::new("probes").unwrap()
}

/// An alpha with an actor `a` in a group, and a beta that has heard of it. Of the two, beta is the minority.
async fn pair<W: World>(bed: &mut Bed<W>) -> (System, System, Events, Listing<Probe>) {
    let mut nodes = Vec::new();
    for (name, seeds) in [("alpha", &[][..]), ("beta", &["alpha"])] {
        let config = bed.config(name, seeds).downing(Downing::keep_majority());
        nodes.push(bed.start(name, config).await.unwrap());
    }
    let [alpha, beta] = nodes.try_into().unwrap();
    let (mut events, mut listing) = (beta.events(), beta.listing(&key()));
    let a = alpha.start("a", Probe, vec![]);
    alpha.join_group(&key(), &a).unwrap();
    check(&mut events, &["a of alpha added"]).await;
    let change = timeout(SOON, listing.next()).await.unwrap();
    assert!(matches!(change, Some(GroupChange::Added(member)) if member.id() == a.id()));
    (alpha, beta, events, listing)
}

#[tokio::test(start_paused = true)]
async fn a_node_that_leaves_by_itself_tells_its_own_that_the_others_are_gone() {
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta, mut events, mut listing) = pair(bed).await;
        let a = found(&beta, "a").await;
        // Of a node that beta has never heard of, and so of one that nothing can be watched on.
        let stranger = System::local().start_anonymous(Probe, vec![]).actor_ref();
        let waits = tokio::spawn({
            let beta = beta.clone();
            async move { beta.wait_for(&stranger, Duration::MAX).await }
        });
        let (at_alpha, at_beta) = (bed.addr("alpha"), bed.addr("beta"));
        bed.network().partition(at_alpha, at_beta);
        assert_eq!(beta.left().await, Departure::Minority);
        check(
            &mut events,
            &["alpha suspect", "alpha unreachable", "a of alpha removed: NodeDown", "alpha down"],
        )
        .await;
        let change = timeout(SOON, listing.next()).await.unwrap();
        assert!(matches!(change, Some(GroupChange::Removed(ref id)) if *id == a.id()), "{change:?}");
        let waited = timeout(SOON, waits).await.expect("it is woken").unwrap();
        assert!(matches!(waited, Err(WaitError::Over(StopReason::NodeDown))), "{waited:?}");
        let waited = timeout(SOON, beta.wait_for(&a.actor_ref(), Duration::MAX)).await.expect("it is over");
        assert!(matches!(waited, Err(WaitError::Over(StopReason::NodeDown))), "{waited:?}");
        assert_eq!(alpha.group(&key()).len(), 1, "it runs");
    })
    .await;
}

pub(super) async fn a_node_that_is_shut_down_tells_its_own_that_the_others_are_gone(
    bed: &mut Bed<impl World>,
) {
    let (alpha, beta, mut events, _listing) = pair(bed).await;
    beta.shutdown().await;
    check(&mut events, &["a of alpha removed: NodeDown", "alpha down"]).await;
    assert_eq!(alpha.group(&key()).len(), 1, "it runs");
}
