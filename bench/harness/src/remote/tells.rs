//! Tells: how many messages a second get to one actor and are counted there.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use bytes::Bytes;

use super::cost::Cost;
use super::tally::Tally;
use super::{Child, Client, MESSAGE_BYTES, Workload, within};
use crate::subject::BREATH;
use crate::{Figure, Options};

pub(super) async fn measure<C: Client>(
    server: &Child,
    actors: Vec<C::Actor>,
    options: &Options<Workload>,
) -> Result<Vec<Figure>> {
    let actor = actors.into_iter().next().context("no actor")?;
    let (cold, _) = within(options.warm_up(), phase::<C>(actor.clone(), options.warm_up())).await?;
    let cost = Cost::now(server)?;
    let (mut tally, took) = within(options.time, phase::<C>(actor, options.time)).await?;
    let mut figures = vec![("rate", tally.arrived as f64 / took.as_secs_f64())];
    figures.extend(cost.since(server, tally.arrived)?);
    tally.add_failures(cold);
    figures.push(tally.figure());
    Ok(figures)
}

/// What was counted and what wasn't, and how long it took until the last one was.
async fn phase<C: Client>(actor: C::Actor, time: Duration) -> Result<(Tally, Duration)> {
    let payload = Bytes::from(vec![7; MESSAGE_BYTES]);
    let before = C::ask(&actor, payload.clone()).await?;
    let begun = Instant::now();
    let mut told = Tally::default();
    while begun.elapsed() < time && told.has_hope() {
        for _ in 0..MESSAGES_PER_LOOK {
            told.count(C::tell(&actor, payload.clone()).await);
            if !C::IS_BOUNDED && told.arrived % BREATH == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
    C::flush(&actor).await?;
    // Messages to one actor stay in order, so this one comes last.
    let counted = C::ask(&actor, payload).await? - before - 1;
    let took = begun.elapsed();
    let sent = told.arrived;
    ensure!(counted <= sent, "{sent} told, {counted} counted");
    if counted < sent {
        told.fail(sent - counted, anyhow!("{sent} told, {counted} counted"));
    }
    told.arrived = counted;
    Ok((told, took))
}

const MESSAGES_PER_LOOK: u64 = 1_024;
