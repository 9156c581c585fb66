//! Asks and tells between nodes.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Delivery};
use tokio::task::JoinSet;

use super::bed::{Bed, World, found, found_of_type};
use crate::actors::{Clerk, ClerkExt, Probe, ProbeExt};

pub(super) async fn asks_go_both_ways(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    beta.start("b", Probe, vec![]);
    let (a, b) = (found(&beta, "a").await, found(&alpha, "b").await);
    assert!(!a.is_local() && !b.is_local());
    let (from_a, from_b) = tokio::join!(a.place(), b.place());
    assert_eq!((from_a.unwrap(), from_b.unwrap()), ("alpha".into(), "beta".into()));
    assert_eq!(a.echo(u64::MAX).await.unwrap(), u64::MAX);
    assert_eq!(a.node(), alpha.node());
    assert_eq!(a.label().unwrap().as_str(), "a");
}

pub(super) async fn a_hundred_asks_in_flight_get_their_own_replies(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    let a = found(&beta, "a").await;
    let mut asks = JoinSet::new();
    for n in 0..100 {
        let ask = a.echo(n);
        asks.spawn(async move { (n, ask.await) });
    }
    while let Some(answered) = asks.join_next().await {
        let (n, reply) = answered.unwrap();
        assert_eq!(reply.unwrap(), n);
    }
}

pub(super) async fn tells_through_one_endpoint_keep_their_order(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.try_start("a", Probe, vec![], ActorOptions::default().mailbox(16)).unwrap();
    let a = found(&beta, "a").await;
    for n in 0..5_000 {
        a.note(n).tell().await.unwrap();
    }
    assert_eq!(a.noted().await.unwrap(), (0..5_000).collect::<Vec<_>>());
}

pub(super) async fn eight_senders_get_all_their_replies(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.try_start("a", Probe, vec![], ActorOptions::default().mailbox(16)).unwrap();
    let a = found(&beta, "a").await;
    let mut senders = JoinSet::new();
    for sender in 0..8 {
        let a = a.clone();
        senders.spawn(async move {
            for n in 0..500 {
                assert_eq!(a.echo(sender * 1_000 + n).await.unwrap(), sender * 1_000 + n);
            }
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender.unwrap();
    }
}

pub(super) async fn a_reference_sent_in_a_message_leads_back(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    let b = beta.start("b", Probe, vec![]);
    let a = found(&beta, "a").await;
    found(&alpha, "b").await;
    assert_eq!(a.pass_on(b.actor_ref(), 7).await.unwrap(), Some(("beta".into(), 7)));
    // One of its own, too.
    assert_eq!(beta.resolve(&a.actor_ref()).unwrap().echo(8).await.unwrap(), 8);
    beta.stop("b");
    assert_eq!(b.actor_ref().id().node, *beta.node());
}

pub(super) async fn an_ask_that_is_not_answered_ends_at_its_timeout(bed: &mut Bed<impl World>) {
    let alpha = bed.node("alpha", &[]).await;
    let config = bed.config("beta", &["alpha"]).ask_timeout(Duration::from_millis(300));
    let beta = bed.start("beta", config).await.unwrap();
    alpha.start("a", Probe, vec![]);
    let a = found(&beta, "a").await;
    let after = Duration::from_millis(200);
    let own = a.hang().timeout(after).await.unwrap_err();
    assert!(matches!(own, SendError::TimedOut { after: within, .. } if within == after), "{own:?}");
    assert_eq!(own.delivery(), Delivery::Maybe);
    let general = a.echo(1).await.unwrap_err();
    assert!(matches!(general, SendError::TimedOut { after, .. } if after == Duration::from_millis(300)));
}

pub(super) async fn a_message_over_the_limit_is_refused_before_it_is_sent(bed: &mut Bed<impl World>) {
    let (a, _nodes) = small(bed).await;
    let error = a.weigh(vec![1; 70_000]).await.unwrap_err();
    assert!(matches!(error, SendError::TooLarge { max: SMALL, .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
    assert!(a.weigh(vec![1; 70_000]).tell().await.is_err());
    assert_eq!(a.weigh(vec![1; 60_000]).await.unwrap(), 60_000);
}

pub(super) async fn a_reply_over_the_limit_is_told_to_the_caller(bed: &mut Bed<impl World>) {
    let (a, _nodes) = small(bed).await;
    let error = a.grow(70_000).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Handled, "{error:?}");
    assert_eq!(a.grow(60_000).await.unwrap(), vec![7; 60_000]);
}

pub(super) async fn a_reply_that_panics_over_its_own_encoding_is_told_at_once(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    let a = found(&beta, "a").await;
    let error = a.explode().timeout(Duration::from_secs(10)).await.unwrap_err();
    assert!(matches!(error, SendError::Panicked), "{error:?}");
}

pub(super) async fn a_reply_that_is_kept_reaches_another_node_later(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("clerk", Clerk, vec![]);
    let clerk: Endpoint<Clerk> = found_of_type(&beta, "clerk").await;
    // One after the other, since they are one stream's messages in order.
    let (first, second, released) = tokio::join!(biased; clerk.wait(1), clerk.wait(2), clerk.release());
    assert_eq!((first.unwrap(), second.unwrap(), released.unwrap()), (1, 2, 2));
    assert_eq!(clerk.delegate(4).await.unwrap(), 8);
    assert!(matches!(clerk.lose(1).await.unwrap_err(), SendError::NoReply));
    assert!(matches!(clerk.fumble(1).await.unwrap_err(), SendError::Panicked));
}

pub(super) async fn a_forwarded_reply_reaches_another_node(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("clerk", Clerk, vec![]);
    let here = alpha.start("here", Probe, vec![]);
    let there = beta.start("there", Probe, vec![]);
    let clerk: Endpoint<Clerk> = found_of_type(&beta, "clerk").await;
    found(&alpha, "there").await;
    // To an actor beside it, and to one of the node that asks.
    assert_eq!(clerk.refer(here.actor_ref(), 7).await.unwrap(), 7);
    assert_eq!(clerk.refer(there.actor_ref(), 8).await.unwrap(), 8);
    beta.stop("there");
    there.closed().await;
    let error = clerk.refer(there.actor_ref(), 9).await.unwrap_err();
    assert!(matches!(error, SendError::NoReply), "{error:?}");
}

/// An actor on a node with a small limit, seen from another such.
async fn small(bed: &mut Bed<impl World>) -> (Endpoint<Probe>, [System; 2]) {
    let config = bed.config("alpha", &[]).message_bytes_max(SMALL);
    let alpha = bed.start("alpha", config).await.unwrap();
    let config = bed.config("beta", &["alpha"]).message_bytes_max(SMALL);
    let beta = bed.start("beta", config).await.unwrap();
    alpha.start("a", Probe, vec![]);
    (found(&beta, "a").await, [alpha, beta])
}

const SMALL: usize = 64 << 10;
