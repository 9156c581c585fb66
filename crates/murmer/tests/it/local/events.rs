//! What a system says of its own accord: rings that wait for themselves, readers that fall behind.

use std::future::poll_fn;
use std::task::{Context, Waker};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Delivery, Event};
use tokio::time::{Instant, timeout};

use super::subject::{Journal, Subject, SubjectExt, SubjectNote, idle, within};
use crate::actors::{Hermit, HermitExt, Probe, ProbeHang, ProbeNote};

fn subject(system: &System, label: &str, mailbox: usize) -> Endpoint<Subject> {
    let options = ActorOptions::default().mailbox(mailbox);
    system.try_start(label, Subject::new(label, &Journal::default()), 0, options).unwrap()
}

/// Makes each ask the next once all of them are in their handlers, the last the first.
fn ask_in_a_ring(ring: &[Endpoint<Subject>], after: Duration) -> Vec<tokio::task::JoinHandle<()>> {
    let asks = ring.iter().enumerate().map(|(at, subject)| {
        let next = ring[(at + 1) % ring.len()].clone();
        let ask = Box::pin(async move { drop(next.note(1).timeout(after).await) });
        let asked = subject.hold(ask);
        tokio::spawn(async move { asked.await.unwrap() })
    });
    asks.collect()
}

#[tokio::test(start_paused = true)]
async fn a_ring_of_asks_is_named_once_and_comes_apart_by_its_time() {
    let system = System::local();
    let mut events = system.events();
    let ring: Vec<_> = ["a", "b", "c"].iter().map(|label| subject(&system, label, 8)).collect();
    for asked in ask_in_a_ring(&ring, Duration::from_secs(7)) {
        asked.await.unwrap();
    }
    let Ok(Some(Event::AskCycle { actors })) = timeout(Duration::ZERO, events.next()).await else { panic!() };
    let mut labels: Vec<_> = actors.iter().map(|(_, label)| label.as_ref().unwrap().as_str()).collect();
    labels.sort_unstable();
    assert_eq!(labels, ["a", "b", "c"]);
    let order: Vec<_> = actors.iter().map(|(id, _)| id.number.0).collect();
    let numbers: Vec<_> = ring.iter().map(|subject| subject.id().number.0).collect();
    let first = numbers.iter().position(|number| *number == order[0]).unwrap();
    assert_eq!(order[1], numbers[(first + 1) % 3], "each waits for the next");
    assert!(timeout(Duration::from_secs(1), events.next()).await.is_err(), "once");
}

#[tokio::test(start_paused = true)]
async fn an_actor_that_asks_itself_is_a_ring_of_one() {
    let system = System::local();
    let mut events = system.events();
    let alone = subject(&system, "alone", 8);
    for asked in ask_in_a_ring(std::slice::from_ref(&alone), Duration::from_secs(1)) {
        asked.await.unwrap();
    }
    let Some(Event::AskCycle { actors }) = events.next().await else { panic!() };
    assert_eq!(actors.len(), 1);
    assert_eq!(actors[0].0, alone.id());
}

