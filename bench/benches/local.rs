//! murmer beside bare channels, for those who change the core and want to see what that did.
//!
//! Both run in one process here, so they share one build of tokio; the program in `src` doesn't, and
//! has the peers as well.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench_harness::Subject;
use bench_murmer::Murmer;
use bench_raw::{Answerers, Counters, Map};
use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};

criterion_group!(local, tell, tell8, ask, lookup);
criterion_main!(local);

fn tell(criterion: &mut Criterion) {
    let mut group = messages(criterion, "tell");
    group.bench_function("raw", |bencher| bencher.iter_custom(|iters| time(tells::<Counters>(1, iters))));
    group.bench_function("murmer", |bencher| bencher.iter_custom(|iters| time(tells::<Murmer>(1, iters))));
}

fn tell8(criterion: &mut Criterion) {
    let mut group = messages(criterion, "tell8");
    group.bench_function("raw", |bencher| bencher.iter_custom(|iters| time(tells::<Counters>(8, iters))));
    group.bench_function("murmer", |bencher| bencher.iter_custom(|iters| time(tells::<Murmer>(8, iters))));
}

fn ask(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ask");
    group.bench_function("raw", |bencher| bencher.iter_custom(|iters| time(asks::<Answerers>(iters))));
    group.bench_function("murmer", |bencher| bencher.iter_custom(|iters| time(asks::<Murmer>(iters))));
}

fn lookup(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lookup");
    group.bench_function("raw", |bencher| bencher.iter_custom(|iters| time(lookups::<Map>(iters))));
    group.bench_function("murmer", |bencher| bencher.iter_custom(|iters| time(lookups::<Murmer>(iters))));
}

/// A thousand messages are one iteration: alone they are too short to be timed.
fn messages<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(BATCH_MESSAGES));
    group
}

/// A workload that can't be run has no time; criterion has no way to be told.
fn time(workload: impl Future<Output = Result<Duration>> + Send + 'static) -> Duration {
    Murmer::block_on(workload).expect("the workload failed, and with it the measurement")
}

async fn tells<S: Subject>(senders: u64, iters: u64) -> Result<Duration> {
    let actor = S::new()?.start("counter").await?;
    let begun = Instant::now();
    let tasks: Vec<_> = (0..senders)
        .map(|sender| {
            let actor = actor.clone();
            // What doesn't divide by the senders is the first one's.
            let all = iters * BATCH_MESSAGES;
            let own = all / senders + if sender == 0 { all % senders } else { 0 };
            tokio::spawn(async move {
                for _ in 0..own {
                    S::tell(&actor, 1).await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    S::total(actor).await?;
    Ok(begun.elapsed())
}

async fn asks<S: Subject>(iters: u64) -> Result<Duration> {
    let actor = S::new()?.start("answerer").await?;
    let begun = Instant::now();
    for _ in 0..iters {
        S::ask(&actor).await?;
    }
    Ok(begun.elapsed())
}

async fn lookups<S: Subject>(iters: u64) -> Result<Duration> {
    let subject = S::new()?;
    let labels: Vec<String> = (0..LABELS).map(|number| format!("actor/{number:07}")).collect();
    let mut actors = Vec::with_capacity(labels.len());
    for label in &labels {
        actors.push(subject.start(label).await?);
    }
    let mut place = 0;
    let begun = Instant::now();
    for _ in 0..iters {
        std::hint::black_box(subject.find(&labels[place])?);
        place = (place + STRIDE) % LABELS;
    }
    Ok(begun.elapsed())
}

const BATCH_MESSAGES: u64 = 1_000;
const LABELS: usize = 10_000;
/// Without a factor in common with the labels: all are visited, in no order that memory has.
const STRIDE: usize = 7_919;
