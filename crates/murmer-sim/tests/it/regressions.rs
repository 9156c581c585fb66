//! Seeds that have found something, kept.

use std::time::Duration;

use murmer_sim::Sim;

fn check(seed: u64, nodes: usize) {
    let mut sim = Sim::new(seed, nodes);
    sim.run(Duration::from_secs(60));
    sim.settle();
}

#[test]
fn seed_20372_seeds_that_left_and_came_back() {
    check(20_372, 4);
}