#[tokio::test(start_paused = true)]
async fn asks_that_come_back_are_no_ring() {
    let system = System::local();
    let mut events = system.events();
    let (a, b) = (subject(&system, "a", 8), subject(&system, "b", 8));
    let (asked, answered) = (b.clone(), b.clone());
    a.hold(Box::pin(async move { drop(asked.note(1).await) })).await.unwrap();
    let back = a.clone();
    answered.hold(Box::pin(async move { drop(back.note(1).await) })).await.unwrap();
    assert!(timeout(Duration::from_secs(1), events.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn of_two_asks_at_once_the_one_that_is_answered_does_not_hide_the_ring_of_the_other() {
    let system = System::local();
    let mut events = system.events();
    let (a, b, c) = (subject(&system, "a", 8), subject(&system, "b", 8), subject(&system, "c", 8));
    let second = Duration::from_secs(1);
    let (asked, other) = (b.clone(), c.clone());
    let first = tokio::spawn(a.hold(Box::pin(async move {
        // c first, so that b is the last it waits for; c answers soon.
        let nap = other.hold(Box::pin(tokio::time::sleep(second)));
        drop(tokio::join!(nap, asked.hold(Box::pin(tokio::time::sleep(second * 2)))));
    })));
    tokio::time::sleep(second + second / 2).await;
    drop(c);
    let back = a.clone();
    // b is busy; what it is asked next closes the ring while a waits for b.
    let behind = b.hold(Box::pin(async move { drop(back.note(1).timeout(second).await) }));
    let asked_again = a.clone();
    let b_again = b.clone();
    first.await.unwrap().unwrap();
    let ring = tokio::spawn(asked_again.hold(Box::pin(async move { drop(b_again.note(1).await) })));
    behind.await.unwrap();
    ring.await.unwrap().unwrap();
    assert!(matches!(timeout(second, events.next()).await, Ok(Some(Event::AskCycle { .. }))));
}

#[tokio::test(start_paused = true)]
async fn a_ring_of_full_mailboxes_comes_apart() {
    let system = System::local();
    let ring: Vec<_> = ["a", "b"].iter().map(|label| subject(&system, label, 1)).collect();
    let results: std::sync::Arc<std::sync::Mutex<Vec<_>>> = std::sync::Arc::default();
    let before = Instant::now();
    let asked: Vec<_> = [(0, 1), (1, 0)]
        .into_iter()
        .map(|(from, to)| {
            let (to, results) = (ring[to].clone(), results.clone());
            let telling = Box::pin(async move {
                let told = to.note(1).tell().await;
                results.lock().unwrap().push(told);
            });
            tokio::spawn(ring[from].hold(telling))
        })
        .collect();
    for asked in asked {
        asked.await.unwrap().unwrap();
    }
    assert_eq!(before.elapsed().as_secs(), 5);
    let results = std::mem::take(&mut *results.lock().unwrap());
    let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert!(!errors.is_empty());
    assert!(errors.iter().all(|error| matches!(error, SendError::Overloaded { .. })));
    assert!(errors.iter().all(|error| error.delivery() == Delivery::Never));
    for subject in &ring {
        subject.note(2).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_falls_behind_is_told_how_much_it_missed() {
    let system = System::local();
    let mut slow = system.events();
    subject(&system, "a", 8);
    for _ in 0..1_030 {
        system.start("a", Hermit, ()).mumble().await.unwrap_err();
    }
    assert!(matches!(slow.next().await, Some(Event::Lagged { missed: 6 })));
    assert!(matches!(slow.next().await, Some(Event::LabelTaken { .. })));
    let mut fresh = system.events();
    assert!(timeout(Duration::from_secs(1), fresh.next()).await.is_err(), "from when it was made");
}

#[tokio::test(start_paused = true)]
async fn each_tell_that_is_not_delivered_is_an_event_and_no_ask_is() {
    let system = System::local();
    let mut events = system.events();
    let subject = subject(&system, "a", 8);
    within(&subject, |_| ()).await;
    subject.try_tell(SubjectNote { n: 1 }).unwrap();
    let asked = tokio::spawn(subject.note(2));
    // Both are accepted before the actor gets its turn.
    assert!(system.kill("a"));
    idle().await;
    asked.await.unwrap().unwrap_err();
    let Some(Event::Undelivered { actor, message, .. }) = events.next().await else { panic!() };
    assert_eq!((actor, message), (subject.id(), "note"));
    assert!(timeout(Duration::from_secs(1), events.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_tell_from_another_node_that_its_actor_does_not_live_to_take_in_is_told_of() {
    let system = System::local();
    let options = ActorOptions::default().mailbox(1);
    let probe = system.try_start("probe", Probe, vec![], options).unwrap();
    let mut events = system.events();
    probe.try_tell(ProbeHang {}).unwrap();
    idle().await;
    let mut port = system.port(probe.id().number).unwrap();
    let mut bytes = bytes::BytesMut::new();
    ProbeNote { n: 1 }.encode(&mut bytes).unwrap();
    port.deliver(ProbeNote::KEY, &bytes.freeze(), None).unwrap();
    assert!(port.poll_flush(&mut Context::from_waker(Waker::noop())).is_pending());
    system.stop("probe");
    poll_fn(|cx| port.poll_flush(cx)).await;
    let event = timeout(Duration::ZERO, events.next()).await.expect("its sender knows nothing of it");
    assert!(matches!(event, Some(Event::Undelivered { message: "note", .. })), "{event:?}");
}
