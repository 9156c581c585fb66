//! Being told of another actor's end: once, with the true reason, behind its last message.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, StopReason, Supervision, WatchId};
use tokio::time::timeout;

use super::subject::{
    Journal, Script, Subject, SubjectBoom, SubjectExt, SubjectNote, SubjectWith, Turn, for_ever, gate, idle,
    within,
};
use crate::actors::{Hermit, HermitExt};

struct Scene {
    system: System,
    journal: Journal,
    watcher: Endpoint<Subject>,
}

impl Scene {
    fn new() -> Self {
        let (system, journal) = (System::local(), Journal::default());
        let watcher = system.start("w", Subject::new("w", &journal), 0);
        Self { system, journal, watcher }
    }

    fn target(&self, script: Script) -> Endpoint<Subject> {
        self.system.start_anonymous(Subject::scripted("t", &Journal::default(), &script), 0)
    }

    async fn watch(&self, target: &Endpoint<Subject>, tag: u64) -> WatchId {
        let target = target.clone();
        within(&self.watcher, move |ctx| ctx.watch_tagged(&target, tag)).await
    }

    /// What the watcher was told, once all that can happen has.
    async fn told(&self) -> Vec<String> {
        idle().await;
        let lines = self.journal.take();
        lines.iter().filter_map(|line| Some(line.strip_prefix("w is told ")?.to_owned())).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn every_end_is_told_once_and_with_its_true_reason() {
    let scene = Scene::new();
    let start_up_fails = Script::default().started(Turn::Fails);
    type End = fn(&Endpoint<Subject>);
    let cases: [(Script, End, &str); 7] = [
        (Script::default(), |target| assert!(target.control().stop()), "stopped"),
        (Script::default(), |target| assert!(target.control().drain()), "stopped"),
        (Script::default(), |target| assert!(target.control().kill()), "killed"),
        (Script::default(), |target| target.try_tell(SubjectBoom {}).unwrap(), "panicked: on purpose"),
        (start_up_fails, |_| (), "start-up failed: on purpose"),
        (Script::default().stopped(Turn::Panics), |target| assert!(target.control().stop()), "stopped"),
        (
            Script::default(),
            |target| target.try_tell(SubjectWith { deed: Box::new(|ctx| ctx.stop()) }).unwrap(),
            "stopped",
        ),
    ];
    for (tag, (script, end, reason)) in cases.into_iter().enumerate() {
        let target = scene.target(script);
        scene.watch(&target, tag as u64).await;
        end(&target);
        target.closed().await;
        assert_eq!(scene.told().await, [format!("{tag}: {reason}")]);
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(scene.told().await.is_empty(), "no second notice");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_over_already_is_told_at_once() {
    let scene = Scene::new();
    let target = scene.target(Script::default());
    target.boom().await.unwrap_err();
    target.closed().await;
    scene.watch(&target, 1).await;
    assert_eq!(scene.told().await, ["1: panicked: on purpose"]);
    // One that never was, because its label was taken by another type.
    let hermit = scene.system.start("w", Hermit, ());
    assert!(hermit.mumble().await.is_err());
    within(&scene.watcher, move |ctx| ctx.watch_tagged(&hermit, 2)).await;
    assert_eq!(scene.told().await, ["2: there is no such actor"]);
    let prepared = scene.system.prepare::<Subject>("never", ActorOptions::default()).unwrap();
    scene.watch(&prepared.endpoint(), 3).await;
    drop(prepared);
    assert_eq!(scene.told().await, ["3: there is no such actor"]);
}

#[tokio::test(start_paused = true)]
async fn by_reference_one_that_is_gone_is_told_of_with_its_reason_while_that_is_remembered() {
    let scene = Scene::new();
    let target = scene.target(Script::default());
    let reference = target.actor_ref();
    within(&scene.watcher, move |ctx| ctx.watch_ref(&reference, 1)).await;
    target.control().kill();
    assert_eq!(scene.told().await, ["1: killed"]);
    let reference = target.actor_ref();
    within(&scene.watcher, move |ctx| ctx.watch_ref(&reference, 2)).await;
    assert_eq!(scene.told().await, ["2: killed"]);
    for _ in 0..4_096 {
        let other = scene.target(Script::default());
        other.control().stop();
        other.closed().await;
    }
    let reference = target.actor_ref();
    within(&scene.watcher, move |ctx| ctx.watch_ref(&reference, 3)).await;
    assert_eq!(scene.told().await, ["3: there is no such actor"], "so many more are not remembered");
}

#[tokio::test(start_paused = true)]
async fn by_reference_one_that_cleans_up_is_told_of_when_it_is_over() {
    let scene = Scene::new();
    let (wait, open) = gate();
    let target = scene.target(Script::default().stopped(Turn::Waits(wait)));
    let reference = target.actor_ref();
    idle().await;
    target.control().stop();
    assert!(scene.system.resolve(&reference).is_none(), "off the books");
    within(&scene.watcher, move |ctx| ctx.watch_ref(&reference, 1)).await;
    assert!(scene.told().await.is_empty());
    drop(open);
    assert_eq!(scene.told().await, ["1: stopped"]);
}

#[tokio::test(start_paused = true)]
async fn each_watch_has_its_own_notice_and_ends_with_it() {
    let scene = Scene::new();
    let target = scene.target(Script::default());
    let first = scene.watch(&target, 1).await;
    let second = scene.watch(&target, 2).await;
    assert_ne!(first, second);
    assert!(within(&scene.watcher, move |ctx| ctx.unwatch(first)).await);
    assert!(!within(&scene.watcher, move |ctx| ctx.unwatch(first)).await, "it was taken back");
    target.control().stop();
    assert_eq!(scene.told().await, ["2: stopped"]);
    assert!(!within(&scene.watcher, move |ctx| ctx.unwatch(second)).await, "it has been told");
}

#[tokio::test(start_paused = true)]
async fn a_notice_that_waits_can_be_taken_back() {
    let scene = Scene::new();
    let target = scene.target(Script::default());
    let watch = scene.watch(&target, 1).await;
    let (wait, open) = gate();
    let held = tokio::spawn(scene.watcher.hold(wait));
    idle().await;
    // Behind what is in hand, and ahead of the notice.
    let unwatch = tokio::spawn({
        let watcher = scene.watcher.clone();
        async move { within(&watcher, move |ctx| ctx.unwatch(watch)).await }
    });
    idle().await;
    target.control().stop();
    target.closed().await;
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    assert!(unwatch.await.unwrap());
    assert!(scene.told().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_notice_comes_behind_the_last_message_and_ahead_of_those_sent_after_it() {
    let scene = Scene::new();
    let target = scene.target(Script::default());
    scene.watch(&target, 1).await;
    let (wait, open) = gate();
    let held = tokio::spawn(scene.watcher.hold(wait));
    idle().await;
    scene.journal.take();
    let watcher = scene.watcher.clone();
    let last_words: Vec<_> = (1..4).map(|n| watcher.note(n).tell()).collect();
    target
        .hold(Box::pin(async move {
            for word in last_words {
                word.await.unwrap();
            }
        }))
        .await
        .unwrap();
    target.control().stop();
    target.closed().await;
    scene.watcher.try_tell(SubjectNote { n: 9 }).unwrap();
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    idle().await;
    assert_eq!(scene.journal.take(), ["w 1", "w 2", "w 3", "w is told 1: stopped", "w 9"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_notice_overtakes_a_message_under_threads() {
    let (system, journal) = (System::local(), Journal::default());
    let options = ActorOptions::default().mailbox(3);
    let watcher = system.prepare("w", options).unwrap().start(Subject::new("w", &journal), 0);
    let targets: Vec<_> = (0..200u32)
        .map(|n| {
            let (system, watcher) = (system.clone(), watcher.clone());
            tokio::spawn(async move {
                let target = system.start_anonymous(Subject::new("t", &Journal::default()), 0);
                let watched = target.clone();
                within(&watcher, move |ctx| ctx.watch_tagged(&watched, u64::from(n))).await;
                let watcher = watcher.clone();
                let last_words = Box::pin(async move {
                    for word in 0..3 {
                        watcher.note(n * 10 + word).tell().await.unwrap();
                    }
                });
                target.hold(last_words).await.unwrap();
                match n % 3 {
                    0 => drop(target.control().kill()),
                    1 => drop(target.control().stop()),
                    _ => target.try_tell(SubjectBoom {}).unwrap(),
                }
                target.closed().await;
            })
        })
        .collect();
    for target in targets {
        target.await.unwrap();
    }
    watcher.note(9_999).await.unwrap();
    let lines = journal.take();
    for n in 0..200 {
        let about = |line: &&String| {
            line.starts_with(&format!("w is told {n}: "))
                || (0..3).any(|word| **line == format!("w {}", n * 10 + word))
        };
        let about: Vec<_> = lines.iter().filter(about).collect();
        assert_eq!(about.len(), 4, "{n}: {about:?}");
        assert!(about[3].starts_with("w is told"), "{n}: {about:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_outlives_the_restarts_of_both() {
    let (system, journal) = (System::local(), Journal::default());
    let at_once = || Supervision::transient().backoff(Duration::ZERO, Duration::ZERO);
    let watcher = system.supervise("w", at_once(), Subject::factory("w", &journal, Script::default()));
    let target =
        system.supervise("t", at_once(), Subject::factory("t", &Journal::default(), Script::default()));
    let watched = target.clone();
    within(&watcher, move |ctx| ctx.watch_tagged(&watched, 5)).await;
    target.boom().await.unwrap_err();
    watcher.boom().await.unwrap_err();
    target.note(1).await.unwrap();
    watcher.note(1).await.unwrap();
    assert!(!journal.take().iter().any(|line| line.contains("told")));
    target.control().stop();
    target.closed().await;
    idle().await;
    assert_eq!(journal.take(), ["w is told 5: stopped"]);
}

#[tokio::test(start_paused = true)]
async fn a_notice_waits_for_the_watchers_next_life() {
    let (system, journal) = (System::local(), Journal::default());
    let minute = Duration::from_secs(60);
    let supervision = Supervision::transient().backoff(minute, minute);
    let watcher = system.supervise("w", supervision, Subject::factory("w", &journal, Script::default()));
    let target = system.start("t", Subject::new("t", &Journal::default()), 0);
    let watched = target.clone();
    within(&watcher, move |ctx| ctx.watch_tagged(&watched, 5)).await;
    watcher.boom().await.unwrap_err();
    idle().await;
    target.control().stop();
    target.closed().await;
    idle().await;
    journal.take();
    watcher.note(1).await.unwrap();
    assert_eq!(journal.take(), ["w starts", "w is told 5: stopped", "w 1"]);
}

#[tokio::test(start_paused = true)]
async fn notices_need_no_place_in_a_full_mailbox() {
    let (system, journal) = (System::local(), Journal::default());
    let options = ActorOptions::default().mailbox(1);
    let watcher = system.prepare("w", options).unwrap().start(Subject::new("w", &journal), 0);
    let targets: Vec<_> =
        (0..50).map(|_| system.start_anonymous(Subject::new("t", &Journal::default()), 0)).collect();
    for target in &targets {
        let target = target.clone();
        within(&watcher, move |ctx| ctx.watch(&target)).await;
    }
    let (wait, open) = gate();
    let held = tokio::spawn(watcher.hold(wait));
    idle().await;
    for target in &targets {
        target.control().stop();
        timeout(Duration::from_secs(1), target.closed()).await.expect("no end waits for a watcher");
    }
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    watcher.note(1).await.unwrap();
    assert_eq!(journal.take().iter().filter(|line| line.contains("told 0: stopped")).count(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_drained_watcher_hears_what_it_was_owed() {
    let scene = Scene::new();
    let target = scene.target(Script::default());
    scene.watch(&target, 1).await;
    let (wait, open) = gate();
    let held = tokio::spawn(scene.watcher.hold(wait));
    idle().await;
    target.control().stop();
    target.closed().await;
    scene.watcher.control().drain();
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    scene.watcher.closed().await;
    assert_eq!(scene.told().await, ["1: stopped"]);
}

#[tokio::test(start_paused = true)]
async fn two_that_watch_each_other_and_themselves_end_like_any_other() {
    let scene = Scene::new();
    let other = scene.target(Script::default());
    scene.watch(&other, 1).await;
    scene.watch(&scene.watcher, 2).await;
    let watched = scene.watcher.clone();
    within(&other, move |ctx| ctx.watch(&watched)).await;
    let in_hand = tokio::spawn(other.hold(for_ever()));
    idle().await;
    scene.watcher.control().kill();
    scene.watcher.closed().await;
    other.control().kill();
    other.closed().await;
    in_hand.await.unwrap().unwrap_err();
    assert_eq!(other.ended().await, StopReason::Killed);
    assert!(scene.told().await.is_empty(), "nobody is there to be told");
}
