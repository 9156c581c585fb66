//! Actors that end with their parent, and begin again with their siblings.

mod together;

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, ChildStrategy, SendError, StopReason, Supervision};
use tokio::time::{Instant, timeout};

use super::subject::{Journal, Script, Subject, SubjectExt, Turn, for_ever, gate, idle, within};

/// A parent under `strategy`, and what happens in its family.
struct Home {
    system: System,
    journal: Journal,
    parent: Endpoint<Subject>,
}

impl Home {
    fn new(strategy: ChildStrategy) -> Self {
        let (system, journal) = (System::local(), Journal::default());
        let options = ActorOptions::default().children(strategy);
        let parent = system.prepare("p", options).unwrap().start(Subject::new("p", &journal), 0);
        Self { system, journal, parent }
    }

    /// A child that is restarted at once, and as often as it takes.
    async fn child(&self, name: &'static str, script: Script) -> Endpoint<Subject> {
        self.supervised(name, script, Duration::ZERO).await
    }

    async fn supervised(&self, name: &'static str, script: Script, backoff: Duration) -> Endpoint<Subject> {
        let journal = self.journal.clone();
        let child = within(&self.parent, move |ctx| {
            let supervision =
                Supervision::transient().limit(1_000, Duration::from_secs(1)).backoff(backoff, backoff);
            ctx.supervise_child(None, supervision, Subject::factory(name, &journal, script))
        })
        .await;
        idle().await;
        child
    }

    async fn plain(&self, name: &'static str) -> Endpoint<Subject> {
        let journal = self.journal.clone();
        let child =
            within(&self.parent, move |ctx| ctx.start_child(None, Subject::new(name, &journal), 0)).await;
        idle().await;
        child
    }
}

