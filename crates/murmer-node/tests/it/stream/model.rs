//! Both ends of streams between two nodes, against the naive model in [`ledger`], over many seeds.
//!
//! Connections break at any point, bytes arrive in any pieces, mailboxes are full, streams end for any
//! reason and are opened anew, asks are given up, refused, answered in any order, by a stream or too late. A
//! failure names its seed. `MURMER_SEEDS=100000 cargo test --release -p murmer-node --test it stream::model` runs
//! as many seeds as it says.

mod actor;
mod counts;
mod far;
mod items;
mod ledger;
mod message;
mod near;
mod wire;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use self::counts::Counts;
use self::world::World;

fn run(seed: u64) -> Counts {
    let steps = if seed.is_multiple_of(10) { 1_000 } else { 250 };
    catch_unwind(AssertUnwindSafe(|| World::new(seed).run(steps))).unwrap_or_else(|panic| {
        eprintln!("both ends and the model disagree with seed {seed}");
        resume_unwind(panic)
    })
}

#[test]
fn streams_do_what_a_list_of_messages_would() {
    let seeds = match std::env::var("MURMER_SEEDS") {
        Ok(seeds) => seeds.parse().expect("MURMER_SEEDS is a number"),
        Err(_) => SEEDS,
    };
    let mut all = Counts::default();
    for seed in 0..seeds {
        all.add(run(seed));
    }
    println!("{seeds} seeds: {all:?}");
    // Or it looked at nothing.
    assert!(all.messages > 20 * seeds as usize, "{all:?}");
    for part in [all.handled, all.replied, all.never, all.items] {
        assert!(part > all.messages / 20, "{all:?}");
    }
}

/// In a debug build that takes a few seconds.
const SEEDS: u64 = 1_000;
