//! Recipes that have found something, kept.

use murmer_sim::{Recipe, check};

/// From the time when there were fewer kinds of faults.
#[test]
fn seeds_that_found_something_once() {
    check(Recipe::new(20_372).nodes(4).seconds(60));
    check(Recipe::new(20_384).nodes(4).seconds(60));
    check(Recipe::new(21_020).nodes(5).seconds(60));
}
