//! Full mailboxes, and the order of messages.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, ActorState, Delivery, Supervision, TrySendError};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};

use super::subject::{
    Deed, Journal, Script, Subject, SubjectBoom, SubjectHold, SubjectNote, SubjectWith, Wait, gate, idle,
};
use crate::actors::{Gate, GateExt, Latch, Probe, ProbeExt};

/// A gate whose mailbox is full: it handles 1 and has room for no more.
async fn full_gate(system: &System) -> (Endpoint<Gate>, Arc<Latch>) {
    let latch = Latch::closed();
    let options = ActorOptions::default().mailbox(1);
    let gate = system.try_start("gate", Gate, latch.clone(), options).unwrap();
    gate.pass(1).tell().await.unwrap();
    yield_now().await;
    (gate, latch)
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_stays_full_is_overloaded_after_its_wait() {
    let (gate, latch) = full_gate(&System::local()).await;
    let before = Instant::now();
    let (ask, tell) = tokio::join!(gate.pass(2), gate.pass(3).tell());
    for error in [ask.unwrap_err(), tell.unwrap_err()] {
        assert!(matches!(error, SendError::Overloaded { waited } if waited == Duration::from_secs(5)));
        assert_eq!(error.delivery(), Delivery::Never);
    }
    assert_eq!(before.elapsed(), Duration::from_secs(5));
    latch.permits.add_permits(2);
    assert_eq!(gate.pass(4).await.unwrap(), 4);
    assert_eq!(latch.entered(), 2, "neither 2 nor 3 was handled");
}

#[tokio::test(start_paused = true)]
async fn a_request_dropped_while_it_waits_is_taken_back() {
    let (gate, latch) = full_gate(&System::local()).await;
    assert!(timeout(Duration::from_secs(1), gate.pass(2)).await.is_err());
    latch.permits.add_permits(2);
    assert_eq!(gate.pass(3).await.unwrap(), 3);
    assert_eq!(latch.entered(), 2, "2 was not handled");
}

/// Told only now, it is an ask all the same: nothing of it is lost, and what went wrong is said.
#[tokio::test(start_paused = true)]
async fn a_request_that_has_asked_already_is_not_lost_when_told() {
    let (gate, latch) = full_gate(&System::local()).await;
    let mut lined_up = gate.pass(2);
    assert!(poll_once(&mut lined_up).await.is_pending());
    latch.permits.add_permits(2);
    lined_up.tell().await.unwrap();
    let mut accepted = gate.pass(3);
    assert!(poll_once(&mut accepted).await.is_pending());
    let told = tokio::spawn(accepted.tell());
    latch.permits.add_permits(1);
    told.await.unwrap().unwrap();
    assert_eq!(latch.entered(), 3);
    let mut refused = gate.pass(4);
    gate.control().stop_and_wait().await;
    assert!(poll_once(&mut refused).await.is_ready());
    assert_eq!(refused.tell().await.unwrap_err().delivery(), Delivery::Never);
}

async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}

/// Senders go by what they last saw of the batch, and look again before they call the mailbox full.
#[tokio::test(start_paused = true)]
async fn while_a_handler_waits_there_is_room_for_as_many_as_were_handled_before() {
    let prepared = System::local().prepare("a", ActorOptions::default()).unwrap();
    let subject = prepared.endpoint();
    (0..5).for_each(|n| subject.try_tell(SubjectNote { n }).unwrap());
    let (wait, _open) = gate();
    subject.try_tell(SubjectHold { wait }).unwrap();
    while subject.try_tell(SubjectNote { n: 5 }).is_ok() {}
    prepared.start(Subject::new("a", &Journal::default()), 0);
    idle().await;
    let taken = (0..9).map_while(|n| subject.try_tell(SubjectNote { n }).ok()).count();
    assert_eq!(taken, 5, "the one in hand has its place still");
    assert!(matches!(subject.try_tell(SubjectNote { n: 6 }), Err(TrySendError::Full(_))));
}

