//! Lives that end in the middle of something: a handler whose values panic as they go, a runtime that ends.

use std::sync::mpsc;
use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, ChildStrategy, Event, StopReason, Supervision};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::super::subject::{
    Journal, Script, Subject, SubjectExt, SubjectHold, SubjectNote, Wait, for_ever, idle, within,
};
use super::{SOON, start};

struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("on purpose");
    }
}

/// Never ends, and panics if it is broken off.
fn with_a_grenade() -> Wait {
    let grenade = Grenade;
    Box::pin(async move {
        let _held = grenade;
        std::future::pending().await
    })
}

#[tokio::test(start_paused = true)]
async fn what_panics_as_a_handler_is_broken_off_keeps_nothing_from_ending() {
    let (_system, journal, parent) = start(Script::default());
    let noted = journal.clone();
    let child = within(&parent, move |ctx| ctx.start_child(None, Subject::new("child", &noted), 0)).await;
    parent.try_tell(SubjectHold { wait: with_a_grenade() }).unwrap();
    idle().await;
    journal.take();
    parent.control().kill();
    assert_eq!(timeout(SOON, parent.ended()).await.unwrap(), StopReason::Killed);
    assert_eq!(timeout(SOON, child.ended()).await.unwrap(), StopReason::Killed);
    assert_eq!(journal.take(), ["child is gone", "a is gone"]);
}

#[tokio::test(start_paused = true)]
async fn what_panics_as_a_life_is_laid_down_keeps_no_other_from_beginning() {
    let (system, journal) = (System::local(), Journal::default());
    let options = ActorOptions::default().children(ChildStrategy::OneForAll);
    let parent = system.prepare("p", options).unwrap().start(Subject::new("p", &journal), 0);
    let noted = journal.clone();
    let [x, y] = within(&parent, move |ctx| {
        ["x", "y"].map(|name| {
            let supervision = Supervision::transient().backoff(Duration::ZERO, Duration::ZERO);
            ctx.supervise_child(None, supervision, Subject::factory(name, &noted, Script::default()))
        })
    })
    .await;
    x.try_tell(SubjectHold { wait: with_a_grenade() }).unwrap();
    idle().await;
    y.boom().await.unwrap_err();
    for child in [x, y] {
        assert_eq!(timeout(SOON, child.note(1)).await.unwrap().unwrap(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_asker_of_a_handler_that_is_broken_off_gets_no_reply() {
    let (_system, journal, parent) = start(Script::default());
    let killed = tokio::spawn(parent.hold(for_ever()));
    idle().await;
    parent.control().kill();
    assert!(matches!(timeout(SOON, killed).await.unwrap().unwrap(), Err(SendError::NoReply)));

    let options = ActorOptions::default().children(ChildStrategy::OneForAll);
    let parent = System::local().prepare("p", options).unwrap().start(Subject::new("p", &journal), 0);
    let noted = journal.clone();
    let [x, y] = within(&parent, move |ctx| {
        ["x", "y"].map(|name| {
            let factory = Subject::factory(name, &noted, Script::default());
            ctx.supervise_child(None, Supervision::transient(), factory)
        })
    })
    .await;
    let laid_down = tokio::spawn(x.hold(for_ever()));
    idle().await;
    y.boom().await.unwrap_err();
    assert!(matches!(timeout(SOON, laid_down).await.unwrap().unwrap(), Err(SendError::NoReply)));
    assert_eq!(timeout(SOON, x.note(1)).await.unwrap().unwrap(), 1, "by its next life");
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_child_on_its_own_thread_ends_with_its_parent_though_that_ones_runtime_does() {
    let (system, journal) = (System::local(), Journal::default());
    let first = runtime();
    let (child, prepared) = first.block_on(async {
        let parent = system.start("p", Subject::new("p", &journal), 0);
        let noted = journal.clone();
        within(&parent, move |ctx| {
            let own_thread = ActorOptions::default().own_thread();
            let child = ctx.prepare_child(None, own_thread).unwrap().start(Subject::new("child", &noted), 0);
            (child, ctx.prepare_child::<Subject>(None, ActorOptions::default()).unwrap())
        })
        .await
    });
    drop(first);
    runtime().block_on(async {
        let reason = timeout(Duration::from_secs(10), child.ended()).await.expect("it is told");
        assert_eq!(reason, StopReason::Killed);
        let late = prepared.start(Subject::new("late", &journal), 0);
        assert_eq!(late.ended().await, StopReason::NeverExisted, "nor does another one begin");
    });
}

#[test]
fn tells_that_end_with_their_runtime_are_told_of() {
    let (system, journal) = (System::local(), Journal::default());
    let mut events = system.events();
    let first = runtime();
    first.block_on(async {
        let subject = system.start("a", Subject::new("a", &journal), 0);
        subject.try_tell(SubjectHold { wait: for_ever() }).unwrap();
        subject.try_tell(SubjectNote { n: 1 }).unwrap();
        idle().await;
        subject.try_tell(SubjectNote { n: 2 }).unwrap();
    });
    drop(first);
    let (names, told) = mpsc::channel();
    runtime().block_on(async {
        while let Ok(Some(event)) = timeout(Duration::ZERO, events.next()).await {
            let Event::Undelivered { message, .. } = event else { panic!("{event:?}") };
            names.send(message).unwrap();
        }
    });
    drop(names);
    assert_eq!(told.iter().collect::<Vec<_>>(), ["note", "note"]);
}
