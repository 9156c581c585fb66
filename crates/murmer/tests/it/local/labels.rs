//! Who holds a label, and who finds it.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Delivery, StartError};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};

use crate::actors::{Hermit, HermitExt, Probe, ProbeExt};

#[tokio::test]
async fn a_start_under_a_label_of_the_same_type_returns_the_actor_that_runs() {
    let system = System::local();
    let first = system.start("probe", Probe, vec![1]);
    let second = system.start("probe", Probe, vec![2]);
    assert_eq!(first.id(), second.id());
    assert_eq!(second.noted().await.unwrap(), [1]);
    let refused = system.try_start("probe", Probe, vec![3], ActorOptions::default());
    assert!(matches!(refused, Err(StartError::Taken { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_start_under_a_label_of_another_type_gives_an_endpoint_of_nobody() {
    let system = System::local();
    let probe = system.start("taken", Probe, vec![1]);
    let hermit = system.start("taken", Hermit, ());
    let error = hermit.mumble().await.unwrap_err();
    assert!(matches!(error, SendError::NotStarted(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
    assert!(hermit.mumble().tell().await.is_err());
    hermit.closed().await;
    assert_eq!(probe.noted().await.unwrap(), [1], "the first is untouched");
    assert!(system.lookup::<Hermit>("taken").is_none());
}

#[tokio::test]
async fn stop_frees_the_label_before_it_returns() {
    let system = System::local();
    for round in 0..100 {
        let probe = system
            .try_start("probe", Probe, vec![round], ActorOptions::default())
            .expect("the label was freed");
        assert_eq!(probe.noted().await.unwrap(), [round]);
        assert!(system.stop("probe"));
        assert!(system.lookup::<Probe>("probe").is_none());
        assert!(!system.stop("probe"));
    }
}

#[tokio::test]
async fn labels_are_listed_by_pattern_and_sorted() {
    let system = System::local();
    for label in ["room/b", "room/a", "hall/a"] {
        system.start(label, Probe, vec![]);
    }
    let list =
        |pattern: &str| -> Vec<String> { system.labels(pattern).iter().map(ToString::to_string).collect() };
    assert_eq!(list("*"), ["hall/a", "room/a", "room/b"]);
    assert_eq!(list("room/*"), ["room/a", "room/b"]);
    assert_eq!(list("*/a"), ["hall/a", "room/a"]);
    assert!(list("room").is_empty());
}

#[tokio::test]
async fn a_label_that_is_none_is_refused() {
    let system = System::local();
    let probe = system.start("", Probe, vec![]);
    assert!(matches!(probe.echo(1).await, Err(SendError::NotStarted(_))));
    assert!(system.labels("*").is_empty());
}

#[tokio::test]
async fn a_reference_means_that_very_actor_and_not_its_successor() {
    let system = System::local();
    let reference = system.start("probe", Probe, vec![]).actor_ref();
    assert_eq!(system.resolve(&reference).unwrap().echo(1).await.unwrap(), 1);
    system.stop("probe");
    system.start("probe", Probe, vec![]);
    assert!(system.resolve(&reference).is_none());
}

#[test]
fn an_actor_can_be_started_outside_a_runtime_if_the_system_was_made_inside_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let system = runtime.block_on(async { System::local() });
    let probe = system.start("probe", Probe, vec![]);
    assert_eq!(runtime.block_on(probe.echo(5)).unwrap(), 5);
}

#[test]
fn without_any_runtime_a_start_says_so() {
    let system = System::local();
    let refused = system.try_start("probe", Probe, vec![], ActorOptions::default());
    assert!(matches!(refused, Err(StartError::NoRuntime)), "{refused:?}");
    assert!(system.labels("*").is_empty());
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_label_ends_when_an_actor_of_that_type_takes_it() {
    let system = System::local();
    let waiting = tokio::spawn({
        let system = system.clone();
        async move { system.lookup_wait::<Probe>("probe", HOUR).await }
    });
    yield_now().await;
    system.start("other", Probe, vec![]);
    system.start("probe", Hermit, ());
    yield_now().await;
    assert!(!waiting.is_finished(), "neither of them is it");
    system.stop("probe");
    let before = Instant::now();
    let probe = system.start("probe", Probe, vec![]);
    assert_eq!(waiting.await.unwrap().unwrap().id(), probe.id());
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert!(system.lookup_wait::<Probe>("probe", Duration::ZERO).await.is_some(), "there already");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_label_that_never_comes_ends_with_its_time() {
    let before = Instant::now();
    assert!(System::local().lookup_wait::<Probe>("probe", HOUR).await.is_none());
    assert_eq!(before.elapsed(), HOUR);
}

#[tokio::test(start_paused = true)]
async fn an_actor_that_starts_at_the_very_end_of_the_wait_is_found() {
    let system = System::local();
    let start = async {
        sleep(HOUR).await;
        system.start("probe", Probe, vec![])
    };
    let (probe, found) = tokio::join!(biased; start, system.lookup_wait::<Probe>("probe", HOUR));
    assert_eq!(found.unwrap().id(), probe.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_that_starts_while_it_is_being_looked_for_is_found_at_once() {
    let system = System::local();
    for round in 0..500 {
        let label = format!("probe/{round}");
        let together = Arc::new(Barrier::new(2));
        let starting = tokio::task::spawn_blocking({
            let (system, label, together) = (system.clone(), label.clone(), together.clone());
            move || {
                together.wait();
                system.start(&label, Probe, vec![])
            }
        });
        together.wait();
        let found = timeout(Duration::from_secs(10), system.lookup_wait::<Probe>(&label, HOUR)).await;
        assert!(found.unwrap_or_else(|_| panic!("missed in round {round}")).is_some());
        starting.await.unwrap();
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn a_lookup_may_wait_for_ever() {
    let system = System::local();
    let waiting = system.clone();
    let found = tokio::spawn(async move { waiting.lookup_wait::<Probe>("probe", Duration::MAX).await });
    yield_now().await;
    let probe = system.start("probe", Probe, vec![]);
    assert_eq!(found.await.unwrap().unwrap().id(), probe.id());
}
