//! Starting actors, and what becomes of those that can't be.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Event, Recipient, StartError, StopReason, TrySendError};
use tokio::time::timeout;

use super::assert_stopped;
use super::subject::{Journal, Subject, SubjectExt, SubjectNote, gate, idle, within};
use crate::actors::{Hermit, HermitExt, Probe, ProbeExt};

#[tokio::test(start_paused = true)]
async fn a_start_under_a_taken_label_is_an_event_and_drops_the_newcomer() {
    let (system, journal) = (System::local(), Journal::default());
    let mut events = system.events();
    let first = system.start("a", Subject::new("first", &journal), 0);
    let second = system.start("a", Subject::new("second", &journal), 0);
    assert_eq!(second.id(), first.id());
    let Some(Event::LabelTaken { label, holder, refused }) = events.next().await else { panic!() };
    assert_eq!((label.as_str(), holder), ("a", first.id()));
    assert!(refused.ends_with("::Subject"));
    system.start("a", Hermit, ()).mumble().await.unwrap_err();
    let Some(Event::LabelTaken { refused, .. }) = events.next().await else { panic!() };
    assert!(refused.ends_with("::Hermit"));
    assert_eq!(first.note(1).await.unwrap(), 1);
    assert_eq!(journal.take(), ["second is gone", "first starts", "first 1"]);
    assert_eq!(system.actors().len(), 1, "nothing is left of those refused");
}

#[tokio::test(start_paused = true)]
async fn messages_wait_for_an_actor_that_is_only_prepared() {
    let (system, journal) = (System::local(), Journal::default());
    let prepared = system.prepare::<Subject>("a", ActorOptions::default().mailbox(2)).unwrap();
    let endpoint = prepared.endpoint();
    assert_eq!(system.lookup::<Subject>("a").unwrap().id(), endpoint.id());
    endpoint.note(1).tell().await.unwrap();
    let asked = tokio::spawn(endpoint.note(2));
    idle().await;
    assert!(matches!(endpoint.try_tell(SubjectNote { n: 3 }), Err(TrySendError::Full(_))));
    assert!(journal.take().is_empty());
    prepared.start(Subject::new("a", &journal), 0);
    assert_eq!(asked.await.unwrap().unwrap(), 2);
    assert_eq!(journal.take(), ["a starts", "a 1", "a 2"]);
}

