//! Many seeds: nothing a node says is ever untrue, and once all is healed the nodes agree.

use std::sync::Mutex;
use std::time::Duration;

use murmer_sim::{Happened, Sim};

/// Which seeds run unless `SEEDS=from..to` in the environment says otherwise.
const SEEDS: std::ops::Range<u64> = 0..24;

fn seeds() -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("SEEDS") else { return SEEDS };
    let (from, to) = text.split_once("..").expect("SEEDS=from..to");
    from.parse().expect("a number")..to.parse().expect("a number")
}

/// Between three and five nodes, unless `NODES` in the environment says how many.
fn nodes(seed: u64) -> usize {
    std::env::var("NODES").map_or(3 + (seed % 3) as usize, |text| text.parse().expect("a number"))
}

/// A minute of faults, then the time it takes to agree.
fn check(seed: u64, nodes: usize) -> Happened {
    let mut sim = Sim::new(seed, nodes);
    sim.run(Duration::from_secs(60));
    sim.settle();
    sim.happened()
}

#[test]
fn whatever_goes_wrong_nothing_untrue_is_said_and_in_the_end_all_agree() {
    let next = Mutex::new(seeds());
    let work = || {
        // A failed worker has poisoned nothing: it holds no lock while a cluster runs.
        while let Some(seed) = { next.lock().unwrap().next() } {
            let happened = check(seed, nodes(seed));
            assert!(happened.partitions > 0 && happened.registrations > 0, "seed {seed}: {happened:?}");
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
}

#[test]
fn every_kind_of_fault_happens() {
    let Happened { partitions, crashes, leaves, sightings, downs, .. } = check(1, 4);
    let happened = [partitions, crashes, leaves, sightings, downs];
    assert!(happened.iter().all(|count| *count > 0), "{happened:?}");
}
