//! Recipes that have found something, kept.

use murmer_sim::{Fault, Recipe, check};

/// From the time when there were fewer kinds of faults.
#[test]
fn seeds_that_found_something_once() {
    check(Recipe::new(20_372).nodes(4).seconds(60));
    check(Recipe::new(20_384).nodes(4).seconds(60));
    check(Recipe::new(21_020).nodes(5).seconds(60));
}

/// A word that asked whether the link that stays carries both ways came to a node that still asked the holder of
/// the newcomer's name; it was not heard, and the link that had lost stayed for ever.
#[test]
fn what_a_newcomer_says_before_it_is_in() {
    check(Recipe::new(1_655).nodes(3).seconds(120).without(&[Fault::Duplicates]));
    check(Recipe::new(1_094).nodes(7).seconds(120).without(&[Fault::ForgedGossip]));
}
