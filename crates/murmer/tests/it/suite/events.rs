//! What a system tells of members and of actors elsewhere, in which order, and to whom.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{Event, Events, ReceptionKey};
use tokio::time::{sleep, timeout};

use super::bed::{Bed, InMemory, OverQuic, World, found};
use super::run;
use crate::actors::Probe;
use crate::wait::until;

/// The next event, as few words.
pub(super) async fn next(events: &mut Events) -> String {
    let event = timeout(Duration::from_secs(60), events.next()).await.expect("there is one").unwrap();
    match event {
        Event::MemberJoined { node, .. } => format!("{} joined", node.name),
        Event::MemberReborn { node, former } => {
            assert!(node.name == former.name && node.incarnation > former.incarnation);
            format!("{} reborn", node.name)
        }
        Event::MemberSuspect { node } => format!("{} suspect", node.name),
        Event::MemberUnreachable { node } => format!("{} unreachable", node.name),
        Event::MemberReachable { node } => format!("{} reachable", node.name),
        Event::MemberDown { node } => format!("{} down", node.name),
        Event::MemberLeft { node } => format!("{} left", node.name),
        Event::ActorAdded { actor, label, actor_type } => {
            assert!(actor_type.ends_with("::Probe"), "{actor_type}");
            format!("{} of {} added", label.unwrap(), actor.node.name)
        }
        Event::ActorRemoved { actor, label, reason } => {
            format!("{} of {} removed: {reason:?}", label.unwrap(), actor.node.name)
        }
        Event::LabelConflict { label, holders: [first, second], picked } => {
            format!("{label}: {} and {}, {}", first.node.name, second.node.name, picked.node.name)
        }
        other => format!("{other:?}"),
    }
}

/// A suspicion that nobody expects may come from a machine that is busy, and goes again.
pub(super) async fn check(events: &mut Events, expected: &[&str]) {
    for expected in expected {
        let mut word = next(events).await;
        while word != *expected && (word.ends_with(" suspect") || word.ends_with(" reachable")) {
            word = next(events).await;
        }
        assert_eq!(word, *expected);
    }
}

/// An alpha that listens, and a beta with an actor `b`.
async fn pair<W: World>(bed: &mut Bed<W>) -> (System, System, Events) {
    let alpha = bed.node("alpha", &[]).await;
    let mut events = alpha.events();
    let beta = bed.mortal_node("beta", &["alpha"]).await;
    beta.start("b", Probe, vec![]);
    check(&mut events, &["beta joined", "b of beta added"]).await;
    (alpha, beta, events)
}

pub(super) async fn a_member_joins_before_its_actors_and_is_down_after_them<W: World>(bed: &mut Bed<W>) {
    let (alpha, beta, mut events) = pair(bed).await;
    assert!(alpha.lookup::<Probe>("b").is_some());
    bed.kill("beta", beta).await;
    let mut heard = Vec::new();
    while heard.last().is_none_or(|last| last != "beta down") {
        heard.push(next(&mut events).await);
    }
    heard.retain(|event| event != "beta suspect" && event != "beta reachable");
    assert_eq!(heard, ["beta unreachable", "b of beta removed: NodeDown", "beta down"]);
    assert!(alpha.lookup::<Probe>("b").is_none());
}

pub(super) async fn a_member_has_left_after_its_actors<W: World>(bed: &mut Bed<W>) {
    let (alpha, beta, mut events) = pair(bed).await;
    beta.stop("b");
    check(&mut events, &["b of beta removed: Stopped"]).await;
    beta.start("c", Probe, vec![]);
    check(&mut events, &["c of beta added"]).await;
    beta.shutdown().await;
    // Whether beta has said first that c is stopped is beta's business.
    let removed = next(&mut events).await;
    assert!(removed == "c of beta removed: NodeLeft" || removed == "c of beta removed: Stopped", "{removed}");
    check(&mut events, &["beta left"]).await;
    assert!(alpha.labels("*").is_empty());
}

