//! Many asks at a time: how many are answered in a second, and how many bytes that is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::cost::Cost;
use super::tally::{Share, Tally};
use super::workload::Load;
use super::{ANSWER_MAX, Child, Client, Workload};
use crate::{Figure, Options};

pub(super) async fn measure<C: Client>(
    server: &Child,
    actors: Vec<C::Actor>,
    load: Load,
    options: &Options<Workload>,
) -> Result<Vec<Figure>> {
    let actors: Arc<[C::Actor]> = actors.into();
    let (cold, _) = phase::<C>(&actors, load, options.warm_up()).await?;
    let cost = Cost::now(server)?;
    let (mut tally, took) = phase::<C>(&actors, load, options.time).await?;
    let rate = tally.arrived as f64 / took.as_secs_f64();
    let mut figures = vec![("rate", rate), ("bytes_rate", rate * load.bytes as f64)];
    figures.extend(cost.since(server, tally.arrived)?);
    tally.add_failures(cold);
    figures.push(tally.figure());
    Ok(figures)
}

/// How the asks ended, and how long it took until the last one did.
async fn phase<C: Client>(actors: &Arc<[C::Actor]>, load: Load, time: Duration) -> Result<(Tally, Duration)> {
    // No clock among the asks: at a microsecond each it would be seen.
    let is_over = Arc::new(AtomicBool::new(false));
    let payload = Bytes::from(vec![7; load.bytes]);
    let all = Arc::new(Mutex::new(Tally::default()));
    let begun = Instant::now();
    let mut askers = JoinSet::new();
    for asker in 0..load.in_flight {
        let ask = ask_until::<C>(actors.clone(), asker, payload.clone(), is_over.clone(), Share::of(&all));
        askers.spawn(ask);
    }
    tokio::time::sleep(time).await; // tidy: sleep it is what is measured by
    is_over.store(true, Ordering::Relaxed);
    let mut took = begun.elapsed();
    let end = Instant::now() + ANSWER_MAX;
    while let Ok(Some(ended)) = timeout_at(end, askers.join_next()).await {
        ended.context("an asker panicked")?;
        took = begun.elapsed();
    }
    let unanswered = askers.len();
    askers.shutdown().await;
    let mut tally = std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
    if unanswered > 0 {
        tally.fail(unanswered as u64, anyhow!("no answer within {} s", ANSWER_MAX.as_secs()));
    }
    Ok((tally, took))
}

async fn ask_until<C: Client>(
    actors: Arc<[C::Actor]>,
    first: usize,
    payload: Bytes,
    is_over: Arc<AtomicBool>,
    mut share: Share,
) {
    let mut place = first;
    while !is_over.load(Ordering::Relaxed) && share.own().has_hope() {
        let answer = C::ask(&actors[place % actors.len()], payload.clone()).await;
        share.own().count(answer);
        place += STRIDE;
    }
}

/// From an actor to the next; without a factor in common with a thousand.
const STRIDE: usize = 31;
