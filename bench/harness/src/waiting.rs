//! Asks, one after the other: how long an answer takes.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{Figure, Options, Subject};

pub(crate) async fn measure<S: Subject>(subject: &S, options: &Options) -> Result<Vec<Figure>> {
    let actor = subject.start("answerer").await?;
    mean_ns::<S>(&actor, options.warm_up()).await?;
    let mean = mean_ns::<S>(&actor, options.time).await?;
    let median = median_ns::<S>(&actor, options.time / 2).await?;
    Ok(vec![("mean_ns", mean), ("p50_ns", median)])
}

/// Without a clock between the asks: it would be part of what it measures.
async fn mean_ns<S: Subject>(actor: &S::Actor, time: Duration) -> Result<f64> {
    let begun = Instant::now();
    let mut asks = 0_u64;
    while begun.elapsed() < time {
        for _ in 0..ASKS_PER_LOOK {
            S::ask(actor).await?;
        }
        asks += ASKS_PER_LOOK;
    }
    Ok(begun.elapsed().as_nanos() as f64 / asks as f64)
}

/// Includes one look at the clock.
async fn median_ns<S: Subject>(actor: &S::Actor, time: Duration) -> Result<f64> {
    let end = Instant::now() + time;
    let mut spans: Vec<u64> = Vec::with_capacity(SPANS_MAX);
    let mut last = Instant::now();
    while last < end && spans.len() < SPANS_MAX {
        S::ask(actor).await?;
        let now = Instant::now();
        spans.push((now - last).as_nanos() as u64);
        last = now;
    }
    let middle = spans.len() / 2;
    Ok(*spans.select_nth_unstable(middle).1 as f64)
}

const ASKS_PER_LOOK: u64 = 256;
/// 32 MiB of them.
const SPANS_MAX: usize = 4 << 20;
