//! A failure can be looked at again: the recipe is all it takes.

use murmer_sim::{Recipe, run};

fn trace(seed: u64) -> u64 {
    run(&Recipe::new(seed).nodes(4).seconds(30)).unwrap().trace_hash
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    (0..4).for_each(|seed| assert_eq!(trace(seed), trace(seed)));
}

#[test]
fn another_seed_gives_another_trace() {
    assert_ne!(trace(7), trace(8));
}
