//! The hooks of an actor's life, in which order, and what an end does to what waits.

mod broken_off;
mod ending;
mod turns;

use std::task::{Context, Waker};
use std::time::Duration;

use murmer::StopReason;
use murmer::prelude::*;
use tokio::time::{Instant, timeout};

use super::assert_stopped;
use super::subject::{Journal, Script, Subject, SubjectExt, SubjectNote, Turn, for_ever, gate, idle, within};

fn start(script: Script) -> (System, Journal, Endpoint<Subject>) {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.start("a", Subject::scripted("a", &journal, &script), 0);
    (system, journal, subject)
}

#[tokio::test(start_paused = true)]
async fn the_hooks_run_around_the_messages_and_the_value_goes_last() {
    let (system, journal, subject) = start(Script::default());
    subject.note(1).await.unwrap();
    assert!(system.stop_and_wait("a").await);
    assert_eq!(journal.take(), ["a starts", "a 1", "a stops: stopped", "a is gone"]);
    assert_eq!(subject.ended().await, StopReason::Stopped);
}

#[tokio::test(start_paused = true)]
async fn messages_wait_while_an_actor_starts() {
    let (wait, open) = gate();
    let (_system, journal, subject) = start(Script::default().started(Turn::Waits(wait)));
    let asked = tokio::spawn(subject.note(1));
    idle().await;
    assert_eq!(journal.take(), ["a starts"]);
    open.send(()).unwrap();
    assert_eq!(asked.await.unwrap().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_up_that_fails_ends_the_actor_without_its_last_hook() {
    for (turn, said) in [
        (Turn::Fails, "start-up failed: on purpose"),
        (Turn::Panics, "start-up failed: it panicked: on purpose"),
    ] {
        let (system, journal, subject) = start(Script::default().started(turn));
        assert_stopped(subject.note(1).await);
        assert_eq!(subject.ended().await.to_string(), said);
        assert_eq!(journal.take(), ["a starts", "a is gone"]);
        assert!(!system.has_label("a"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_handler_runs_the_last_hook_with_the_reason() {
    let (_system, journal, subject) = start(Script::default());
    assert!(matches!(subject.boom().await, Err(SendError::Panicked)));
    assert_eq!(subject.ended().await, StopReason::Panicked("on purpose".into()));
    assert_eq!(journal.take(), ["a starts", "a stops: panicked: on purpose", "a is gone"]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_last_hook_changes_nothing_about_the_reason() {
    let (system, journal, subject) = start(Script::default().stopped(Turn::Panics));
    subject.note(1).await.unwrap();
    assert!(system.stop_and_wait("a").await);
    assert_eq!(subject.ended().await, StopReason::Stopped);
    assert_eq!(journal.take().last().unwrap(), "a is gone");
}

#[tokio::test(start_paused = true)]
async fn a_panic_over_a_notice_ends_the_actor() {
    let (system, journal, subject) = start(Script::default().terminated(Turn::Panics));
    let other = system.start("b", Subject::new("b", &Journal::default()), 0);
    within(&subject, move |ctx| ctx.watch_tagged(&other, 7)).await;
    system.stop("b");
    assert_eq!(subject.ended().await, StopReason::Panicked("on purpose".into()));
    assert_eq!(
        journal.take(),
        ["a starts", "a is told 7: stopped", "a stops: panicked: on purpose", "a is gone"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_kill_breaks_off_every_hook_and_handler_and_runs_none() {
    for script in [
        Script::default().started(Turn::Waits(for_ever())),
        Script::default().stopped(Turn::Waits(for_ever())),
        Script::default(),
    ] {
        let (_system, journal, subject) = start(script);
        idle().await;
        let asked = tokio::spawn(subject.hold(for_ever()));
        idle().await;
        // For the script whose last hook waits: there, the kill is to find it.
        let control = subject.control();
        assert!(control.kill());
        assert!(timeout(SOON, asked).await.unwrap().unwrap().is_err());
        timeout(SOON, subject.closed()).await.unwrap();
        assert_eq!(subject.ended().await, StopReason::Killed);
        assert_eq!(journal.take(), ["a starts", "a is gone"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_kill_reaches_an_actor_that_cleans_up() {
    let (system, journal, subject) = start(Script::default().stopped(Turn::Waits(for_ever())));
    subject.note(1).await.unwrap();
    system.stop("a");
    idle().await;
    assert!(!subject.control().kill(), "it was off the books already");
    timeout(SOON, subject.closed()).await.unwrap();
    assert_eq!(subject.ended().await, StopReason::Killed);
    assert_eq!(journal.take(), ["a starts", "a 1", "a stops: stopped", "a is gone"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_told_to_end_before_it_has_begun_never_begins() {
    for (end, reason) in
        [(System::stop as fn(&System, &str) -> bool, StopReason::Stopped), (System::kill, StopReason::Killed)]
    {
        let (system, journal, subject) = start(Script::default());
        assert!(end(&system, "a"));
        assert_eq!(subject.ended().await, reason);
        assert_eq!(journal.take(), ["a is gone"]);
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_end_first_then_children_then_the_last_hook_runs() {
    let (system, journal, subject) = start(Script::default());
    let noted = journal.clone();
    within(&subject, move |ctx| {
        for name in ["x", "y"] {
            ctx.start_child(None, Subject::new(name, &noted), 0);
        }
        ctx.spawn(async move {
            let _last = OnDrop(noted, "task ends");
            std::future::pending().await
        });
    })
    .await;
    idle().await;
    journal.take();
    assert!(system.stop_and_wait("a").await);
    let expected = [
        "task ends",
        "y stops: stopped",
        "y is gone",
        "x stops: stopped",
        "x is gone",
        "a stops: stopped",
        "a is gone",
    ];
    assert_eq!(journal.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn what_the_last_hook_starts_ends_with_the_actor() {
    let noted = Journal::default();
    let journal = noted.clone();
    let turn = Turn::Does(Box::new(move |ctx| {
        ctx.start_child(None, Subject::new("x", &noted), 0);
        ctx.spawn(async move {
            let _last = OnDrop(noted, "task ends");
            std::future::pending().await
        });
    }));
    let (system, _, subject) = start(Script::default().stopped(turn));
    subject.note(1).await.unwrap();
    assert!(system.stop_and_wait("a").await);
    assert!(journal.take().contains(&"x is gone".to_owned()));
    assert!(system.actors().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_actor_may_stop_itself_while_it_starts() {
    let turn = Turn::Does(Box::new(|ctx| ctx.stop()));
    let (_system, journal, subject) = start(Script::default().started(turn));
    assert_stopped(subject.note(1).await);
    subject.closed().await;
    assert_eq!(journal.take(), ["a starts", "a stops: stopped", "a is gone"]);
}

#[tokio::test(start_paused = true)]
async fn an_actor_that_drains_itself_handles_what_waits() {
    let (system, journal, subject) = start(Script::default());
    let drain = subject.with(Box::new(|ctx| ctx.drain()));
    let (drained, first, second) = tokio::join!(drain, subject.note(1), subject.note(2));
    drained.unwrap();
    assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
    assert_stopped(subject.note(3).await);
    subject.closed().await;
    assert!(!system.has_label("a"));
    assert_eq!(journal.take(), ["a starts", "a 1", "a 2", "a stops: stopped", "a is gone"]);
}

/// A value that panics when it is dropped.
struct Grenade;

impl Actor for Grenade {
    type State = ();
}

#[handlers(local)]
impl Grenade {
    #[handler]
    fn hold_on(&self) {}

    #[handler]
    fn take(&self, _pin: Pin) {}
}

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

struct Pin(bool);

impl Drop for Pin {
    fn drop(&mut self) {
        assert!(!self.0, "dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_panics_when_dropped_leaves_nobody_waiting() {
    let system = System::local();
    let grenade = system.start("g", Grenade, ());
    grenade.hold_on().await.unwrap();
    system.stop("g");
    assert_eq!(grenade.ended().await, StopReason::Panicked("dropped".into()));
    // The same for messages that are refused.
    let prepared = system.prepare::<Grenade>("h", Default::default()).unwrap();
    let grenade = prepared.endpoint();
    grenade.take(Pin(true)).tell().await.unwrap();
    let asked = tokio::spawn(grenade.hold_on());
    idle().await;
    system.stop("h");
    assert_stopped(asked.await.unwrap());
    drop(prepared);
    timeout(SOON, grenade.closed()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_breaks_off_what_was_stopped_before_it() {
    let (system, _journal, subject) = start(Script::default());
    let asked = tokio::spawn(subject.hold(for_ever()));
    idle().await;
    system.stop("a");
    let before = Instant::now();
    system.shutdown().await;
    assert_eq!(before.elapsed(), Duration::from_secs(5));
    assert!(timeout(SOON, asked).await.unwrap().unwrap().is_err());
    assert_eq!(subject.ended().await, StopReason::Killed);
}

#[test]
fn actors_of_a_runtime_that_is_gone_keep_nobody_waiting() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (system, journal) = (runtime.block_on(async { System::local() }), Journal::default());
    let parent = runtime.block_on(async {
        let parent = system.start("parent", Subject::new("parent", &journal), 0);
        let noted = journal.clone();
        within(&parent, move |ctx| drop(ctx.start_child(Some("child"), Subject::new("child", &noted), 0)))
            .await;
        parent
    });
    let unpolled = system.start("b", Subject::new("b", &journal), 0);
    unpolled.try_tell(SubjectNote { n: 1 }).unwrap();
    let mut asked = Box::pin(unpolled.note(2));
    assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(runtime);
    let after = system.start("c", Subject::new("c", &journal), 0);
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    other.block_on(async {
        for actor in [&parent, &unpolled, &after] {
            timeout(SOON, actor.closed()).await.expect("it is over");
            assert_stopped(timeout(SOON, actor.note(1)).await.expect("it ends"));
        }
        assert_stopped(timeout(SOON, asked).await.expect("it ends, too"));
        timeout(SOON, system.shutdown()).await.expect("nobody is waited for");
    });
    assert!(system.labels("*").is_empty());
}

struct OnDrop(Journal, &'static str);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.add(self.1);
    }
}

/// Less than any limit that would end the same thing for another reason.
const SOON: Duration = Duration::from_secs(1);
