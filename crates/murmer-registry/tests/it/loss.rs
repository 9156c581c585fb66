//! Links that lose or repeat messages, which ours shouldn't: nothing wrong is ever applied, and
//! everything arrives in the end.

use murmer_registry::{Input, Message};

use crate::net::{MS, Net, SECOND};

fn linked_pair() -> Net {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    net.run(SECOND);
    net
}

#[test]
fn a_gap_is_never_applied_and_asked_for_once() {
    let mut net = linked_pair();
    net.register(0, 0, "lost");
    net.wires.clear();
    for number in 1..20 {
        net.now += 6 * MS;
        net.register(0, number, "after");
    }
    while net.deliver(0, 1) {}
    assert_eq!(net.members[1].known.len(), 0);
    let asked = net.wires[&(1, 0)].iter().filter(|m| matches!(m, Message::Again { after: Some(0) })).count();
    assert_eq!(asked, 1);
    net.settle();
    net.check_converged();
    assert_eq!(net.members[1].registry.counters().gaps, 19);
}

#[test]
fn a_lost_answer_is_asked_for_again() {
    let mut net = linked_pair();
    net.register(0, 0, "lost");
    net.wires.clear();
    net.now += 6 * MS;
    net.register(0, 1, "after");
    net.deliver(0, 1);
    net.wires.clear();
    net.run(SECOND);
    net.check_converged();
}

#[test]
fn a_loss_with_nothing_behind_it_is_found_by_the_digest() {
    let mut net = linked_pair();
    net.register(0, 0, "lost");
    net.wires.clear();
    net.run(11 * SECOND);
    net.check_converged();
}

#[test]
fn lost_versions_are_repeated() {
    for (lose_first, lose_second) in [(true, false), (false, true), (true, true)] {
        let mut net = Net::new(&["alpha", "beta"]);
        net.register(0, 1, "a");
        net.register(1, 1, "b");
        net.link(0, 1);
        for (lose, wire) in [(lose_first, (0, 1)), (lose_second, (1, 0))] {
            if lose {
                net.wires.remove(&wire);
            }
        }
        net.run(2 * SECOND);
        net.check_converged();
        assert_eq!(net.members.iter().map(|member| member.synced.len()).sum::<usize>(), 2);
    }
}

#[test]
fn lost_acknowledgements_do_not_close_the_window_for_ever() {
    let mut net = linked_pair();
    for number in 0..10_000 {
        net.register(0, number, "room");
        while net.deliver(0, 1) {}
        net.wires.clear();
    }
    assert!(net.members[1].known.len() < 5_000);
    net.run(60 * SECOND);
    net.check_converged();
}

#[test]
fn what_arrives_twice_counts_once() {
    let mut net = linked_pair();
    for number in 0..300 {
        net.register(0, number, "room");
    }
    net.deregister(0, 0);
    net.now += 5 * MS;
    net.handle(0, Input::Timeout);
    let twice: Vec<_> = net.wires[&(0, 1)].iter().cloned().collect();
    net.wires.get_mut(&(0, 1)).unwrap().extend(twice);
    net.settle();
    net.check_converged();
    assert_eq!(net.members[1].registry.counters().gaps, 0);
}

#[test]
fn batches_cut_differently_amount_to_the_same() {
    for size in [1, 2, 7, 100] {
        let mut net = linked_pair();
        for number in 0..100 {
            net.register(0, number, "room");
        }
        net.now += 5 * MS;
        net.handle(0, Input::Timeout);
        let wire = net.wires.get_mut(&(0, 1)).unwrap();
        let all: Vec<_> = std::mem::take(wire)
            .into_iter()
            .flat_map(|message| if let Message::Ops { ops, .. } = message { ops } else { vec![] })
            .collect();
        let origin = net.members[0].id.clone();
        // Each batch starts with the last op of the one before.
        for start in (0..all.len()).step_by(size) {
            let first = start.saturating_sub(1);
            let ops = all[first..(start + size).min(all.len())].to_vec();
            let message = Message::Ops { origin: origin.clone(), first: first as u64 + 1, ops };
            net.wires.get_mut(&(0, 1)).unwrap().push_back(message);
        }
        net.settle();
        net.check_converged();
        assert_eq!(net.members[1].registry.counters().gaps, 0);
    }
}