pub(super) async fn two_holders_of_a_label_are_both_named<W: World>(bed: &mut Bed<W>) {
    let (alpha, beta, mut events) = pair(bed).await;
    let mut at_beta = beta.events();
    alpha.start("b", Probe, vec![]);
    check(&mut events, &["b: beta and alpha, alpha"]).await;
    check(&mut at_beta, &["b of alpha added", "b: beta and alpha, beta"]).await;
    let gamma = bed.node("gamma", &["alpha"]).await;
    let held = gamma.lookup::<Probe>("b").unwrap().id();
    assert_eq!(held.node.name.as_str(), "beta", "beta had it first");
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_back_in_time_is_reachable_and_one_that_is_not_joins_again() {
    run(async |bed: &mut Bed<InMemory>| {
        let (_alpha, _beta, mut events) = pair(bed).await;
        let (at_alpha, at_beta) = (bed.addr("alpha"), bed.addr("beta"));
        bed.network().partition(at_alpha, at_beta);
        check(&mut events, &["beta suspect", "beta unreachable"]).await;
        bed.network().heal_all();
        check(&mut events, &["beta reachable"]).await;
        sleep(Duration::from_secs(20)).await;
        bed.network().partition(at_alpha, at_beta);
        check(&mut events, &["beta suspect", "beta unreachable"]).await;
        check(&mut events, &["b of beta removed: NodeDown", "beta down"]).await;
        bed.network().heal_all();
        check(&mut events, &["beta joined", "b of beta added"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_later_process_under_the_same_name_is_said_to_be_one() {
    run(async |bed: &mut Bed<InMemory>| {
        let (_alpha, beta, mut events) = pair(bed).await;
        bed.kill("beta", beta).await;
        let again = bed.node("beta", &["alpha"]).await;
        again.start("b", Probe, vec![]);
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last| last != "b of beta added") {
            heard.push(next(&mut events).await);
        }
        let told =
            ["b of beta removed: NodeDown", "beta down", "beta reborn", "beta joined", "b of beta added"];
        assert!(heard.ends_with(&told.map(str::to_owned)), "{heard:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_actors_does_not_hide_that_a_member_is_down() {
    const ACTORS: usize = 10_000;
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta, mut events) = pair(bed).await;
        let gamma = bed.mortal_node("gamma", &["alpha"]).await;
        gamma.start("g", Probe, vec![]);
        check(&mut events, &["gamma joined", "g of gamma added"]).await;
        for number in 0..ACTORS {
            beta.start(&format!("flood/{number}"), Probe, vec![]);
        }
        bed.kill("gamma", gamma).await;
        // Nobody reads meanwhile.
        until("all is known", Duration::from_secs(60), || {
            alpha.labels("flood/*").len() == ACTORS && alpha.labels("g").is_empty()
        })
        .await;
        for number in 0..ACTORS {
            beta.stop(&format!("flood/{number}"));
        }
        until("all is forgotten", Duration::from_secs(60), || alpha.labels("flood/*").is_empty()).await;
        let Some(Event::Lagged { missed }) = events.next().await else { panic!("it can't have kept up") };
        assert!(missed > ACTORS as u64, "{missed}");
        let mut members = Vec::new();
        while let Ok(Some(event)) = timeout(Duration::ZERO, events.next()).await {
            match event {
                Event::MemberUnreachable { node } => members.push(format!("{} unreachable", node.name)),
                Event::MemberDown { node } => members.push(format!("{} down", node.name)),
                _ => {}
            }
        }
        assert_eq!(members, ["gamma unreachable", "gamma down"]);
    })
    .await;
}

/// Does something in the very moment in which a reader is woken.
struct AtWake(Mutex<Box<dyn FnMut() + Send>>);

impl Wake for AtWake {
    fn wake(self: Arc<Self>) {
        (self.0.lock().unwrap())();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_successor_that_is_known_before_its_predecessor_is_gone_is_no_conflict() {
    run(async |bed: &mut Bed<OverQuic>| {
        let (_alpha, beta, mut events) = pair(bed).await;
        let key = ReceptionKey::new("probes").unwrap();
        beta.join_group(&key, &beta.lookup::<Probe>("b").unwrap()).unwrap();
        let (known, is_known) = std::sync::mpsc::channel();
        let heard = tokio::spawn(async move {
            let mut heard = Vec::new();
            while heard.last().is_none_or(|last| last != "b of beta removed: Stopped") {
                heard.push(next(&mut events).await);
                if heard.ends_with(&["b of beta added".to_owned()]) {
                    known.send(()).unwrap();
                }
            }
            heard.retain(|event| event != "beta suspect" && event != "beta reachable");
            heard
        });
        // The label is free by the time that the group is left, and others hear of the end after that.
        let successor = {
            let beta = beta.clone();
            move || {
                beta.start("b", Probe, vec![]);
                is_known.recv_timeout(Duration::from_secs(60)).expect("alpha hears of it");
            }
        };
        let waker = Waker::from(Arc::new(AtWake(Mutex::new(Box::new(successor)))));
        let mut listing = beta.listing(&key);
        assert!(listing.next().await.is_some());
        let mut change = pin!(listing.next());
        assert!(change.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert!(beta.stop("b"));
        assert_eq!(heard.await.unwrap(), ["b of beta added", "b of beta removed: Stopped"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_event_comes_once_a_lookup_says_the_same() {
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta, mut events) = pair(bed).await;
        let seen: Arc<Mutex<Vec<bool>>> = Arc::default();
        let look = {
            let (alpha, seen) = (alpha.clone(), seen.clone());
            move || seen.lock().unwrap().push(alpha.lookup::<Probe>("c").is_some())
        };
        let waker = Waker::from(Arc::new(AtWake(Mutex::new(Box::new(look)))));
        let mut listens = async |change: &dyn Fn()| {
            let mut next = pin!(events.next());
            let mut cx = Context::from_waker(&waker);
            assert!(next.as_mut().poll(&mut cx).is_pending());
            change();
            let mut said = None;
            until("something happens", Duration::from_secs(5), || {
                let poll =
                    if seen.lock().unwrap().is_empty() { Poll::Pending } else { next.as_mut().poll(&mut cx) };
                if let Poll::Ready(event) = poll {
                    said = event;
                }
                said.is_some()
            })
            .await;
            (said.unwrap(), std::mem::take(&mut *seen.lock().unwrap()))
        };
        let (event, was_found) = listens(&|| drop(beta.start("c", Probe, vec![]))).await;
        assert!(matches!(event, Event::ActorAdded { .. }), "{event:?}");
        assert_eq!(was_found, [true]);
        let (event, was_found) = listens(&|| _ = beta.stop("c")).await;
        assert!(matches!(event, Event::ActorRemoved { .. }), "{event:?}");
        assert_eq!(was_found, [false]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_reader_that_never_reads() {
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta, events) = pair(bed).await;
        let _idle: Vec<_> = (0..50).map(|_| alpha.events()).collect();
        for round in 0..3_000 {
            beta.start(&format!("round/{round}"), Probe, vec![]);
        }
        found(&alpha, "round/2999").await;
        until("all are there", Duration::from_secs(10), || alpha.labels("round/*").len() == 3_000).await;
        drop(events);
    })
    .await;
}
