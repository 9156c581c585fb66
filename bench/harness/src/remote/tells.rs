//! Tells: how many messages a second get to one actor and are counted there.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;

use super::cpu::Cpu;
use super::{Child, Client, MESSAGE_BYTES, Workload};
use crate::subject::BREATH;
use crate::{Figure, Options};

pub(super) async fn measure<C: Client>(
    server: &Child,
    actors: Vec<C::Actor>,
    options: &Options<Workload>,
) -> Result<Vec<Figure>> {
    let actor = actors.first().context("no actor")?;
    phase::<C>(actor, options.warm_up()).await?;
    let cpu = Cpu::now(server)?;
    let (told, took) = phase::<C>(actor, options.time).await?;
    let mut figures = vec![("rate", told as f64 / took.as_secs_f64())];
    figures.extend(cpu.since(server, told)?);
    Ok(figures)
}

/// Messages, and how long it took until the last one was counted.
async fn phase<C: Client>(actor: &C::Actor, time: Duration) -> Result<(u64, Duration)> {
    let payload = Bytes::from(vec![7; MESSAGE_BYTES]);
    let before = C::ask(actor, payload.clone()).await?;
    let begun = Instant::now();
    let mut told = 0;
    while begun.elapsed() < time {
        for _ in 0..MESSAGES_PER_LOOK {
            C::tell(actor, payload.clone()).await?;
            told += 1;
            if !C::IS_BOUNDED && told % BREATH == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
    // Messages to one actor stay in order, so this one comes last.
    let counted = C::ask(actor, payload).await? - before - 1;
    let took = begun.elapsed();
    ensure!(counted == told, "{told} told, {counted} counted");
    Ok((told, took))
}

const MESSAGES_PER_LOOK: u64 = 1_024;
