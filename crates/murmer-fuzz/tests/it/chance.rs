//! Random bytes, and seeds changed at random: what a fuzzer does, without its eyes.

use std::iter;

use murmer_fuzz::Target;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::seeds::seeds;

/// Runs `target` on `RUNS` inputs; a panic is preceded by the seed and the input.
fn check(target: Target) {
    let seeds = seeds(&target);
    for seed in 0..RUNS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let input = if seed % 4 == 0 {
            let len = rng.random_range(0..BYTES_MAX);
            iter::repeat_with(|| rng.random()).take(len).collect()
        } else {
            let mut input = seeds[rng.random_range(0..seeds.len())].1.clone();
            let other = &seeds[rng.random_range(0..seeds.len())].1;
            change(&mut input, other, &mut rng);
            input
        };
        println!("{} seed {seed}: {input:?}", target.name);
        (target.body)(&input);
    }
}

fn change(input: &mut Vec<u8>, other: &[u8], rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..5) {
        let at = rng.random_range(0..=input.len());
        match rng.random_range(0..5) {
            0 => input.truncate(at),
            1 => input.insert(at, rng.random()),
            2 => input.extend_from_slice(&other[at.min(other.len())..]),
            3 if at < input.len() => drop(input.remove(at)),
            _ if at < input.len() => input[at] = rng.random(),
            _ => {}
        }
    }
}

#[test]
fn frames_are_cut_right_whatever_comes() {
    check(Target::FRAME);
}

#[test]
fn control_words_and_handshakes_hold_whatever_comes() {
    check(Target::CONTROL);
}

#[test]
fn registries_hold_whatever_comes() {
    check(Target::REGISTRY);
}

#[test]
fn both_ends_of_a_stream_hold_whatever_comes() {
    check(Target::ACTOR_HEADER);
}

#[test]
fn the_bounded_decoder_agrees_with_postcard_whatever_comes() {
    check(Target::BOUNDED_POSTCARD);
}

const RUNS: u64 = 4_000;
const BYTES_MAX: usize = 200;
