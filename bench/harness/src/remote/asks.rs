//! Many asks at a time: how many are answered in a second, and how many bytes that is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;

use super::cpu::Cpu;
use super::workload::Load;
use super::{Child, Client, Workload};
use crate::{Figure, Options};

pub(super) async fn measure<C: Client>(
    server: &Child,
    actors: Vec<C::Actor>,
    load: Load,
    options: &Options<Workload>,
) -> Result<Vec<Figure>> {
    let actors: Arc<[C::Actor]> = actors.into();
    phase::<C>(&actors, load, options.warm_up()).await?;
    let cpu = Cpu::now(server)?;
    let (asks, took) = phase::<C>(&actors, load, options.time).await?;
    let rate = asks as f64 / took.as_secs_f64();
    let mut figures = vec![("rate", rate), ("bytes_rate", rate * load.bytes as f64)];
    figures.extend(cpu.since(server, asks)?);
    Ok(figures)
}

/// Asks that were answered, and how long that took.
async fn phase<C: Client>(actors: &Arc<[C::Actor]>, load: Load, time: Duration) -> Result<(u64, Duration)> {
    // No clock among the asks: at a microsecond each it would be seen.
    let is_over = Arc::new(AtomicBool::new(false));
    let payload = Bytes::from(vec![7; load.bytes]);
    let begun = Instant::now();
    let askers: Vec<_> = (0..load.in_flight)
        .map(|asker| tokio::spawn(ask_until::<C>(actors.clone(), asker, payload.clone(), is_over.clone())))
        .collect();
    tokio::time::sleep(time).await; // tidy: sleep it is what is measured by
    is_over.store(true, Ordering::Relaxed);
    let mut asks = 0;
    for asker in askers {
        asks += asker.await.context("an asker panicked")??;
    }
    Ok((asks, begun.elapsed()))
}

async fn ask_until<C: Client>(
    actors: Arc<[C::Actor]>,
    first: usize,
    payload: Bytes,
    is_over: Arc<AtomicBool>,
) -> Result<u64> {
    let (mut asks, mut place) = (0, first);
    while !is_over.load(Ordering::Relaxed) {
        C::ask(&actors[place % actors.len()], payload.clone()).await?;
        asks += 1;
        place += STRIDE;
    }
    Ok(asks)
}

/// From an actor to the next; without a factor in common with a thousand.
const STRIDE: usize = 31;
