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

#[test]
fn seed_20384_a_leaver_whose_link_had_just_ended() {
    check(20_384, 4);
    check(21_020, 5);
}
