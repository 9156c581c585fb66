//! Loads a cluster for a long time, breaks something every ten seconds, and counts broken promises.
//!
//! `cargo run --release -p bench-soak -- --minutes 20 --seed 1`: three nodes of one process over real QUIC, on a
//! network that can lose, delay and cut. Ends with 1 if a promise was broken.

mod book;
mod cluster;
mod faults;
mod ledger;
mod load;
mod memory;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use self::book::Book;
use self::cluster::Cluster;
use self::faults::Faults;
use self::load::Load;

fn main() -> ExitCode {
    match options().and_then(run) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            say(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

struct Options {
    minutes: f64,
    seed: u64,
}

fn options() -> Result<Options> {
    use lexopt::prelude::*;
    let mut options = Options { minutes: 20.0, seed: 1 };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("minutes") => options.minutes = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            other => bail!("{}; there are --minutes N and --seed N", other.unexpected()),
        }
    }
    ensure!((0.1..=10_000.0).contains(&options.minutes), "--minutes must be 0.1 to 10,000");
    Ok(options)
}

/// How many promises were broken.
fn run(options: Options) -> Result<usize> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(soak(&options))
}

async fn soak(options: &Options) -> Result<usize> {
    let book = Arc::new(Book::default());
    let mut cluster = Cluster::start(options.seed, &book).await.context("the nodes didn't come together")?;
    let mut faults = Faults::new(options.seed);
    let load = Load::start(cluster.client(), &book);
    let begun = Instant::now();
    let mut settled = None;
    say("   time  memory   asks ok    never    maybe     tells    items  broken  fault");
    while begun.elapsed().as_secs_f64() < options.minutes * 60.0 {
        let until = Instant::now() + FAULT_EVERY;
        let fault = faults.next();
        cluster.suffer(fault, &book).await.with_context(|| format!("after {fault}"))?;
        tokio::time::sleep_until(until.into()).await;
        book.judge(Instant::now());
        let (seconds, memory) = (begun.elapsed().as_secs(), memory::resident_bytes()?);
        if begun.elapsed() > SETTLED_AFTER {
            settled.get_or_insert(memory);
        }
        let memory = memory >> 20;
        say(format_args!("{seconds:6} s {memory:4} MiB  {}  {fault}", book.line()));
    }
    cluster.heal();
    load.stop().await?;
    tokio::time::sleep(book::JUDGED_AFTER).await; // tidy: sleep late handlers have that long
    book.judge(Instant::now() + book::JUDGED_AFTER);
    cluster.stop().await;
    book.judge_the_rest();
    let growth = memory::resident_bytes()? as f64 / settled.unwrap_or(u64::MAX) as f64;
    if growth > GROWTH_MAX {
        book.violated(format!("memory grew {growth:.2} times after the first {SETTLED_AFTER:?}"));
    }
    let broken = book.broken();
    for what in &broken {
        say(format_args!("broken: {what}"));
    }
    say(format_args!("{}: {}", if broken.is_empty() { "kept" } else { "NOT KEPT" }, book.line()));
    Ok(broken.len())
}

/// Not with `println!`, which panics once nobody reads.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// When all there is has been used once.
const SETTLED_AFTER: Duration = Duration::from_secs(300);
/// How much larger the process may be at the end than then.
const GROWTH_MAX: f64 = 1.3;
const FAULT_EVERY: Duration = Duration::from_secs(10);
