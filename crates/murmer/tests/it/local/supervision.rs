//! Actors that fail and begin again: when, how often, and what outlives each life.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Event, StopReason, Supervision};
use tokio::time::{Instant, timeout};

use super::assert_stopped;
use super::subject::{
    Deed, Journal, Script, Subject, SubjectBoom, SubjectExt, SubjectHold, SubjectNote, Turn, for_ever, gate,
    idle, within,
};

fn supervise(supervision: Supervision, script: Script) -> (System, Journal, Endpoint<Subject>) {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.supervise("a", supervision, Subject::factory("a", &journal, script));
    (system, journal, subject)
}

/// Restarted at once and for as long as a test takes.
fn at_once(supervision: Supervision) -> Supervision {
    supervision.limit(1_000, Duration::from_secs(1)).backoff(Duration::ZERO, Duration::ZERO)
}

fn stop_itself() -> Deed {
    Box::new(|ctx| ctx.stop())
}

#[tokio::test(start_paused = true)]
async fn after_a_panic_it_begins_anew_under_the_same_label_and_endpoints() {
    let (system, journal, subject) = supervise(at_once(Supervision::transient()), Script::default());
    assert_eq!(subject.note(1).await.unwrap(), 1);
    assert_eq!(subject.note(2).await.unwrap(), 2);
    assert!(matches!(subject.boom().await, Err(SendError::Panicked)));
    assert_eq!(subject.note(3).await.unwrap(), 1, "the state is made anew");
    assert_eq!(system.lookup::<Subject>("a").unwrap().id(), subject.id());
    let expected =
        ["a starts", "a 1", "a 2", "a stops: panicked: on purpose", "a is gone", "a starts", "a 3"];
    assert_eq!(journal.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn who_begins_again_after_what() {
    let cases = [
        (Supervision::temporary(), false, false),
        (Supervision::transient(), true, false),
        (Supervision::permanent(), true, true),
    ];
    for (supervision, after_panic, after_own_stop) in cases {
        for (own_stop, begins_again) in [(false, after_panic), (true, after_own_stop)] {
            let (system, journal, subject) = supervise(at_once(supervision.clone()), Script::default());
            if own_stop {
                subject.with(stop_itself()).await.unwrap();
            } else {
                subject.boom().await.unwrap_err();
            }
            idle().await;
            assert_eq!(system.has_label("a"), begins_again, "{supervision:?} {own_stop}");
            assert_eq!(subject.note(1).await.is_ok(), begins_again);
            assert!(!begins_again || system.stop("a"));
            subject.closed().await;
            let lives = journal.take().iter().filter(|line| *line == "a starts").count();
            assert_eq!(lives, if begins_again { 2 } else { 1 }, "{supervision:?} {own_stop}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_permanent_actor_that_stops_itself_finishes_its_message_and_keeps_those_behind() {
    let (_system, journal, subject) = supervise(at_once(Supervision::permanent()), Script::default());
    let (stopped, behind) = tokio::join!(subject.with(stop_itself()), subject.note(1));
    stopped.unwrap();
    assert_eq!(behind.unwrap(), 1);
    assert_eq!(journal.take(), ["a starts", "a stops: stopped", "a is gone", "a starts", "a 1"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_behind_a_panic_in_a_batch_is_handled_in_order_by_the_next_life() {
    let (begin, begun) = gate();
    let script = Script::default().started(Turn::Waits(begin));
    let (system, journal, subject) = supervise(at_once(Supervision::transient()), script);
    idle().await;
    subject.try_tell(SubjectNote { n: 1 }).unwrap();
    subject.try_tell(SubjectBoom {}).unwrap();
    for n in 2..5 {
        subject.try_tell(SubjectNote { n }).unwrap();
    }
    let asked = tokio::spawn(subject.note(5));
    idle().await;
    journal.take();
    begun.send(()).unwrap();
    assert_eq!(asked.await.unwrap().unwrap(), 4);
    let lines = journal.take();
    let expected =
        ["a 1", "a stops: panicked: on purpose", "a is gone", "a starts", "a 2", "a 3", "a 4", "a 5"];
    assert_eq!(lines, expected);
    assert_eq!(system.actors()[0].restarts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_drain_goes_on_in_the_next_life() {
    let (_system, journal, subject) = supervise(at_once(Supervision::transient()), Script::default());
    idle().await;
    subject.try_tell(SubjectBoom {}).unwrap();
    subject.try_tell(SubjectNote { n: 1 }).unwrap();
    subject.control().drain();
    assert_stopped(subject.note(2).await);
    assert_eq!(subject.ended().await, StopReason::Stopped);
    assert!(journal.take().contains(&"a 1".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_next_life_waits_for_the_last_ones_clean_up() {
    let (wait, open) = gate();
    let script = Script::default().stopped(Turn::Waits(wait));
    let (_system, journal, subject) = supervise(at_once(Supervision::transient()), script);
    let noted = journal.clone();
    within(&subject, move |ctx| drop(ctx.start_child(None, Subject::new("child", &noted), 0))).await;
    subject.boom().await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let expected = ["a starts", "child starts", "child stops: stopped", "child is gone"];
    let lines = journal.take();
    assert_eq!(lines[..4], expected);
    assert_eq!(lines[4..], ["a stops: panicked: on purpose"]);
    open.send(()).unwrap();
    assert_eq!(subject.note(1).await.unwrap(), 1);
    assert_eq!(journal.take(), ["a is gone", "a starts", "a 1"]);
}

#[tokio::test(start_paused = true)]
async fn the_wait_before_a_restart_doubles_up_to_its_most() {
    let supervision = Supervision::transient()
        .limit(10, Duration::from_secs(3_600))
        .backoff(Duration::from_secs(1), Duration::from_secs(4));
    let (_system, _journal, subject) = supervise(supervision, Script::default());
    for most in [1, 2, 4, 4, 4] {
        subject.boom().await.unwrap_err();
        let failed_at = Instant::now();
        subject.note(1).await.unwrap();
        let (waited, most) = (failed_at.elapsed(), Duration::from_secs(most));
        assert!(waited >= most / 2 && waited <= most + Duration::from_millis(2), "{waited:?} of {most:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_at_its_limit_and_says_so() {
    let supervision = Supervision::transient()
        .limit(2, Duration::from_secs(30))
        .backoff(Duration::from_millis(1), Duration::from_millis(1));
    let (system, _journal, subject) = supervise(supervision, Script::default());
    for _ in 0..3 {
        subject.boom().await.unwrap_err();
    }
    let behind = subject.note(1).await;
    assert_stopped(behind);
    let last = Box::new(StopReason::Panicked("on purpose".into()));
    assert_eq!(subject.ended().await, StopReason::RestartLimit(last));
    assert!(!system.has_label("a"));
}

#[tokio::test(start_paused = true)]
async fn failures_that_are_far_apart_never_reach_the_limit() {
    let supervision = Supervision::transient().limit(2, Duration::from_secs(30));
    let (_system, _journal, subject) = supervise(supervision, Script::default());
    for _ in 0..20 {
        subject.boom().await.unwrap_err();
        tokio::time::sleep(Duration::from_secs(16)).await;
        assert_eq!(subject.note(1).await.unwrap(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_up_that_fails_is_tried_again_with_the_messages_that_wait() {
    let script = Script::default().started(Turn::Fails).started(Turn::Panics);
    let (system, _journal, subject) = supervise(at_once(Supervision::transient()), script);
    assert_eq!(subject.note(1).await.unwrap(), 1);
    assert_eq!(system.actors()[0].restarts, 2);
}

#[tokio::test(start_paused = true)]
async fn a_factory_that_panics_is_a_start_up_that_fails() {
    let (system, mut left) = (System::local(), 3);
    let journal = Journal::default();
    let subject = system.supervise("a", at_once(Supervision::transient()), move || {
        left -= 1;
        assert!(left == 0, "not yet");
        (Subject::new("a", &journal), 0)
    });
    assert_eq!(subject.note(1).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_watcher_hears_once_and_of_the_last_failure_of_a_start_up() {
    let mut script = Script::default();
    for _ in 0..3 {
        script = script.started(Turn::Fails);
    }
    let supervision = Supervision::permanent().limit(2, Duration::from_secs(60));
    let (system, _journal, subject) = supervise(supervision, script);
    let journal = Journal::default();
    let watcher = system.start("w", Subject::new("w", &journal), 0);
    let watched = subject.clone();
    within(&watcher, move |ctx| ctx.watch(&watched)).await;
    subject.closed().await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let said = "w is told 0: failed too often, the last time because it start-up failed: on purpose";
    assert_eq!(journal.take(), ["w starts", said]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_or_kill_during_the_back_off_is_prompt() {
    let hour = Duration::from_secs(3_600);
    for (kill, reason) in [(false, StopReason::Stopped), (true, StopReason::Killed)] {
        let (system, journal, subject) =
            supervise(Supervision::transient().backoff(hour, hour), Script::default());
        subject.boom().await.unwrap_err();
        let asked = tokio::spawn(subject.note(1));
        idle().await;
        journal.take();
        let before = Instant::now();
        assert!(if kill { system.kill("a") } else { system.stop("a") });
        assert!(!system.has_label("a"));
        assert_stopped(asked.await.unwrap());
        assert_eq!(subject.ended().await, reason);
        assert!(before.elapsed() < Duration::from_millis(1), "{:?}", before.elapsed());
        assert!(journal.take().is_empty(), "no further life");
    }
}

#[tokio::test(start_paused = true)]
async fn every_restart_is_an_event() {
    let (system, _journal, subject) = supervise(at_once(Supervision::transient()), Script::default());
    let mut events = system.events();
    for count in 1..4 {
        subject.boom().await.unwrap_err();
        subject.note(1).await.unwrap();
        let Some(Event::Restarted { actor, restarts, reason, .. }) = events.next().await else { panic!() };
        assert_eq!((actor, restarts), (subject.id(), count));
        assert_eq!(reason, StopReason::Panicked("on purpose".into()));
    }
}

/// A parent with one child under `supervision`, which fails for good.
async fn with_a_child_that_gives_up(
    supervision: Supervision,
    parents: Supervision,
) -> (Endpoint<Subject>, Journal) {
    let (_system, journal, parent) = supervise(parents, Script::default());
    let noted = journal.clone();
    let child = within(&parent, move |ctx| {
        ctx.supervise_child(None, supervision, Subject::factory("child", &noted, Script::default()))
    })
    .await;
    let in_hand = tokio::spawn(parent.hold(for_ever()));
    idle().await;
    child.boom().await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(10)).await;
    if in_hand.is_finished() {
        in_hand.await.unwrap().unwrap_err();
    }
    (parent, journal)
}

#[tokio::test(start_paused = true)]
async fn a_child_that_escalates_takes_its_parent_along_wherever_that_waits() {
    let never = Supervision::transient().limit(0, Duration::from_secs(1));
    for supervision in [never.clone().escalate(), Supervision::temporary().escalate()] {
        let (parent, _) = with_a_child_that_gives_up(supervision, Supervision::temporary()).await;
        let reason = timeout(Duration::from_millis(1), parent.ended()).await.expect("it has failed, too");
        assert!(matches!(reason, StopReason::ChildFailed(_)), "{reason}");
    }
    let (parent, _) = with_a_child_that_gives_up(never, Supervision::temporary()).await;
    assert!(timeout(Duration::from_millis(1), parent.ended()).await.is_err(), "nothing to the parent");
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_is_taken_along_begins_again_if_it_is_supervised() {
    let never = Supervision::transient().limit(0, Duration::from_secs(1)).escalate();
    let (parent, journal) = with_a_child_that_gives_up(never, at_once(Supervision::transient())).await;
    assert_eq!(parent.note(1).await.unwrap(), 1);
    assert_eq!(journal.take().iter().filter(|line| *line == "a starts").count(), 2);
    // A wish that was meant for the last life is not for this one.
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(parent.note(2).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_panics_every_tell_is_handled_once_and_in_the_order_of_its_sender() {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system
        .prepare("a", ActorOptions::default().mailbox(16))
        .unwrap()
        .supervise(at_once(Supervision::transient()), Subject::factory("a", &journal, Script::default()));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let subject = subject.clone();
            tokio::spawn(async move {
                for n in 0..200 {
                    subject.note(sender * 1_000 + n).tell().await.unwrap();
                    if n % 10 == sender {
                        subject.boom().tell().await.unwrap();
                    }
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    subject.note(9_999).await.unwrap();
    let noted: Vec<u32> =
        journal.take().iter().filter_map(|line| line.strip_prefix("a ")?.parse().ok()).collect();
    for sender in 0..4 {
        let of_sender: Vec<_> = noted.iter().filter(|n| **n / 1_000 == sender).map(|n| n % 1_000).collect();
        assert_eq!(of_sender, (0..200).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_while_it_waits_for_its_next_life_is_refused_in_the_batch_too() {
    let (begin, begun) = gate();
    let hour = Duration::from_secs(3_600);
    let script = Script::default().started(Turn::Waits(begin));
    let (system, _journal, subject) = supervise(Supervision::transient().backoff(hour, hour), script);
    idle().await;
    subject.try_tell(SubjectBoom {}).unwrap();
    let asked = tokio::spawn(subject.note(1));
    idle().await;
    subject.try_tell(SubjectHold { wait: for_ever() }).unwrap();
    begun.send(()).unwrap();
    idle().await;
    assert!(!asked.is_finished(), "it waits for the next life");
    let mut events = system.events();
    system.stop("a");
    assert_stopped(asked.await.unwrap());
    assert!(matches!(events.next().await, Some(Event::Undelivered { message: "hold", .. })));
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_when_it_has_been_told_to_stop_is_not_said_to_be_restarted() {
    let (system, journal, subject) = supervise(at_once(Supervision::permanent()), Script::default());
    let mut events = system.events();
    let (wait, open) = gate();
    let wait = Box::pin(async move {
        wait.await;
        panic!("on purpose");
    });
    subject.try_tell(SubjectHold { wait }).unwrap();
    idle().await;
    system.stop("a");
    open.send(()).unwrap();
    assert_eq!(subject.ended().await, StopReason::Panicked("on purpose".to_owned()));
    assert_eq!(journal.take(), ["a starts", "a stops: panicked: on purpose", "a is gone"]);
    let event = timeout(Duration::from_nanos(1), events.next()).await;
    assert!(event.is_err(), "{event:?}");
}

/// Fails to start, with an error that can't even be shown.
struct Unspeakable;

impl Actor for Unspeakable {
    type State = ();

    async fn started(&mut self, _: &ActorContext<Self>, (): &mut ()) -> Result<(), StartFailure> {
        Err(Box::new(Self))
    }
}

impl std::error::Error for Unspeakable {}

impl std::fmt::Debug for Unspeakable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("on purpose");
    }
}

impl std::fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("on purpose");
    }
}

#[handlers(local)]
impl Unspeakable {
    #[handler]
    fn idle(&self) {}
}

#[tokio::test(start_paused = true)]
async fn a_start_up_that_fails_with_an_error_that_panics_has_failed() {
    let actor = System::local().start("a", Unspeakable, ());
    assert_eq!(actor.ended().await, StopReason::StartFailed("on purpose".to_owned()));
}
