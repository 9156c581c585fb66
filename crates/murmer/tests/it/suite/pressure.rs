//! Actors that take nothing, and those beside them.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Delivery};
use tokio::time::Instant;

use super::bed::{Bed, World, found};
use crate::actors::{Probe, ProbeExt};

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
