//! Actors that do nothing: how soon they are there, what they weigh, how long it takes to find one.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::process::Process;
use crate::{Figure, Options, Subject};

pub(crate) async fn measure<S: Subject>(subject: &S, options: &Options) -> Result<Vec<Figure>> {
    let before = Process::this().resident_bytes()?;
    let begun = Instant::now();
    let actors = start_all(subject, options.actors).await?;
    S::ask(actors.last().context("no actors")?).await?;
    let took = begun.elapsed();
    // The last one has answered, but another worker may still owe some their first poll.
    tokio::time::sleep(SETTLE).await; // tidy: sleep nobody tells when a runtime has nothing left to do
    // The handles are the workload's, not the actors'.
    let handles = actors.len() * size_of::<S::Actor>();
    let bytes = Process::this().resident_bytes()?.saturating_sub(before + handles);
    Ok(vec![("bytes", bytes as f64 / actors.len() as f64), ("start_s", took.as_secs_f64())])
}

pub(crate) async fn measure_lookup<S: Subject>(subject: &S, options: &Options) -> Result<Vec<Figure>> {
    // Asked first: a subject without labels needn't start a hundred thousand actors to say so.
    subject.find("nobody")?;
    let _actors = start_all(subject, options.actors).await?;
    tokio::time::sleep(SETTLE).await; // tidy: sleep nobody tells when a runtime has nothing left to do
    // Written in the order in which they are used: reading them is cheap, what they lead to isn't.
    let labels: Vec<String> = shuffled(options.actors).map(label).collect();
    let mut labels = labels.iter().cycle();
    find_for(subject, &mut labels, options.warm_up())?;
    Ok(vec![("find_ns", find_for(subject, &mut labels, options.time)?)])
}

async fn start_all<S: Subject>(subject: &S, actors: usize) -> Result<Vec<S::Actor>> {
    let mut started = Vec::with_capacity(actors);
    for number in 0..actors {
        started.push(subject.start(&label(number)).await?);
    }
    Ok(started)
}

fn find_for<'l, S: Subject>(
    subject: &S,
    labels: &mut impl Iterator<Item = &'l String>,
    time: Duration,
) -> Result<f64> {
    let begun = Instant::now();
    let (mut looked_up, mut found) = (0_u64, 0_u64);
    while begun.elapsed() < time {
        for label in labels.by_ref().take(LABELS_PER_LOOK) {
            found += u64::from(subject.find(label)?);
            looked_up += 1;
        }
    }
    let took = begun.elapsed();
    ensure!(found == looked_up, "{looked_up} looked up, {found} found");
    Ok(took.as_nanos() as f64 / looked_up as f64)
}

fn label(number: usize) -> String {
    format!("actor/{number:07}")
}

/// All numbers below `count`, each once, in an order that no prefetcher guesses and every run repeats.
fn shuffled(count: usize) -> impl Iterator<Item = usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for at in (1..count).rev() {
        // xorshift64: Marsaglia, "Xorshift RNGs" (2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        numbers.swap(at, (state % (at as u64 + 1)) as usize);
    }
    numbers.into_iter()
}

const LABELS_PER_LOOK: usize = 256;
const SETTLE: Duration = Duration::from_millis(300);
