//! Actors that always have another message, and those beside them.

use std::future::ready;
use std::time::Duration;

use murmer::ActorOptions;
use murmer::prelude::*;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::super::subject::{Deed, Journal, Subject, SubjectWith};
use super::start;
use crate::local::subject::{Script, SubjectHold, SubjectNote, gate, within};

/// Tells itself to go on, so often.
fn go_on(left: u32) -> Deed {
    Box::new(move |ctx| {
        if left > 0 {
            ctx.endpoint().try_tell(SubjectWith { deed: go_on(left - 1) }).unwrap();
        }
    })
}

#[tokio::test]
async fn one_that_tells_itself_to_go_on_gives_others_a_turn() {
    let (system, _journal, subject) = start(Script::default());
    subject.try_tell(SubjectWith { deed: go_on(100_000) }).unwrap();
    for _ in 0..10 {
        yield_now().await;
    }
    let handled = system.actors()[0].handled;
    assert!(handled > 0 && handled < 10_000, "{handled}");
}

#[tokio::test]
async fn one_whose_handlers_could_wait_and_never_do_gives_others_a_turn() {
    let (system, _journal, subject) = start(Script::default());
    (0..1_000).for_each(|_| subject.try_tell(SubjectHold { wait: Box::pin(ready(())) }).unwrap());
    yield_now().await;
    let left = system.actors()[0].mailbox_depth;
    assert!(left > 0 && left < 1_000, "{left}");
}

#[tokio::test]
async fn one_whose_handlers_take_long_gives_others_a_turn_after_fewer_messages() {
    let (system, _journal, subject) = start(Script::default());
    for _ in 0..1_000 {
        let deed: Deed = Box::new(|_| {
            let began_at = Instant::now();
            while began_at.elapsed() < Duration::from_micros(2) {}
        });
        subject.try_tell(SubjectWith { deed }).unwrap();
    }
    yield_now().await;
    let left = system.actors()[0].mailbox_depth;
    assert!(left > 600 && left < 1_000, "{left}");
}

#[tokio::test]
async fn a_stop_during_the_turn_of_others_comes_before_the_next_message() {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.start("a", Subject::new("a", &journal), 0);
    (0..1_000).for_each(|n| subject.try_tell(SubjectNote { n }).unwrap());
    yield_now().await;
    let before = journal.take().len();
    assert!(before > 1 && before < 1_000, "it lets others have a turn between: {before}");
    system.stop("a");
    subject.closed().await;
    assert_eq!(journal.take(), ["a stops: stopped", "a is gone"]);
}

/// The most that is handled between two turns of others, until all are.
async fn most_at_once(system: &System, all: u64) -> u64 {
    let (mut before, mut most) = (system.actors()[0].handled, 0);
    while before < all {
        yield_now().await;
        let handled = system.actors()[0].handled;
        most = most.max(handled - before);
        before = handled;
    }
    most
}

#[tokio::test]
async fn a_long_line_gives_others_a_turn() {
    let (system, journal) = (System::local(), Journal::default());
    let options = ActorOptions::default().mailbox(1);
    let subject = system.try_start("a", Subject::new("a", &journal), 0, options).unwrap();
    let _tells: Vec<_> = (0..10_000).map(|n| tokio::spawn(subject.tell(SubjectNote { n }))).collect();
    let most = most_at_once(&system, 10_000).await;
    assert!(most <= 1_200, "{most} at once");
}

#[tokio::test]
async fn a_notice_that_waits_gives_others_a_turn() {
    let (system, journal) = (System::local(), Journal::default());
    let options = ActorOptions::default().mailbox(20_000);
    let subject = system.try_start("a", Subject::new("a", &journal), 0, options).unwrap();
    let other = system.start("b", Subject::new("b", &journal), 0);
    let watched = other.clone();
    within(&subject, move |ctx| {
        ctx.watch(&watched);
    })
    .await;
    let (wait, open) = gate();
    subject.try_tell(SubjectHold { wait }).unwrap();
    yield_now().await;
    (0..10_000).for_each(|n| subject.try_tell(SubjectNote { n }).unwrap());
    other.control().stop_and_wait().await;
    open.send(()).unwrap();
    let most = most_at_once(&system, 10_002).await;
    assert!(most <= 1_200, "{most} at once");
}
