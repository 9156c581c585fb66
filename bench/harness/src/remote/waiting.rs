//! One ask at a time: how long an answer takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;

use super::{Client, MESSAGE_BYTES, Workload};
use crate::{Figure, Options};

pub(super) async fn measure<C: Client>(
    actors: Vec<C::Actor>,
    options: &Options<Workload>,
) -> Result<Vec<Figure>> {
    let actor = actors.first().context("no actor")?;
    spans_ns::<C>(actor, options.warm_up()).await?;
    let mut spans = spans_ns::<C>(actor, options.time).await?;
    spans.sort_unstable();
    let at = |part: f64| spans[((spans.len() - 1) as f64 * part) as usize] as f64;
    Ok(vec![("p50_ns", at(0.5)), ("p99_ns", at(0.99))])
}

/// Never none.
async fn spans_ns<C: Client>(actor: &C::Actor, time: Duration) -> Result<Vec<u64>> {
    let payload = Bytes::from(vec![7; MESSAGE_BYTES]);
    let mut last = Instant::now();
    let end = last + time;
    let mut spans = Vec::new();
    loop {
        C::ask(actor, payload.clone()).await?;
        let now = Instant::now();
        spans.push((now - last).as_nanos() as u64);
        last = now;
        if now >= end {
            return Ok(spans);
        }
    }
}
