//! How actors end, and what becomes of messages then.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, ActorRef, Delivery, StartError, StopReason, WaitError};
use tokio::task::yield_now;

use super::assert_stopped;
use crate::actors::{Gate, GateExt, Latch, Probe, ProbeExt};

#[tokio::test]
async fn a_panic_ends_its_actor_and_nothing_else() {
    let system = System::local();
    let (probe, neighbour) = (system.start("probe", Probe, vec![]), system.start("neighbour", Probe, vec![]));
    let error = probe.boom().await.unwrap_err();
    assert!(matches!(error, SendError::Panicked), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Handled);
    probe.closed().await;
    assert_stopped(probe.echo(1).await);
    assert!(system.lookup::<Probe>("probe").is_none());
    assert_eq!(neighbour.echo(2).await.unwrap(), 2);
    assert_eq!(system.start("probe", Probe, vec![]).echo(3).await.unwrap(), 3);
}

#[tokio::test]
async fn what_is_queued_at_a_stop_is_refused_and_what_is_handled_is_finished() {
    let system = System::local();
    let latch = Latch::closed();
    let gate = system.start("gate", Gate, latch.clone());
    let handled = tokio::spawn(gate.pass(1));
    yield_now().await;
    let queued: Vec<_> = (2..6).map(|n| tokio::spawn(gate.pass(n))).collect();
    yield_now().await;
    assert!(system.stop("gate"));
    for ask in queued {
        assert_stopped(ask.await.unwrap());
    }
    latch.permits.add_permits(1);
    assert_eq!(handled.await.unwrap().unwrap(), 1);
    gate.closed().await;
    assert_stopped(gate.pass(7).tell().await);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_the_handler_of_an_actor_stopped_before() {
    let system = System::local();
    let latch = Latch::closed();
    let gate = system.start("gate", Gate, latch.clone());
    let handled = tokio::spawn(gate.pass(1));
    yield_now().await;
    system.stop("gate");
    let shutdown = tokio::spawn({
        let system = system.clone();
        async move { system.shutdown().await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!shutdown.is_finished());
    latch.permits.add_permits(1);
    assert_eq!(handled.await.unwrap().unwrap(), 1);
    shutdown.await.unwrap();
}

#[tokio::test]
async fn an_ask_dropped_before_its_turn_is_not_handled() {
    let system = System::local();
    let latch = Latch::closed();
    let gate = system.start("gate", Gate, latch.clone());
    let _in_hand = tokio::spawn(gate.pass(0));
    let (dropped, kept) = (tokio::spawn(gate.pass(1)), tokio::spawn(gate.pass(2)));
    yield_now().await;
    dropped.abort();
    yield_now().await;
    latch.permits.add_permits(10);
    assert_eq!(kept.await.unwrap().unwrap(), 2);
    assert_eq!(latch.entered(), 2);
}

#[tokio::test]
async fn an_actor_that_stops_itself_finishes_the_message_in_hand() {
    let system = System::local();
    let probe = system.start("probe", Probe, vec![]);
    let (quit, behind) = tokio::join!(probe.quit(), probe.echo(1));
    assert_eq!(quit.unwrap(), 1);
    assert_stopped(behind);
    probe.closed().await;
    assert!(!system.stop("probe"));
}

/// Writes its name down when it is dropped.
struct Mourned(u8, Arc<Mutex<Vec<u8>>>);

impl Actor for Mourned {
    type State = ();
}

#[handlers(local)]
impl Mourned {
    #[handler]
    fn greet(&self) {}
}

impl Drop for Mourned {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[tokio::test]
async fn shutdown_ends_the_last_started_first_and_nothing_starts_after_it() {
    let system = System::local();
    let book = Arc::new(Mutex::new(Vec::new()));
    for name in 0..5 {
        system.start(&format!("mourned/{name}"), Mourned(name, book.clone()), ()).greet().await.unwrap();
    }
    system.shutdown().await;
    assert_eq!(*book.lock().unwrap(), [4, 3, 2, 1, 0]);
    assert!(system.labels("*").is_empty());
    let refused = system.try_start("probe", Probe, vec![], ActorOptions::default());
    assert!(matches!(refused, Err(StartError::ShutDown)), "{refused:?}");
    let error = system.start("probe", Probe, vec![]).echo(1).await.unwrap_err();
    assert!(matches!(error, SendError::NotStarted(_)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn shutdown_breaks_off_a_handler_that_never_ends() {
    let system = System::local();
    let probe = system.start("probe", Probe, vec![]);
    let hanging = tokio::spawn(probe.hang());
    yield_now().await;
    let before = tokio::time::Instant::now();
    system.shutdown().await;
    assert_eq!(before.elapsed(), Duration::from_secs(5));
    let error = hanging.await.unwrap().unwrap_err();
    assert_eq!(error.delivery(), Delivery::Handled, "{error:?}");
    assert_stopped(probe.echo(1).await);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_an_actor_that_is_over_is_told_why() {
    let system = System::local();
    let waited = async |reference: &ActorRef<Probe>| system.wait_for(reference, Duration::MAX).await;
    let panicked = system.start("panicked", Probe, vec![]);
    panicked.boom().tell().await.unwrap();
    panicked.closed().await;
    let over = WaitError::Over(StopReason::Panicked("on purpose".to_owned()));
    assert_eq!(waited(&panicked.actor_ref()).await, Err(over));
    let killed = system.start("killed", Probe, vec![]);
    killed.control().kill(); // off the books at once, and over in a moment
    assert_eq!(waited(&killed.actor_ref()).await, Err(WaitError::Over(StopReason::Killed)));
    let refused = system.prepare::<Probe>("never", ActorOptions::default()).unwrap().endpoint();
    assert_eq!(waited(&refused.actor_ref()).await, Err(WaitError::Over(StopReason::NeverExisted)));
}
