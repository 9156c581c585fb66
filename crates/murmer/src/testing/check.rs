//! One test, many seeds: each on a runtime, a network and a machine of its own.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use murmer_core::__private::MadeUpMachine;

use super::TestCluster;

/// Runs `test` once for each of `seeds`, each time on a cluster without nodes.
///
/// With `MURMER_SEED` in the environment only that seed is run.
///
/// # Panics
///
/// When it is called on a runtime: a plain `#[test]` is the place for it. When `test` panics, after saying for which seed and what was done to the cluster before; also when a run takes an
/// hour of its own time, which is when something waits for what never comes.
///
/// # Examples
///
/// ```
/// use murmer::testing::check;
///
/// check(1..=2, async |cluster| {
///     cluster.add("alpha", |_| {});
///     let alpha = cluster.start("alpha").await;
///     assert_eq!(alpha.node().name.as_str(), "alpha");
/// });
/// ```
pub fn check<F>(seeds: impl IntoIterator<Item = u64>, test: F)
where
    F: AsyncFn(TestCluster),
{
    let is_on_runtime = tokio::runtime::Handle::try_current().is_ok();
    assert!(
        !is_on_runtime,
        "check makes a runtime for each seed: call it in a plain #[test], not a #[tokio::test]"
    );
    match only() {
        Some(seed) => run(seed, &test),
        None => seeds.into_iter().for_each(|seed| run(seed, &test)),
    }
}

/// The one seed to run, if the environment names one.
fn only() -> Option<u64> {
    let text = std::env::var(SEED_VARIABLE).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{SEED_VARIABLE} must be a number, not {text:?}")))
}

fn run<F: AsyncFn(TestCluster)>(seed: u64, test: &F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime without threads needs nothing that could be missing");
    let _entered = runtime.enter();
    let _machine = MadeUpMachine::new(seed);
    let cluster = TestCluster::new(seed);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let within = tokio::time::timeout(RUN_MAX, test(cluster.clone()));
            within.await.expect("the test ends within an hour of its own time");
        });
    }));
    if let Err(panic) = ended {
        eprintln!("{}", cluster.story());
        eprintln!("seed {seed} failed; to run it alone: {SEED_VARIABLE}={seed}");
        resume_unwind(panic);
    }
}

const SEED_VARIABLE: &str = "MURMER_SEED";
/// Of the run's own time.
const RUN_MAX: Duration = Duration::from_secs(3_600);
