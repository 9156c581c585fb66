//! When a node is ready, and when it stops being so.

use murmer_registry::Lag;
use murmer_wire::{Incarnation, NodeId};

use super::*;

const LAG_MAX: Duration = Duration::from_secs(10);

fn node(peers: &[(&str, Option<Lag>)]) -> Look {
    let id = |name| NodeId { name: NodeName::new(name).unwrap(), incarnation: Incarnation::mint(1, 1) };
    let peers = peers.iter().map(|(name, lag)| (id(name), *lag)).collect();
    Look::Node(NodeStats { has_joined: true, peers, ..NodeStats::default() })
}

const fn lag(missing: u64, is_synced: bool) -> Option<Lag> {
    Some(Lag { unheard: 0, missing, is_synced })
}

/// What each look, at a second, comes to.
fn check(looks: &[(u64, Look, Result<(), &str>)]) {
    let mut readiness = Readiness::default();
    for (at, look, expected) in looks {
        let found = readiness.look(Duration::from_secs(*at), LAG_MAX, look);
        assert_eq!(found.map_err(|why| why.to_string()), expected.map_err(str::to_owned), "at {at} s");
    }
}

#[test]
fn a_node_is_not_ready_before_it_has_joined_and_knows_what_each_member_has() {
    let alone = Look::Node(NodeStats::default());
    check(&[
        (0, alone, Err("no seed has let this node in yet")),
        (1, node(&[("alpha", None)]), Err("no connection to alpha yet")),
        (2, node(&[("alpha", lag(0, false))]), Err("what alpha has registered is not all here yet")),
        (
            3,
            node(&[("alpha", lag(0, true)), ("beta", lag(7, false))]),
            Err("7 changes of what beta has registered are missing"),
        ),
        (40, node(&[("alpha", lag(0, true)), ("beta", lag(0, true))]), Ok(())),
    ]);
}

#[test]
fn short_lags_one_after_the_other_don_t_make_a_node_unready() {
    let mut looks = vec![(0, node(&[]), Ok(()))];
    for at in (1..100).step_by(10) {
        looks.push((at, node(&[("beta", lag(3, false))]), Ok(())));
        looks.push((at + 9, node(&[("beta", lag(0, true))]), Ok(())));
    }
    check(&looks);
}

#[test]
fn a_lag_that_lasts_makes_it_unready_until_it_is_over() {
    let late = || node(&[("beta", lag(3, false))]);
    let why = "3 changes of what beta has registered are missing";
    check(&[
        (0, node(&[]), Ok(())),
        (5, late(), Ok(())),
        (14, late(), Ok(())),
        (15, late(), Err(why)),
        (16, late(), Err(why)),
        (17, node(&[("beta", lag(0, true))]), Ok(())),
        (18, late(), Ok(())),
    ]);
}

#[test]
fn a_node_that_leaves_or_does_not_answer_is_unready_at_once() {
    let leaving = NodeStats { has_joined: true, is_leaving: true, ..NodeStats::default() };
    check(&[
        (0, node(&[]), Ok(())),
        (1, Look::Silent, Err("the node's network does not answer")),
        (2, node(&[]), Ok(())),
        (3, Look::Node(leaving), Err("this node is leaving")),
        (4, Look::ShuttingDown, Err("this node is leaving")),
        (5, Look::Left(Departure::Minority), Err("this node sees too few of its cluster's members")),
    ]);
}
