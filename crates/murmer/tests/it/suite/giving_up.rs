//! What is left behind by those who stop waiting: nothing.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use murmer::prelude::*;

use super::bed::{Bed, World, found, found_of_type};
use crate::actors::{Gate, GateExt, Latch, Probe, Riddle};
use crate::wait::{eventually, until};

pub(super) async fn an_ask_dropped_before_its_turn_is_not_handled(bed: &mut Bed<impl World>) {
    let (gate, latch, _nodes) = busy_gate(bed).await;
    let mut dropped = Box::pin(gate.pass(1).into_future());
    assert!(dropped.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let kept = tokio::spawn(gate.pass(2));
    arrived(&gate).await;
    drop(dropped);
    arrived(&gate).await;
    latch.permits.add_permits(10);
    assert_eq!(kept.await.unwrap().unwrap(), 2);
    assert_eq!(latch.entered(), 2, "the one in hand, and the one kept");
}

pub(super) async fn an_ask_whose_time_is_over_before_its_turn_is_not_handled(bed: &mut Bed<impl World>) {
    let (gate, latch, _nodes) = busy_gate(bed).await;
    let error = gate.pass(1).timeout(Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { .. }), "{error:?}");
    arrived(&gate).await;
    latch.permits.add_permits(10);
    assert_eq!(gate.pass(2).await.unwrap(), 2);
    assert_eq!(latch.entered(), 2, "the one in hand, and the one in time");
}

pub(super) async fn waiting_for_an_end_in_vain_leaves_nothing_behind(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("a", Probe, vec![]);
    let a = found(&beta, "a").await;
    let sleeper = Arc::new(Sleeper);
    let waker = Waker::from(sleeper.clone());
    for _ in 0..100 {
        assert!(pin!(a.closed()).poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&sleeper), 1);
}

pub(super) async fn a_join_that_is_given_up_frees_its_address(bed: &mut Bed<impl World>) {
    let config = bed.config("beta", &["alpha"]).join_wait(Duration::from_secs(600));
    let joining = bed.start("beta", config);
    assert!(tokio::time::timeout(Duration::from_millis(500), joining).await.is_err(), "nobody is there");
    eventually("the address is free again", Duration::from_secs(5), async || {
        let config = bed.config("beta", &[]);
        bed.start("beta", config).await.ok()
    })
    .await;
}

struct Sleeper;

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {}
}

/// A gate seen from another node, with a message in hand.
async fn busy_gate(bed: &mut Bed<impl World>) -> (Endpoint<Gate>, Arc<Latch>, [System; 2]) {
    let (alpha, beta) = bed.pair().await;
    let latch = Latch::closed();
    alpha.start("gate", Gate, latch.clone());
    let gate = found_of_type::<Gate>(&beta, "gate").await;
    tokio::spawn(gate.pass(0));
    until("it is handled", Duration::from_secs(5), || latch.entered() == 1).await;
    (gate, latch, [alpha, beta])
}

/// Until all that was sent through `gate` before has arrived. One stream carries it in order, and at its
/// end the question that can't be read is refused without waiting for the actor.
async fn arrived(gate: &Endpoint<Gate>) {
    let error = gate.solve(Riddle).await.unwrap_err();
    assert!(matches!(error, SendError::SchemaMismatch { .. }), "{error:?}");
}
