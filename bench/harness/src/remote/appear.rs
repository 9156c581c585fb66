//! Actors are started on the server while the client waits: when are all found, and do all answer?

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use tokio::time::timeout;

use super::subject::{find, label};
use super::tally::{Share, Tally};
use super::{ANSWER_MAX, Child, Client, MESSAGE_BYTES, Network};
use crate::Figure;

pub(super) async fn measure<C: Client>(
    server: &mut Child,
    actors: usize,
    network: Network,
) -> Result<Vec<Figure>> {
    let client = Arc::new(C::connect(server.addr(), network).await?);
    let all = Arc::new(Mutex::new(Tally::default()));
    let begun = Instant::now();
    server.order_actors(actors)?;
    let seekers: Vec<_> = (0..SEEKERS)
        .map(|seeker| tokio::spawn(seek_and_ask(client.clone(), seeker, actors, Share::of(&all))))
        .collect();
    let mut last = begun;
    for seeker in seekers {
        last = last.max(seeker.await.context("a seeker panicked")?.unwrap_or(begun));
    }
    let tally = std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
    let answered = tally.arrived as f64;
    Ok(vec![("all_s", (last - begun).as_secs_f64()), ("answered", answered), tally.figure()])
}

/// When the last answer came, if one did.
async fn seek_and_ask<C: Client>(
    client: Arc<C>,
    seeker: usize,
    actors: usize,
    mut share: Share,
) -> Option<Instant> {
    let payload = Bytes::from(vec![7; MESSAGE_BYTES]);
    let mut last = None;
    for number in (seeker..actors).step_by(SEEKERS) {
        // The rest would take hours to fail one by one, and is to be counted all the same.
        let limit = if share.own().failed == 0 { ANSWER_MAX } else { NEXT_ANSWER_MAX };
        let outcome = async {
            let label = label(number);
            let actor = timeout(limit, find(&*client, &label)).await;
            let actor = actor.with_context(|| format!("{label} didn't appear"))??;
            timeout(limit, C::ask(&actor, payload.clone())).await.context("no answer")?
        };
        let outcome = outcome.await;
        if outcome.is_ok() {
            last = Some(Instant::now());
        }
        share.own().count(outcome);
    }
    last
}

/// Tasks that look for a share each.
const SEEKERS: usize = 512;
/// How long those wait that have waited in vain.
const NEXT_ANSWER_MAX: Duration = Duration::from_millis(500);
