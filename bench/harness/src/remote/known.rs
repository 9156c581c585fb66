//! What an actor on another node weighs for those who know it, and for its host because it is known.
//!
//! The actors themselves aren't part of it: a second server, to which nobody connects, starts the same
//! ones, and its growth is taken off.

use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use tokio::time::timeout;

use super::subject::{find, label};
use super::{ANSWER_MAX, Child, Client, Network};
use crate::Figure;
use crate::process::Process;

pub(super) async fn measure<C: Client>(
    server: &mut Child,
    actors: usize,
    network: Network,
) -> Result<Vec<Figure>> {
    let mut lone = Child::start(network)?;
    // One actor each beforehand: connections, buffers and code are there, whatever the number of actors.
    lone.start_actors(1)?;
    server.start_actors(1)?;
    let client = C::connect(server.addr(), network).await?;
    C::ask(&find(&client, &label(0)).await?, Bytes::new()).await?;
    settle().await;
    let [here_before, there_before, lone_before] = resident(server, &lone)?;

    lone.start_actors(actors)?;
    server.start_actors(actors)?;
    for number in 1..=actors {
        find(&client, &label(number)).await?;
    }
    settle().await;
    let [here, there, alone] = resident(server, &lone)?;
    let own = alone - lone_before;

    for number in 1..=actors {
        let actor = find(&client, &label(number)).await?;
        timeout(ANSWER_MAX, C::ask(&actor, Bytes::new())).await.context("no answer")??;
    }
    let [here_asked, there_asked, _] = resident(server, &lone)?;
    let each = |bytes: f64| bytes / actors as f64;
    Ok(vec![
        ("here_bytes", each(here - here_before)),
        ("there_bytes", each(there - there_before - own)),
        ("here_asked_bytes", each(here_asked - here_before)),
        ("there_asked_bytes", each(there_asked - there_before - own)),
    ])
}

/// Of the client, its server, and the one nobody knows.
fn resident(server: &Child, lone: &Child) -> Result<[f64; 3]> {
    let bytes = [Process::this(), server.process(), lone.process()].map(|process| process.resident_bytes());
    let [here, there, alone] = bytes;
    Ok([here? as f64, there? as f64, alone? as f64])
}

async fn settle() {
    tokio::time::sleep(SETTLE).await; // tidy: sleep nobody tells when another process has nothing left to do
}

const SETTLE: Duration = Duration::from_millis(500);
