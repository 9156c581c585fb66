//! Many seeds: nothing a node says is ever untrue, and once all is healed the nodes agree.

use murmer_sim::{Fault, Recipe, explore, shrink};

/// Which seeds run with the other tests; the command runs any others, and CI runs it for more.
const SEEDS: std::ops::Range<u64> = 0..60;

#[test]
fn whatever_goes_wrong_nothing_untrue_is_said_and_in_the_end_all_agree() {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let explored = explore(SEEDS, workers, |seed| Recipe::new(seed).seconds(60));
    if let Some(failure) = explored.failures.first() {
        panic!("{}", shrink(failure.clone()));
    }
    // It counts for something only if everything did go wrong.
    for fault in Fault::ALL {
        assert!(explored.happened.count(fault) > 0, "{fault} did not happen");
    }
    let happened = &explored.happened;
    let counts = [happened.downs, happened.withdrawals, happened.snapshots, happened.compared];
    let mut counts = counts.into_iter().chain([happened.watches, happened.notices]);
    assert!(counts.all(|count| count > 100), "{happened:?}");
}
