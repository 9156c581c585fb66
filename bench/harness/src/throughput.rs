//! Tells: how many numbers a second get from senders to one actor and are added up there.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::subject::BREATH;
use crate::{Figure, Options, Subject};

pub(crate) async fn measure<S: Subject>(
    subject: &S,
    senders: usize,
    options: &Options,
) -> Result<Vec<Figure>> {
    // An actor of its own, since the sum is what ends it in some subjects.
    phase::<S>(subject.start("warm-up").await?, senders, options.warm_up()).await?;
    let rate = phase::<S>(subject.start("counter").await?, senders, options.time).await?;
    Ok(vec![("rate", rate)])
}

/// Messages a second, until the last one has been handled.
async fn phase<S: Subject>(actor: S::Actor, senders: usize, time: Duration) -> Result<f64> {
    let begun = Instant::now();
    let end = begun + time;
    let tasks: Vec<_> = (0..senders).map(|_| tokio::spawn(send_until::<S>(actor.clone(), end))).collect();
    let mut sent = 0;
    for task in tasks {
        sent += task.await.context("a sender panicked")??;
    }
    let total = S::total(actor).await?;
    let took = begun.elapsed();
    ensure!(total == sent, "{sent} sent, {total} arrived");
    Ok(sent as f64 / took.as_secs_f64())
}

async fn send_until<S: Subject>(actor: S::Actor, end: Instant) -> Result<u64> {
    let mut sent = 0;
    while Instant::now() < end {
        for _ in 0..MESSAGES_PER_LOOK {
            S::tell(&actor, 1).await?;
            sent += 1;
            if !S::IS_BOUNDED && sent % BREATH == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(sent)
}

/// Messages between two looks at the clock, which costs as much as a message.
const MESSAGES_PER_LOOK: u64 = 1_024;
