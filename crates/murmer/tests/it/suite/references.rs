//! References that get somewhere before anything else is known of their actor.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, StopReason, Visibility, WaitError};

use super::bed::{Bed, World, found, meshed};
use crate::actors::{Probe, ProbeExt};
use crate::wait::until;

pub(super) async fn a_reference_overtakes_the_news_of_its_actor(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    beta.start("b", Probe, vec![]);
    let b = found(&alpha, "b").await;
    assert_eq!(b.echo(1).await.unwrap(), 1);
    for n in 0..20 {
        // The first one is told at once, what follows it a little later; the message is not held up by that.
        alpha.start(&format!("first/{n}"), Probe, vec![]);
        let second = alpha.start(&format!("second/{n}"), Probe, vec![n]);
        assert_eq!(b.pass_on(second.actor_ref(), 7).await.unwrap(), Some(("alpha".into(), 7)));
        assert_eq!(b.pass_on(second.actor_ref(), 8).await.unwrap(), Some(("alpha".into(), 8)));
    }
    until("all are known", SOON, || beta.labels("second/*").len() == 20).await;
}

pub(super) async fn a_reference_leads_to_actors_that_nobody_is_told_of(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let private = ActorOptions::default().visibility(Visibility::Private);
    let private = alpha.try_start("private", Probe, vec![1], private).unwrap();
    let anonymous = alpha.start_anonymous(Probe, vec![2]);
    for (near, noted) in [(private, 1), (anonymous, 2)] {
        let far = beta.resolve(&near.actor_ref()).expect("its node is a member");
        assert_eq!(beta.resolve(&near.actor_ref()), Some(far.clone()));
        assert_eq!((far.id(), far.label()), (near.id(), near.label()));
        assert_eq!(far.noted().await.unwrap(), [noted]);
        // One way to it, and so one order, whoever resolves it.
        for n in 0..50 {
            beta.resolve(&near.actor_ref()).unwrap().note(n).tell().await.unwrap();
        }
        assert_eq!(far.noted().await.unwrap()[1..], (0..50).collect::<Vec<_>>());
        near.control().stop();
        let error = far.echo(1).await.unwrap_err();
        assert!(matches!(error, SendError::Stopped), "{error:?}");
    }
}

pub(super) async fn a_reference_to_a_node_that_is_gone_leads_nowhere(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let gamma = bed.mortal_node("gamma", &["alpha"]).await;
    meshed(&beta, &["alpha", "gamma"]).await;
    let (left, died) = (alpha.start_anonymous(Probe, vec![]), gamma.start_anonymous(Probe, vec![]));
    let (left, died) = (left.actor_ref(), died.actor_ref());
    let far = beta.resolve(&died).expect("gamma is a member");
    bed.kill("gamma", gamma).await;
    assert_eq!(far.ended().await, StopReason::NodeDown);
    until("gamma is down", SOON, || beta.resolve(&died).is_none()).await;
    assert_eq!(beta.wait_for(&died, Duration::MAX).await, Err(WaitError::Over(StopReason::NodeDown)));
    alpha.shutdown().await;
    assert_eq!(beta.wait_for(&left, Duration::MAX).await, Err(WaitError::Over(StopReason::NodeLeft)));
    assert_eq!(beta.resolve(&left), None);
    let local = System::local().start_anonymous(Probe, vec![]).actor_ref();
    assert_eq!(beta.resolve(&local), None, "of a node that nobody knows");
}

pub(super) async fn an_actor_can_be_waited_for_until_it_is_known(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    for n in 0..20 {
        let near = alpha.start(&format!("a/{n}"), Probe, vec![]);
        let far = beta.wait_for(&near.actor_ref(), SOON).await.unwrap();
        assert_eq!((&far, beta.lookup(&format!("a/{n}"))), (&near, Some(far.clone())));
    }
    let anonymous = alpha.start_anonymous(Probe, vec![]).actor_ref();
    let waited = Duration::from_millis(20);
    assert_eq!(beta.wait_for(&anonymous, waited).await, Err(WaitError::TimedOut { waited }));
    assert_eq!(alpha.wait_for(&anonymous, waited).await, Ok(alpha.resolve(&anonymous).unwrap()));
}

pub(super) async fn an_actor_that_ends_is_waited_for_no_longer(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let near = alpha.start("a", Probe, vec![]);
    let far = beta.wait_for(&near.actor_ref(), SOON).await.unwrap();
    near.control().stop();
    far.closed().await;
    until("its entry is gone", SOON, || beta.lookup::<Probe>("a").is_none()).await;
    assert_eq!(beta.wait_for(&near.actor_ref(), SOON).await, Err(WaitError::Over(StopReason::Stopped)));
}

/// Far more than news takes.
const SOON: Duration = Duration::from_secs(10);
