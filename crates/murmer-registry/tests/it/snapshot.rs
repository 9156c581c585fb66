//! A peer too far behind gets the whole, and ends where replaying would have taken it.

use murmer_registry::{FROZEN_MAX, Input, Message, RegistryConfig};

use crate::net::{MS, Net, SECOND};

fn small_ring() -> RegistryConfig {
    RegistryConfig {
        ring_ops_max: 50,
        chunk_bytes_max: 1_000,
        window_bytes_max: 4_000,
        ..RegistryConfig::default()
    }
}

/// A pair of which the second missed far more than the ring holds.
fn pair_with_a_straggler() -> Net {
    let mut net = Net::with_config(&["alpha", "beta"], &small_ring());
    net.link(0, 1);
    for number in 0..300 {
        net.register(0, number, "room");
    }
    net.run(SECOND);
    net.unlink(0, 1);
    for number in 100..250 {
        net.deregister(0, number);
    }
    for number in 1_000..1_020 {
        net.register(0, number, "hall");
    }
    net
}

#[test]
fn a_peer_that_fell_out_of_the_ring_gets_a_snapshot() {
    let mut net = pair_with_a_straggler();
    let events = net.members[1].events;
    net.link(0, 1);
    net.settle();
    net.check_converged();
    assert!(net.members[0].chunks_sent > 4);
    assert!(net.members[1].registry.counters().snapshots_applied >= 1);
    // Unchanged actors are not spoken of: 150 went, 20 came, and one notice that all is there.
    assert_eq!(net.members[1].events, events + 171);
}

#[test]
fn a_snapshot_shows_all_at_once() {
    let mut net = pair_with_a_straggler();
    net.link(0, 1);
    let before = net.members[1].known.clone();
    while net.members[1].registry.counters().snapshots_applied < 2 {
        assert!(net.members[1].known == before, "part of a snapshot is visible");
        assert!(net.deliver(0, 1) | net.deliver(1, 0));
    }
    assert_ne!(net.members[1].known, before);
}

#[test]
fn changes_during_a_snapshot_follow_it() {
    let mut net = pair_with_a_straggler();
    net.link(0, 1);
    for number in 2_000..2_200 {
        net.deliver(0, 1);
        net.deliver(1, 0);
        net.register(0, number, "cellar");
        net.now += MS;
        net.handle(0, Input::Timeout);
    }
    net.run(10 * SECOND);
    net.check_converged();
}

#[test]
fn a_snapshot_is_sent_within_a_window() {
    let mut net = pair_with_a_straggler();
    net.link(0, 1);
    let sent = net.members[0].chunks_sent;
    net.deliver(1, 0);
    assert_eq!(net.members[0].chunks_sent, sent + 4);
}

#[test]
fn a_lost_chunk_costs_only_time() {
    for lost in 0..12 {
        let mut net = pair_with_a_straggler();
        net.link(0, 1);
        for _ in 0..lost {
            net.deliver(1, 0);
            net.deliver(0, 1);
        }
        net.wires.get_mut(&(0, 1)).unwrap().pop_front();
        net.run(60 * SECOND);
        net.check_converged();
    }
}

#[test]
fn more_stragglers_than_copies_are_all_served() {
    let names = ["alpha", "b", "c", "d", "e", "f", "g", "h"];
    assert!(names.len() > FROZEN_MAX + 2);
    let mut net = Net::with_config(&names, &RegistryConfig { pinned_bytes_max: 3_000, ..small_ring() });
    net.link(0, 1);
    for number in 0..500 {
        net.register(0, number, "room");
    }
    net.run(SECOND);
    for peer in 2..names.len() {
        net.link(0, peer);
        net.deliver(peer, 0);
        for number in 0..60 {
            net.register(0, 1_000 * peer as u64 + number, "more");
        }
        net.now += 5 * MS;
        net.handle(0, Input::Timeout);
    }
    net.run(120 * SECOND);
    let counts: Vec<_> = (1..names.len()).map(|peer| net.members[peer].known.len()).collect();
    assert_eq!(counts, vec![500 + 60 * 6; 7]);
}

#[test]
fn a_peer_that_takes_no_more_chunks_is_given_up_and_may_ask_again() {
    let mut net = pair_with_a_straggler();
    net.link(0, 1);
    net.deliver(1, 0);
    // Nothing arrives for a minute.
    net.wires.clear();
    while let Some(due) = net.members[0].registry.deadline().filter(|due| *due < 61 * SECOND) {
        net.now = net.now.max(due);
        net.handle(0, Input::Timeout);
        net.wires.clear();
    }
    net.run(30 * SECOND);
    net.check_converged();
}

#[test]
fn a_node_that_left_is_known_to_have_left_by_snapshot_too() {
    let mut net = pair_with_a_straggler();
    net.members[0].own.clear();
    net.handle(0, Input::Leave);
    net.link(0, 1);
    net.settle();
    net.check_converged();
    assert_eq!(net.members[1].left, [net.members[0].id.clone()]);
}

#[test]
fn a_copy_that_differs_is_found_and_replaced() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    net.register(0, 1, "room");
    // What a defect in transit might do: the same position, another label.
    net.settle();
    net.register(0, 2, "hall");
    net.run(5 * MS - MS);
    net.now += MS;
    net.handle(0, Input::Timeout);
    let wire = net.wires.get_mut(&(0, 1)).unwrap();
    let Some(Message::Ops { ops, .. }) = wire.front_mut() else { panic!("no ops") };
    ops[0] = murmer_registry::Op::ActorAdd(crate::net::record(2, "hull", 2));
    let true_log = std::mem::take(&mut net.members[0].log);
    net.settle();
    assert_eq!(net.labels(1), ["room", "hull"]);
    net.run(11 * SECOND);
    assert_eq!(net.labels(1), ["room", "hall"]);
    let counters = net.members[1].registry.counters();
    assert_eq!((net.members[1].diverged, counters.divergences, counters.divergences_healed), (1, 1, 1));
    assert_eq!(true_log.len(), 2);
}
