//! One ask at a time: how long an answer takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;

use super::cost::Cost;
use super::tally::Tally;
use super::{Child, Client, MESSAGE_BYTES, Workload, within};
use crate::{Figure, Options};

pub(super) async fn measure<C: Client>(
    server: &Child,
    actors: Vec<C::Actor>,
    options: &Options<Workload>,
) -> Result<Vec<Figure>> {
    let actor = actors.into_iter().next().context("no actor")?;
    let (_, cold) = within(options.warm_up(), spans_ns::<C>(actor.clone(), options.warm_up())).await?;
    let cost = Cost::now(server)?;
    let (mut spans, mut tally) = within(options.time, spans_ns::<C>(actor, options.time)).await?;
    let costs = cost.since(server, tally.arrived)?;
    spans.sort_unstable();
    let at = |part: f64| spans[((spans.len() - 1) as f64 * part) as usize] as f64;
    let mut figures = vec![("p50_ns", at(0.5)), ("p99_ns", at(0.99))];
    figures.extend(costs);
    tally.add_failures(cold);
    figures.push(tally.figure());
    Ok(figures)
}

/// Never none. What failed has no span.
async fn spans_ns<C: Client>(actor: C::Actor, time: Duration) -> Result<(Vec<u64>, Tally)> {
    let payload = Bytes::from(vec![7; MESSAGE_BYTES]);
    let (mut spans, mut tally) = (Vec::new(), Tally::default());
    let mut last = Instant::now();
    let end = last + time;
    while last < end && tally.has_hope() {
        let answer = C::ask(&actor, payload.clone()).await;
        let now = Instant::now();
        if answer.is_ok() {
            spans.push((now - last).as_nanos() as u64);
        }
        tally.count(answer);
        last = now;
    }
    if spans.is_empty() {
        return Err(tally.into_why());
    }
    Ok((spans, tally))
}