#[tokio::test(start_paused = true)]
async fn dropped_without_being_started_it_is_over() {
    let system = System::local();
    let mut events = system.events();
    let prepared = system.prepare::<Subject>("a", ActorOptions::default()).unwrap();
    let endpoint = prepared.endpoint();
    endpoint.note(1).tell().await.unwrap();
    let asked = tokio::spawn(endpoint.note(2));
    idle().await;
    drop(prepared);
    assert!(!system.has_label("a"));
    assert_stopped(asked.await.unwrap());
    assert_eq!(endpoint.ended().await, StopReason::NeverExisted);
    assert!(matches!(events.next().await, Some(Event::Undelivered { message: "note", .. })));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_stopped_before_it_is_started_never_begins() {
    let (system, journal) = (System::local(), Journal::default());
    let prepared = system.prepare::<Subject>("a", ActorOptions::default()).unwrap();
    let endpoint = prepared.endpoint();
    assert!(system.stop("a"));
    let successor = system.start("a", Subject::new("successor", &Journal::default()), 0);
    prepared.start(Subject::new("a", &journal), 0);
    assert_eq!(endpoint.ended().await, StopReason::Stopped);
    assert_eq!(journal.take(), ["a is gone"]);
    assert_eq!(successor.note(1).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_drained_before_it_is_started_handles_what_it_has() {
    let (system, journal) = (System::local(), Journal::default());
    let prepared = system.prepare::<Subject>("a", ActorOptions::default()).unwrap();
    let endpoint = prepared.endpoint();
    endpoint.note(1).tell().await.unwrap();
    assert!(system.drain("a"));
    prepared.start(Subject::new("a", &journal), 0);
    endpoint.closed().await;
    assert_eq!(journal.take(), ["a starts", "a 1", "a stops: stopped", "a is gone"]);
}

#[tokio::test(start_paused = true)]
async fn an_anonymous_actor_is_reached_by_endpoint_and_reference_alone() {
    let system = System::local();
    let subject = system.start_anonymous(Subject::new("a", &Journal::default()), 0);
    assert!(subject.label().is_none());
    assert!(system.labels("*").is_empty());
    let resolved = system.resolve(&subject.actor_ref()).unwrap();
    assert_eq!(resolved.note(1).await.unwrap(), 1);
    assert!(subject.control().stop_and_wait().await);
    assert!(system.resolve(&subject.actor_ref()).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lookup_waits_for_a_start_and_no_longer_than_told() {
    let system = System::local();
    let waiting = tokio::spawn({
        let system = system.clone();
        async move { system.lookup_wait::<Subject>("a", Duration::from_secs(10)).await }
    });
    tokio::time::sleep(Duration::from_secs(9)).await;
    system.start("a", Subject::new("a", &Journal::default()), 0);
    assert!(waiting.await.unwrap().is_some());
    assert!(system.lookup_wait::<Subject>("b", Duration::from_secs(1)).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn actors_outlive_the_last_handle_of_their_system() {
    let system = System::local();
    let subject = system.start("a", Subject::new("a", &Journal::default()), 0);
    let mut events = system.events();
    drop(system);
    assert_eq!(subject.note(1).await.unwrap(), 1);
    let system = within(&subject, |ctx| ctx.system().clone()).await;
    assert!(system.stop_and_wait("a").await);
    drop((system, subject));
    assert!(timeout(Duration::from_secs(1), events.next()).await.expect("the system is gone").is_none());
}

#[tokio::test(start_paused = true)]
async fn after_a_shutdown_nothing_starts_by_any_door() {
    let (system, journal) = (System::local(), Journal::default());
    let parent = system.start("p", Subject::new("p", &Journal::default()), 0);
    let (wait, open) = gate();
    let held = tokio::spawn(parent.hold(wait));
    idle().await;
    let prepared = system.prepare::<Subject>("a", ActorOptions::default()).unwrap();
    let shutdown = tokio::spawn({
        let system = system.clone();
        async move { system.shutdown().await }
    });
    idle().await;
    prepared.start(Subject::new("a", &journal), 0).closed().await;
    assert_eq!(journal.take(), ["a is gone"]);
    let anonymous = system.start_anonymous(Subject::new("b", &journal), 0);
    assert!(matches!(anonymous.note(1).await, Err(SendError::NotStarted(_))));
    assert_eq!(anonymous.ended().await, StopReason::NeverExisted);
    let refused = system.prepare::<Subject>("c", ActorOptions::default());
    assert!(matches!(refused, Err(StartError::ShutDown)), "{refused:?}");
    assert!(!shutdown.is_finished());
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    shutdown.await.unwrap();
    assert!(system.actors().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_without_waiting_is_handed_back() {
    let (system, journal) = (System::local(), Journal::default());
    let options = ActorOptions::default().mailbox(1);
    let subject = system.try_start("a", Subject::new("a", &journal), 0, options).unwrap();
    let (wait, open) = gate();
    let held = tokio::spawn(subject.hold(wait));
    idle().await;
    let full = subject.try_tell(SubjectNote { n: 7 }).unwrap_err();
    assert!(matches!(full, TrySendError::Full(SubjectNote { n: 7 })), "{full:?}");
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    idle().await;
    subject.try_tell(full.into_message()).unwrap();
    subject.control().drain();
    subject.closed().await;
    let failed = subject.try_tell(SubjectNote { n: 8 }).unwrap_err();
    assert!(matches!(&failed, TrySendError::Failed { source: SendError::Stopped, .. }), "{failed:?}");
    assert_eq!(failed.into_message().n, 8);
    assert_eq!(journal.take()[1..2], ["a 7"]);
    let nobody = system.start("", Subject::new("n", &journal), 0);
    let failed = nobody.try_tell(SubjectNote { n: 9 }).unwrap_err();
    assert!(matches!(&failed, TrySendError::Failed { source: SendError::NotStarted(_), .. }));
    assert_eq!(failed.into_message().n, 9);
}

#[tokio::test(start_paused = true)]
async fn a_recipient_sends_as_its_endpoint_does() {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.start("a", Subject::new("a", &journal), 0);
    let recipient: Recipient<SubjectNote> = subject.clone().into();
    assert_eq!(recipient.send(SubjectNote { n: 1 }).await.unwrap(), 1);
    recipient.tell(SubjectNote { n: 2 }).await.unwrap();
    recipient.try_tell(SubjectNote { n: 3 }).unwrap();
    assert_eq!(recipient.send_within(Duration::from_secs(1), SubjectNote { n: 4 }).await.unwrap(), 4);
    assert_eq!((recipient.id(), recipient.label()), (subject.id(), subject.label()));
    let (wait, _open) = gate();
    let _held = tokio::spawn(subject.hold(wait));
    idle().await;
    let late = recipient.send_within(Duration::from_secs(1), SubjectNote { n: 5 }).await;
    assert!(matches!(late, Err(SendError::TimedOut { .. })), "{late:?}");
    subject.control().kill();
    recipient.closed().await;
    assert_stopped(recipient.clone().send(SubjectNote { n: 6 }).await);
}

/// An error of a handler's own, which also holds those of sending.
#[derive(Debug)]
pub(crate) enum Refusal {
    Odd,
    Send(SendError),
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        Self::Send(error)
    }
}

struct Even;

impl Actor for Even {
    type State = ();
}

#[handlers(local)]
impl Even {
    #[handler]
    pub(crate) fn half(&self, n: u32) -> Result<u32, Refusal> {
        if n.is_multiple_of(2) { Ok(n / 2) } else { Err(Refusal::Odd) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_flat_request_has_one_error_for_both() {
    let system = System::local();
    let even = system.start("even", Even, ());
    assert_eq!(even.half(4).flat().await.unwrap(), 2);
    assert!(matches!(even.half(5).flat().await, Err(Refusal::Odd)));
    assert!(matches!(even.half(5).await, Ok(Err(Refusal::Odd))));
    system.stop("even");
    let error = even.half(4).flat().timeout(Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(error, Refusal::Send(SendError::Stopped)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn control_of_nobody_does_nothing() {
    let system = System::local();
    let nobody = system.start("", Probe, vec![]);
    let control = nobody.control();
    assert!(!control.stop() && !control.drain() && !control.kill());
    assert!(!control.stop_and_wait().await);
    assert!(!system.stop("x") && !system.drain("x") && !system.kill("x"));
    assert!(!system.stop_and_wait("x").await);
    assert!(nobody.echo(1).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_starts_under_one_label_one_wins_and_all_reach_it() {
    let system = System::local();
    for round in 0..50u32 {
        let starts: Vec<_> = (0..4)
            .map(|n| {
                let system = system.clone();
                tokio::spawn(async move {
                    let probe = system.start("probe", Probe, vec![]);
                    probe.note(n).await.unwrap();
                    probe.id()
                })
            })
            .collect();
        let mut ids = Vec::new();
        for start in starts {
            ids.push(start.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "round {round}");
        assert_eq!(system.actors().len(), 1);
        assert!(system.stop_and_wait("probe").await);
    }
}
