//! What a start that came to nothing leads to.

use super::*;

fn us() -> Introduction {
    let addr = "10.0.0.1:7100".parse().unwrap();
    let config = ClusterConfig::builder().name("alpha").cookie("a cookie for tests").build().unwrap();
    Introduction { id: identity(&config, addr, incarnation_now()), addr }
}

#[test]
fn whoever_is_kept_out_for_good_is_told_why() {
    let us = us();
    let at_least = us.id.incarnation;
    let (next, told) = next_life(Ok(Err(Withdrawal::Quarantined { at_least })), &us).unwrap();
    assert!(next > at_least && matches!(told, ClusterError::Quarantined), "{told}");
    let (next, told) = next_life(Ok(Err(Withdrawal::Stale { at_least })), &us).unwrap();
    assert!(next > at_least && matches!(told, ClusterError::Stale), "{told}");
}
