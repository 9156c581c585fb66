//! A failure can be looked at again: the seed is all it takes.

use std::time::Duration;

use murmer_sim::Sim;

fn trace(seed: u64) -> u64 {
    let mut sim = Sim::new(seed, 4);
    sim.run(Duration::from_secs(30));
    sim.settle();
    sim.trace_hash()
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    assert_eq!(trace(7), trace(7));
}

#[test]
fn another_seed_gives_another_trace() {
    assert_ne!(trace(7), trace(8));
}
