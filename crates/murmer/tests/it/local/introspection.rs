//! What there is to know about the actors of a process.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorId, ActorOptions, ActorState, Label, Supervision, SystemOptions};
use murmer_core::{Changes, Cluster, FarActor};

use super::subject::{
    Journal, Script, Subject, SubjectBoom, SubjectExt, SubjectHold, SubjectNote, Turn, Wait, gate, idle,
};
use crate::actors::Probe;

#[tokio::test(start_paused = true)]
async fn actors_are_listed_in_the_order_of_their_starts_until_they_are_stopped() {
    let (system, journal) = (System::local(), Journal::default());
    system.start("b", Subject::new("b", &journal), 0);
    system.start_anonymous(Subject::new("anonymous", &journal), 0);
    let a = system.start("a", Subject::new("a", &journal), 0);
    a.note(1).await.unwrap();
    let labels = |system: &System| -> Vec<Option<String>> {
        system.actors().iter().map(|info| info.label.as_ref().map(ToString::to_string)).collect()
    };
    assert_eq!(labels(&system), [Some("b".into()), None, Some("a".into())]);
    system.stop("b");
    assert_eq!(labels(&system), [None, Some("a".into())]);
    let info = &system.actors()[1];
    assert_eq!(info.id, a.id());
    assert!(info.actor_type.ends_with("::Subject"), "{}", info.actor_type);
}

#[tokio::test(start_paused = true)]
async fn messages_that_wait_and_those_handled_are_counted_over_all_lives() {
    let (system, journal) = (System::local(), Journal::default());
    let supervision = Supervision::transient().backoff(Duration::ZERO, Duration::ZERO);
    let subject = system.supervise("a", supervision, Subject::factory("a", &journal, Script::default()));
    for n in 0..9 {
        subject.note(n).await.unwrap();
    }
    subject.boom().await.unwrap_err();
    let (wait, open) = gate();
    let held = tokio::spawn(subject.hold(wait));
    idle().await;
    for n in 0..3 {
        subject.note(n).tell().await.unwrap();
    }
    let info = &system.actors()[0];
    assert_eq!((info.mailbox_depth, info.handled, info.restarts), (4, 10, 1));
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    idle().await;
    let info = &system.actors()[0];
    assert_eq!((info.mailbox_depth, info.handled), (0, 14));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_panics_between_others_is_counted_as_they_are() {
    let (system, journal, hour) = (System::local(), Journal::default(), Duration::from_secs(3_600));
    let prepared = system.prepare("a", ActorOptions::default()).unwrap();
    let subject = prepared.endpoint();
    (0..3).for_each(|n| subject.try_tell(SubjectNote { n }).unwrap());
    subject.try_tell(SubjectBoom {}).unwrap();
    (3..5).for_each(|n| subject.try_tell(SubjectNote { n }).unwrap());
    let supervision = Supervision::transient().backoff(hour, hour);
    prepared.supervise(supervision, Subject::factory("a", &journal, Script::default()));
    idle().await;
    let counted = || {
        let info = &system.actors()[0];
        (info.mailbox_depth, info.handled)
    };
    assert_eq!(counted(), (2, 4));
    tokio::time::sleep(hour).await;
    idle().await;
    assert_eq!(counted(), (0, 6));
}

#[tokio::test(start_paused = true)]
async fn its_state_says_what_an_actor_is_doing() {
    let (system, journal) = (System::local(), Journal::default());
    let state = || system.actors()[0].state;
    let hour = Duration::from_secs(3_600);
    let prepared = system.prepare("a", ActorOptions::default()).unwrap();
    assert_eq!(state(), ActorState::Starting);
    let ((starts, started), (stops, stopped)) = (gate(), gate());
    let script = Script::default().started(Turn::Waits(starts)).stopped(Turn::Waits(stops));
    let supervision = Supervision::transient().backoff(hour, hour);
    let subject = prepared.supervise(supervision, Subject::factory("a", &journal, script));
    idle().await;
    assert_eq!(state(), ActorState::Starting);
    started.send(()).unwrap();
    subject.note(1).await.unwrap();
    assert_eq!(state(), ActorState::Running);
    subject.boom().await.unwrap_err();
    idle().await;
    assert_eq!(state(), ActorState::Stopping);
    stopped.send(()).unwrap();
    idle().await;
    assert_eq!(state(), ActorState::Restarting);
    tokio::time::sleep(hour).await;
    assert_eq!(state(), ActorState::Running);
}

#[tokio::test(start_paused = true)]
async fn the_time_that_handlers_take_is_measured() {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.start("a", Subject::new("a", &journal), 0);
    let nap = || Box::pin(tokio::time::sleep(Duration::from_secs(1)));
    for _ in 0..16 {
        subject.hold(nap()).await.unwrap();
    }
    let busy = system.actors()[0].busy;
    assert!(busy >= Duration::from_secs(15) && busy <= Duration::from_secs(17), "{busy:?}");
}

/// A cluster of nobody.
struct Alone;

impl Cluster for Alone {
    fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> {
        None
    }

    fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> {
        None
    }

    fn labels(&self, _: &dyn Fn(&str) -> bool) -> Vec<Label> {
        vec![]
    }

    fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[tokio::test]
async fn other_nodes_hear_nothing_of_anonymous_actors() {
    let changes = Arc::new(Changes::default());
    let node = System::local().node().clone();
    let system = System::joined(node, SystemOptions::default(), Arc::new(Alone), changes.clone());
    for _ in 0..10 {
        assert!(system.start_anonymous(Probe, vec![]).control().stop_and_wait().await);
    }
    assert_eq!(changes.take(), [], "not even of their ends, which would pile up");
    assert!(system.start("probe", Probe, vec![]).control().stop_and_wait().await);
    assert_eq!(changes.take(), [], "came and went");
}

/// Batches that are cut short, since senders are let in between, are weighed by what they began with.
#[tokio::test(start_paused = true)]
async fn the_time_of_a_small_mailbox_that_is_always_full_is_counted_once() {
    let (system, journal) = (System::local(), Journal::default());
    let options = ActorOptions::default().mailbox(8);
    let subject = system.try_start("a", Subject::new("a", &journal), 0, options).unwrap();
    // Its millisecond begins when its turn does.
    let wait = || -> Wait { Box::pin(async { tokio::time::sleep(Duration::from_millis(1)).await }) }; // tidy: sleep the work that is counted
    let tells: Vec<_> =
        (0..2_000).map(|_| tokio::spawn(subject.tell(SubjectHold { wait: wait() }))).collect();
    for tell in tells {
        tell.await.unwrap().unwrap();
    }
    let busy = system.actors()[0].busy;
    assert!(busy >= Duration::from_millis(1_600) && busy <= Duration::from_millis(2_600), "{busy:?} for 2 s");
}
