//! Changes go out at once, batched, within a window.

use murmer_registry::{Input, Message, OPS_PER_MESSAGE_MAX, Op, RegistryConfig};

use crate::net::{MS, Net, SECOND};

fn linked_pair(config: &RegistryConfig) -> Net {
    let mut net = Net::with_config(&["alpha", "beta"], config);
    net.link(0, 1);
    net.run(SECOND);
    net
}

fn batches(net: &Net) -> Vec<usize> {
    let wire = net.wires[&(0, 1)].iter();
    wire.filter_map(|message| if let Message::Ops { ops, .. } = message { Some(ops.len()) } else { None })
        .collect()
}

#[test]
fn the_first_change_of_a_quiet_spell_goes_out_at_once() {
    let mut net = linked_pair(&RegistryConfig::default());
    net.register(0, 1, "room");
    net.settle();
    assert_eq!(net.labels(1), ["room"]);
}

#[test]
fn what_follows_closely_is_sent_together() {
    let mut net = linked_pair(&RegistryConfig::default());
    for number in 0..10 {
        net.register(0, number, "room");
    }
    assert_eq!(batches(&net), [1]);
    net.settle();
    net.run(5 * MS);
    assert_eq!(net.members[1].known.len(), 10);
}

#[test]
fn a_full_batch_does_not_wait() {
    let mut net = linked_pair(&RegistryConfig::default());
    for number in 0..=OPS_PER_MESSAGE_MAX as u64 {
        net.register(0, number, "room");
    }
    assert_eq!(batches(&net), [1, OPS_PER_MESSAGE_MAX]);
}

#[test]
fn long_names_make_short_batches() {
    let mut net = linked_pair(&RegistryConfig::default());
    for number in 0..200 {
        net.register(0, number, &"x".repeat(255));
    }
    net.now += 5 * MS;
    net.handle(0, Input::Timeout);
    assert!(batches(&net)[1] < 200);
    net.run(SECOND);
    net.check_converged();
}

#[test]
fn an_actor_that_comes_and_goes_unseen_takes_no_position() {
    let mut net = linked_pair(&RegistryConfig::default());
    net.register(0, 1, "first");
    net.register(0, 2, "blip");
    net.deregister(0, 2);
    net.run(SECOND);
    assert_eq!(net.members[0].registry.head(), 1);
    net.check_converged();
}

#[test]
fn a_silent_peer_is_sent_no_more_than_a_window() {
    let config = RegistryConfig { window_ops_max: 500, ..RegistryConfig::default() };
    let mut net = linked_pair(&config);
    for number in 0..3_000 {
        net.register(0, number, "room");
    }
    net.now += 5 * MS;
    net.handle(0, Input::Timeout);
    assert_eq!(batches(&net).iter().sum::<usize>(), 500);
    net.run(SECOND);
    net.check_converged();
}

#[test]
fn a_window_counts_bytes_too() {
    let config = RegistryConfig { window_bytes_max: 10_000, ..RegistryConfig::default() };
    let mut net = linked_pair(&config);
    for number in 0..1_000 {
        net.register(0, number, &"x".repeat(200));
    }
    assert!(batches(&net).iter().sum::<usize>() < 60);
    net.run(10 * SECOND);
    net.check_converged();
}

#[test]
fn a_window_of_nothing_still_moves() {
    let config = RegistryConfig {
        window_bytes_max: 0,
        window_ops_max: 0,
        ring_ops_max: 0,
        ring_bytes_max: 0,
        pinned_bytes_max: 0,
        chunk_bytes_max: 0,
        ..RegistryConfig::default()
    };
    let mut net = linked_pair(&config);
    for number in 0..5 {
        net.register(0, number, "room");
        net.run(SECOND);
    }
    net.run(20 * SECOND);
    net.check_converged();
}

