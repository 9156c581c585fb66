//! Actors are started on the server while the client waits: when are all found, and do all answer?

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;

use super::subject::{find, label};
use super::{Child, Client, MESSAGE_BYTES};
use crate::Figure;

pub(super) async fn measure<C: Client>(server: &mut Child, actors: usize) -> Result<Vec<Figure>> {
    let client = Arc::new(C::connect(server.addr()).await?);
    let begun = Instant::now();
    server.order_actors(actors)?;
    let seekers: Vec<_> =
        (0..SEEKERS).map(|seeker| tokio::spawn(seek_and_ask(client.clone(), seeker, actors))).collect();
    let mut answered = 0_u64;
    let mut failure = None;
    for seeker in seekers {
        let (some, error) = seeker.await.context("a seeker panicked")?;
        answered += some;
        failure = failure.or(error);
    }
    let took = begun.elapsed();
    if let Some(error) = failure {
        eprintln!("{answered} of {actors} answered: {error:#}");
    }
    Ok(vec![("all_s", took.as_secs_f64()), ("answered", answered as f64)])
}

/// How many answered, and the first reason why one didn't.
async fn seek_and_ask<C: Client>(
    client: Arc<C>,
    seeker: usize,
    actors: usize,
) -> (u64, Option<anyhow::Error>) {
    let payload = Bytes::from(vec![7; MESSAGE_BYTES]);
    let (mut answered, mut failure) = (0, None);
    for number in (seeker..actors).step_by(SEEKERS) {
        let answer = async {
            let actor = find(&*client, &label(number)).await?;
            C::ask(&actor, payload.clone()).await
        };
        match tokio::time::timeout(ANSWER_MAX, answer).await {
            Ok(Ok(_)) => answered += 1,
            Ok(Err(error)) => failure = failure.or(Some(error)),
            Err(_) => failure = failure.or(Some(anyhow::anyhow!("no answer"))),
        }
        if failure.is_some() {
            // The rest would take hours to fail one by one.
            break;
        }
    }
    (answered, failure)
}

/// Tasks that look for a share each.
const SEEKERS: usize = 512;
const ANSWER_MAX: Duration = Duration::from_secs(20);
