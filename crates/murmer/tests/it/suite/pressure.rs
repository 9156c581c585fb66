//! Actors that take nothing, and those beside them.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Delivery};
use tokio::time::Instant;

use super::bed::{Bed, World, found, found_of_type};
use crate::actors::{Clerk, ClerkExt, Gate, GateExt, Latch, Probe, ProbeExt};
use crate::wait::eventually;

pub(super) async fn a_stuck_actor_makes_its_senders_wait_and_nobody_else(bed: &mut Bed<impl World>) {
    let alpha = bed.node("alpha", &[]).await;
    let wait = Duration::from_secs(1);
    let config = bed.config("beta", &["alpha"]).mailbox_wait(wait);
    let beta = bed.start("beta", config).await.unwrap();
    alpha.try_start("stuck", Probe, vec![], ActorOptions::default().mailbox(1)).unwrap();
    alpha.start("quick", Probe, vec![]);
    let (stuck, quick) = (found(&beta, "stuck").await, found(&beta, "quick").await);
    stuck.hang().tell().await.unwrap();
    let mut sent = 0;
    let (error, waited) = loop {
        let before = Instant::now();
        match stuck.weigh(vec![0; 32 << 10]).tell().await {
            Ok(()) => sent += 1,
            Err(error) => break (error, before.elapsed()),
        }
        assert!(sent < 64, "every buffer on the way is bounded");
    };
    assert!(matches!(error, SendError::Overloaded { waited } if waited == wait), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
    assert!(waited >= wait && waited < 2 * wait, "{waited:?}");
    for n in 0..100 {
        assert_eq!(quick.echo(n).timeout(Duration::from_secs(1)).await.unwrap(), n);
    }
}

pub(super) async fn what_a_mailbox_does_not_take_for_five_seconds_is_turned_away(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let latch = Latch::closed();
    alpha.try_start("gate", Gate, latch.clone(), ActorOptions::default().mailbox(2)).unwrap();
    let gate = found_of_type::<Gate>(&beta, "gate").await;
    gate.pass(1).tell().await.unwrap();
    let before = Instant::now();
    let (taken, waiting, unread) = tokio::join!(gate.pass(2), gate.pass(3), gate.pass(4));
    // It is in the mailbox: it will be handled, but its answer has no way back any more.
    assert_eq!(taken.unwrap_err().delivery(), Delivery::Maybe);
    for error in [waiting.unwrap_err(), unread.unwrap_err()] {
        assert_eq!(error.delivery(), Delivery::Never);
        let SendError::Overloaded { waited } = error else { panic!("{error:?}") };
        assert!(waited >= Duration::from_millis(4_900) && waited < Duration::from_secs(8), "{waited:?}");
    }
    assert!(before.elapsed() < Duration::from_secs(8), "{:?}", before.elapsed());
    // What comes later goes another way, behind what is there; what was turned away never comes.
    latch.permits.add_permits(10);
    assert_eq!(gate.pass(5).await.unwrap(), 5);
    assert_eq!(latch.entered(), 3);
}

pub(super) async fn answers_that_are_kept_for_later_hold_up_no_other_message(bed: &mut Bed<impl World>) {
    // Far more than may wait for their turn while nothing is known of their answers.
    const KEPT: usize = 100;
    let (alpha, beta) = bed.pair().await;
    alpha.start("clerk", Clerk, vec![]);
    let clerk = found_of_type::<Clerk>(&beta, "clerk").await;
    let waiting: Vec<_> = (0..KEPT as u64).map(|n| tokio::spawn(clerk.wait(n).into_future())).collect();
    eventually("all of them are there", SOON, async || {
        (clerk.wanted().timeout(SOON).await.unwrap() == KEPT).then_some(())
    })
    .await;
    assert_eq!(clerk.release().await.unwrap(), KEPT);
    for (n, answer) in (0..).zip(waiting) {
        assert_eq!(answer.await.unwrap().unwrap(), n);
    }
}

/// A second, were the machine not busy with other tests.
const SOON: Duration = Duration::from_secs(5);