#[test]
fn stopping_and_starting_one_label_ten_times_leaves_it_alive_everywhere() {
    for wait in [0, 1, 5, 60] {
        let mut net = Net::new(&["alpha", "beta", "gamma"]);
        [(0, 1), (0, 2), (1, 2)].into_iter().for_each(|(a, b)| net.link(a, b));
        net.run(SECOND);
        // The peers run actors of the same label, which must not suffer.
        net.register(1, 1, "room");
        net.register(0, 0, "room");
        for number in 1..=10 {
            net.deregister(0, number - 1);
            net.register(0, number, "room");
            net.run(wait * MS);
        }
        net.run(SECOND);
        net.check_converged();
        assert_eq!(net.labels(2), ["room", "room"]);
    }
}

#[test]
fn registering_a_number_twice_changes_nothing() {
    let mut net = linked_pair(&RegistryConfig::default());
    net.register(0, 1, "room");
    net.run(SECOND);
    net.handle(0, Input::Register(crate::net::registration(1, "other")));
    net.run(SECOND);
    assert_eq!(net.labels(1), ["room"]);
    assert_eq!(net.members[0].registry.head(), 1);
}

#[test]
fn a_number_can_be_registered_again_after_it_was_not() {
    let mut net = linked_pair(&RegistryConfig::default());
    net.register(0, 1, "room");
    net.run(SECOND);
    net.deregister(0, 1);
    net.register(0, 1, "hall");
    net.deregister(0, 1);
    net.register(0, 1, "cellar");
    net.run(SECOND);
    assert_eq!(net.labels(1), ["cellar"]);
}

#[test]
fn leaving_is_told_at_once_and_removes_everything() {
    let mut net = linked_pair(&RegistryConfig::default());
    net.register(0, 1, "room");
    net.register(0, 2, "hall");
    net.members[0].own.clear();
    net.handle(0, Input::Leave);
    net.register(0, 3, "too late");
    net.members[0].own.clear();
    net.settle();
    net.check_converged();
    assert_eq!(net.members[1].left, [net.members[0].id.clone()]);
    net.run(50 * MS);
    assert!(net.members[0].registry.is_acknowledged_by(&net.members[1].id));
    assert_eq!(net.members[0].log.values().last(), Some(&Op::Leave));
}

#[test]
fn a_mark_is_reached_by_what_was_said_before_it_only() {
    let mut net = Net::new(&["alpha", "beta"]);
    let beta = net.members[1].id.clone();
    net.register(0, 1, "before anybody listens");
    let mut early = net.members[0].registry.mark();
    assert!(!net.members[0].registry.is_held(&mut early, &beta));
    net.link(0, 1);
    net.run(SECOND);
    assert!(net.members[0].registry.is_held(&mut early, &beta));

    net.register(0, 2, "told at once");
    net.register(0, 3, "waits");
    let mut mark = net.members[0].registry.mark();
    assert!(!net.members[0].registry.is_held(&mut mark, &beta));
    net.now += 10 * MS;
    net.handle(0, Input::Timeout);
    while net.deliver(0, 1) {}
    assert!(!net.members[0].registry.is_held(&mut mark, &beta), "nobody has said so yet");
    net.now += 60 * MS;
    net.handle(1, Input::Timeout);
    // Said and sent before the acknowledgement comes, and not arrived.
    net.register(0, 4, "later");
    while net.deliver(1, 0) {}
    assert!(net.members[0].registry.is_held(&mut mark, &beta));
    assert!(!net.members[0].registry.is_acknowledged_by(&beta));
}

#[test]
fn a_mark_behind_what_was_taken_back_is_reached() {
    let mut net = Net::new(&["alpha", "beta"]);
    let beta = net.members[1].id.clone();
    net.link(0, 1);
    net.register(0, 1, "told at once");
    net.run(SECOND);
    net.register(0, 2, "told at once");
    net.register(0, 3, "taken back");
    let mut mark = net.members[0].registry.mark();
    net.deregister(0, 3);
    net.run(SECOND);
    assert!(net.members[0].registry.is_held(&mut mark, &beta));
}
