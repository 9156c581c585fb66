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

/// A forged packet told of a later life of a node that was down, with the largest incarnation there is: the node
/// was turned away wherever it came back, for a day.
#[test]
fn a_later_life_that_never_was() {
    check(Recipe::new(1_233).nodes(6).seconds(19));
    check(Recipe::new(1_156).nodes(4).seconds(62));
    check(Recipe::new(2_508).nodes(6).seconds(104).without(&[Fault::Sever, Fault::Seedless]));
}

/// A process had followed another at its address; whoever looked for the one that was down, or had heard of it,
/// dialed its successor, and the new connection replaced the one they had.
#[test]
fn a_successor_at_the_address_of_another() {
    check(Recipe::new(277).nodes(5).seconds(300).without(&[Fault::ForgedGossip]));
    check(Recipe::new(4_616).nodes(4).seconds(300));
    check(Recipe::new(15_087).nodes(5).seconds(30).without(&[
        Fault::Partial,
        Fault::Moved,
        Fault::Seedless,
        Fault::ForgedWords,
    ]));
}

/// The rule was wrong: a process that is late is late to give up waiting, too.
#[test]
fn a_late_process_that_leaves_and_hears_nobody() {
    check(Recipe::new(9_696).nodes(4).seconds(121).without(&[
        Fault::Delay,
        Fault::Loss,
        Fault::OneWay,
        Fault::Sever,
        Fault::Flapping,
        Fault::ClockBack,
        Fault::Leave,
        Fault::ForgedGossip,
    ]));
}

/// The rule was wrong: a process may begin after all the others agree, and then has as long as they had.
#[test]
fn a_seed_that_comes_back_when_all_others_have_agreed() {
    check(Recipe::new(19_271).nodes(4).seconds(28).without(&[
        Fault::Delay,
        Fault::Jitter,
        Fault::SmallRings,
        Fault::OneWay,
        Fault::Flapping,
        Fault::ForgedGossip,
    ]));
}