#[tokio::test(start_paused = true)]
async fn children_end_before_their_parent_however_that_ends_and_the_youngest_first() {
    for how in ["stop", "kill", "panic"] {
        let home = Home::new(ChildStrategy::OneForOne);
        for name in ["x", "y", "z"] {
            home.plain(name).await;
        }
        home.journal.take();
        match how {
            "stop" => assert!(home.system.stop("p")),
            "kill" => assert!(home.system.kill("p")),
            _ => drop(home.parent.boom().await),
        }
        home.parent.closed().await;
        let lines = home.journal.take();
        let gone: Vec<_> = lines.iter().filter(|line| line.ends_with("is gone")).collect();
        assert_eq!(gone, ["z is gone", "y is gone", "x is gone", "p is gone"], "{how}");
        assert_eq!(lines.iter().any(|line| line.contains("stops")), how != "kill", "{how}: {lines:?}");
        assert!(home.system.actors().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn children_end_before_their_parent_begins_again() {
    let (system, journal) = (System::local(), Journal::default());
    let supervision = Supervision::transient().backoff(Duration::ZERO, Duration::ZERO);
    let noted = journal.clone();
    let script = Script::default().started(Turn::Does(Box::new(move |ctx| {
        ctx.start_child(Some("child"), Subject::new("child", &noted), 0);
    })));
    let parent = system.supervise("p", supervision, Subject::factory("p", &journal, script));
    parent.boom().await.unwrap_err();
    parent.note(1).await.unwrap();
    let lines = journal.take();
    let at = |what: &str| lines.iter().position(|line| line == what).unwrap();
    assert!(at("child is gone") < at("p stops: panicked: on purpose"), "{lines:?}");
    assert!(!system.has_label("child"));
}

#[tokio::test(start_paused = true)]
async fn children_of_children_end_first() {
    let home = Home::new(ChildStrategy::OneForOne);
    let child = home.plain("x").await;
    let noted = home.journal.clone();
    within(&child, move |ctx| drop(ctx.start_child(None, Subject::new("y", &noted), 0))).await;
    home.journal.take();
    home.system.stop("p");
    home.parent.closed().await;
    let lines = home.journal.take();
    let gone: Vec<_> = lines.iter().filter(|line| line.ends_with("is gone")).collect();
    assert_eq!(gone, ["y is gone", "x is gone", "p is gone"]);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_does_not_end_in_time_is_killed_and_its_parent_still_goes_last() {
    let home = Home::new(ChildStrategy::OneForOne);
    let child = home.plain("x").await;
    let in_hand = tokio::spawn(child.hold(for_ever()));
    idle().await;
    home.journal.take();
    let before = Instant::now();
    home.system.stop("p");
    home.parent.closed().await;
    assert_eq!(before.elapsed().as_secs(), 5);
    in_hand.await.unwrap().unwrap_err();
    assert_eq!(home.journal.take(), ["x is gone", "p stops: stopped", "p is gone"]);
    assert_eq!(child.ended().await, StopReason::Killed);
}

#[tokio::test(start_paused = true)]
async fn a_kill_of_a_parent_that_waits_for_its_children_is_prompt() {
    let home = Home::new(ChildStrategy::OneForOne);
    let child = home.plain("x").await;
    let _in_hand = tokio::spawn(child.hold(for_ever()));
    idle().await;
    home.journal.take();
    home.system.stop("p");
    idle().await;
    let before = Instant::now();
    home.parent.control().kill();
    home.parent.closed().await;
    assert!(before.elapsed() < Duration::from_millis(1), "{:?}", before.elapsed());
    assert_eq!(home.journal.take(), ["x is gone", "p is gone"]);
    assert_eq!(home.parent.ended().await, StopReason::Killed);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_child_is_nothing_to_its_parent_and_frees_its_label() {
    let home = Home::new(ChildStrategy::OneForAll);
    let noted = home.journal.clone();
    let child =
        within(&home.parent, move |ctx| ctx.start_child(Some("x"), Subject::new("x", &noted), 0)).await;
    assert!(home.system.stop_and_wait("x").await);
    assert_eq!(child.ended().await, StopReason::Stopped);
    let other = home.plain("y").await;
    other.boom().await.unwrap_err();
    other.closed().await;
    assert_eq!(home.parent.note(1).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_child_prepared_in_a_life_that_is_over_does_not_begin() {
    let home = Home::new(ChildStrategy::OneForOne);
    let prepared = within(&home.parent, |ctx| {
        ctx.prepare_child::<Subject>(Some("late"), ActorOptions::default()).unwrap()
    })
    .await;
    home.system.stop("p");
    home.parent.closed().await;
    let child = prepared.start(Subject::new("late", &home.journal), 0);
    assert_eq!(child.ended().await, StopReason::NeverExisted);
    assert!(matches!(child.note(1).await, Err(SendError::Stopped)));
    assert!(!home.system.has_label("late"));
    assert!(!home.journal.take().contains(&"late starts".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_child_under_a_taken_label_is_not_started() {
    let home = Home::new(ChildStrategy::OneForOne);
    let noted = home.journal.clone();
    let child =
        within(&home.parent, move |ctx| ctx.start_child(Some("p"), Subject::new("x", &noted), 0)).await;
    assert_eq!(child.id(), home.parent.id(), "the one that runs");
    assert!(home.journal.take().contains(&"x is gone".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn one_for_one_restarts_that_one_whatever_its_siblings_are_at() {
    let home = Home::new(ChildStrategy::OneForOne);
    let (wait, open) = gate();
    let script = Script::default().started(Turn::Does(Box::new(|_| ()))).started(Turn::Waits(wait));
    let (x, y) = (home.child("x", script).await, home.child("y", Script::default()).await);
    home.journal.take();
    x.boom().await.unwrap_err();
    idle().await;
    // The start-up of one is not what another waits for.
    y.boom().await.unwrap_err();
    let again = timeout(Duration::from_secs(1), y.note(1)).await.expect("it begins on its own");
    assert_eq!(again.unwrap(), 1);
    open.send(()).unwrap();
    assert_eq!(x.note(2).await.unwrap(), 1);
    let lines = home.journal.take();
    assert_eq!(lines.iter().filter(|line| line.ends_with("starts")).count(), 2, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn families_that_fail_all_over_come_to_rest() {
    for strategy in [ChildStrategy::OneForOne, ChildStrategy::OneForAll, ChildStrategy::RestForOne] {
        let home = Home::new(strategy);
        let mut children = Vec::new();
        for name in ["x", "y", "z"] {
            children.push(home.child(name, Script::default()).await);
        }
        let senders: Vec<_> = children
            .iter()
            .map(|child| {
                let child = child.clone();
                tokio::spawn(async move {
                    for n in 0..100 {
                        child.note(n).tell().await.unwrap();
                        child.boom().tell().await.unwrap();
                    }
                })
            })
            .collect();
        for name in ["u", "v", "w"] {
            children.push(home.child(name, Script::default()).await);
        }
        for sender in senders {
            sender.await.unwrap();
        }
        for child in &children {
            timeout(SOON, child.note(1)).await.expect("nobody is stuck").unwrap();
        }
        timeout(SOON, home.system.stop_and_wait("p")).await.expect("it ends");
        assert!(home.system.actors().is_empty());
    }
}

/// Far more than it takes, in real time.
const SOON: Duration = Duration::from_secs(20);