/// An actor at work lets the line in by the quarter of its mailbox. Whoever has no more time looks for itself.
#[tokio::test(start_paused = true)]
async fn whoever_is_out_of_patience_takes_the_place_there_is_by_then() {
    let (system, journal) = (System::local(), Journal::default());
    let prepared = system.prepare("a", ActorOptions::default().mailbox(8)).unwrap();
    let subject = prepared.endpoint();
    let late = Arc::new(Mutex::new(subject.tell(SubjectNote { n: 8 })));
    let poll = {
        let late = late.clone();
        move || Pin::new(&mut *late.lock().unwrap()).poll(&mut Context::from_waker(Waker::noop()))
    };
    let (say, said) = oneshot::channel();
    let again = poll.clone();
    // Behind one other, so that one place of eight is free while this is in hand.
    let deed: Deed = Box::new(move |_| drop(say.send(again())));
    subject.try_tell(SubjectNote { n: 0 }).unwrap();
    subject.try_tell(SubjectWith { deed }).unwrap();
    (2..8).for_each(|n| subject.try_tell(SubjectNote { n }).unwrap());
    assert!(poll().is_pending());
    sleep(Duration::from_secs(6)).await;
    prepared.start(Subject::new("a", &journal), 0);
    let polled = said.await.unwrap();
    assert!(matches!(polled, Poll::Ready(Ok(()))), "{polled:?}");
    idle().await;
    assert_eq!(journal.take().last().unwrap(), "a 8");
}

#[tokio::test(start_paused = true)]
async fn a_local_ask_ends_at_its_timeout_and_says_whether_it_may_have_been_handled() {
    let (gate, _latch) = full_gate(&System::local()).await;
    let error = gate.pass(2).timeout(Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { delivery: Delivery::Never, .. }), "{error:?}");
    let probe = System::local().start("probe", Probe, vec![]);
    let error = probe.hang().timeout(Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { delivery: Delivery::Maybe, .. }), "{error:?}");
}

#[tokio::test]
async fn tells_are_handled_in_order_also_through_a_full_mailbox() {
    let system = System::local();
    let probe = system.try_start("probe", Probe, vec![], ActorOptions::default().mailbox(3)).unwrap();
    let senders: Vec<_> = (0..200)
        .map(|n| {
            let tell = probe.clone().note(n).tell();
            tokio::spawn(tell)
        })
        .collect();
    for sender in senders {
        sender.await.unwrap().unwrap();
    }
    assert_eq!(probe.noted().await.unwrap(), (0..200).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tells_of_each_of_many_senders_stay_in_order() {
    let system = System::local();
    let probe = system.try_start("probe", Probe, vec![], ActorOptions::default().mailbox(8)).unwrap();
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let probe = probe.clone();
            tokio::spawn(async move {
                for n in 0..500 {
                    probe.note(sender * 1_000 + n).tell().await.unwrap();
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let noted = probe.noted().await.unwrap();
    for sender in 0..4 {
        let of_sender: Vec<_> = noted.iter().filter(|n| **n / 1_000 == sender).map(|n| n % 1_000).collect();
        assert_eq!(of_sender, (0..500).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_handler_panicked_over_takes_no_place() {
    for waits in [false, true] {
        let (system, journal) = (System::local(), Journal::default());
        let hour = Duration::from_secs(3_600);
        let prepared = system.prepare("a", ActorOptions::default().mailbox(1)).unwrap();
        let supervision = Supervision::transient().backoff(hour, hour);
        let subject = prepared.supervise(supervision, Subject::factory("a", &journal, Script::default()));
        let wait: Wait = Box::pin(async move {
            yield_now().await;
            panic!("on purpose");
        });
        if waits {
            subject.tell(SubjectHold { wait }).await.unwrap();
        } else {
            subject.tell(SubjectBoom {}).await.unwrap();
        }
        idle().await;
        let info = &system.actors()[0];
        assert_eq!((info.state, info.mailbox_depth), (ActorState::Restarting, 0), "waits: {waits}");
        assert!(subject.try_tell(SubjectNote { n: 1 }).is_ok(), "waits: {waits}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_actor_may_tell_itself_while_there_is_room() {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.start("a", Subject::new("a", &journal), 0);
    let refused = Arc::new(AtomicUsize::new(0));
    for _ in 0..1_020 {
        let refused = refused.clone();
        // One of 1,020 is in hand, and each adds one: there are never more than 1,021.
        let deed: Deed = Box::new(move |ctx| {
            let told = ctx.endpoint().try_tell(SubjectNote { n: 0 });
            refused.fetch_add(usize::from(told.is_err()), Ordering::SeqCst);
        });
        subject.try_tell(SubjectWith { deed }).unwrap();
    }
    idle().await;
    assert_eq!((refused.load(Ordering::SeqCst), system.actors()[0].handled), (0, 2_040));
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_in_vain_fails_when_told() {
    let (gate, _latch) = full_gate(&System::local()).await;
    let mut ask = gate.pass(2);
    assert!(matches!((&mut ask).await.unwrap_err(), SendError::Overloaded { .. }));
    assert!(matches!(ask.tell().await.unwrap_err(), SendError::Overloaded { .. }));
}
