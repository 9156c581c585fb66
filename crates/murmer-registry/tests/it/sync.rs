//! Links come and go; copies catch up, and only with what they missed.

use murmer_registry::{Input, Message, RegistryConfig};
use murmer_wire::ActorNumber;

use crate::net::{MS, Net, SECOND, node_booted};

#[test]
fn two_nodes_learn_what_the_other_has() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.register(0, 1, "a");
    net.register(1, 1, "b");
    net.link(0, 1);
    net.settle();
    net.check_converged();
}

#[test]
fn synced_comes_once_per_link_and_after_everything_that_was_there() {
    let mut net = Net::new(&["alpha", "beta"]);
    for number in 0..2_000 {
        net.register(0, number, "room");
    }
    net.link(0, 1);
    while net.members[1].synced.is_empty() {
        assert!(net.deliver(0, 1) | net.deliver(1, 0));
    }
    assert_eq!(net.members[1].known.len(), 2_000);
    net.register(0, 5_000, "later");
    net.run(30 * SECOND);
    assert_eq!(net.members[1].synced.len(), 1);
    net.unlink(0, 1);
    net.link(0, 1);
    net.run(SECOND);
    assert_eq!(net.members[1].synced.len(), 2);
}

#[test]
fn synced_comes_from_an_empty_peer_too() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    net.settle();
    assert_eq!((net.members[0].synced.len(), net.members[1].synced.len()), (1, 1));
}

#[test]
fn a_returning_peer_is_sent_only_what_it_missed() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    for number in 0..100 {
        net.register(0, number, "room");
    }
    net.run(SECOND);
    net.unlink(0, 1);
    net.register(0, 100, "missed");
    assert_eq!(net.members[1].known.len(), 100);
    let events = net.members[1].events;
    net.link(0, 1);
    net.settle();
    net.check_converged();
    // One actor, and one notice that all is there.
    assert_eq!(net.members[1].events, events + 2);
}

#[test]
fn ends_that_learn_of_the_link_one_after_the_other_still_meet() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.register(0, 1, "a");
    net.register(1, 1, "b");
    let (alpha, beta) = (net.members[0].id.clone(), net.members[1].id.clone());
    net.handle(0, Input::PeerLinked(beta));
    net.settle();
    assert_eq!(net.labels(1), [""; 0]);
    net.now += 300 * MS;
    net.handle(1, Input::PeerLinked(alpha));
    net.settle();
    net.check_converged();
}

#[test]
fn a_peer_that_was_down_comes_back_with_everything() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    net.register(0, 1, "room");
    net.run(SECOND);
    net.unlink(0, 1);
    net.down(1, 0);
    assert_eq!(net.members[1].registry.versions().count(), 0);
    net.link(0, 1);
    net.settle();
    net.check_converged();
}

#[test]
fn giving_up_a_peer_that_does_not_notice_heals_on_contact() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    net.register(0, 1, "a");
    net.register(1, 1, "b");
    net.run(SECOND);
    net.down(1, 0);
    net.register(0, 2, "while down");
    net.settle();
    assert_eq!(net.labels(1), [""; 0]);
    net.link(0, 1);
    net.run(SECOND);
    net.register(1, 2, "after");
    net.run(SECOND);
    net.check_converged();
}

#[test]
fn one_node_giving_up_a_peer_takes_nothing_from_others() {
    let mut net = Net::new(&["alpha", "beta", "gamma"]);
    [(0, 1), (0, 2), (1, 2)].into_iter().for_each(|(a, b)| net.link(a, b));
    net.register(0, 1, "room");
    net.run(SECOND);
    net.unlink(0, 1);
    net.down(1, 0);
    net.run(30 * SECOND);
    assert_eq!(net.labels(2), ["room"]);
    assert_eq!(net.members[0].registry.head(), 1);
}

#[test]
fn a_new_life_of_a_node_is_another_node() {
    let ids = vec![node_booted("alpha", 1), node_booted("beta", 1), node_booted("alpha", 2)];
    let mut net = Net::of(ids, &RegistryConfig::default());
    net.link(0, 1);
    net.register(0, 1, "room");
    net.run(SECOND);
    net.unlink(0, 1);
    net.down(1, 0);
    net.members[0].own.clear();
    net.link(2, 1);
    net.register(2, 1, "room");
    net.run(SECOND);
    assert_eq!(
        net.members[1].known.keys().map(|id| id.node.clone()).collect::<Vec<_>>(),
        [node_booted("alpha", 2)]
    );
}

#[test]
fn a_late_joiner_does_not_steal_a_name() {
    // By name, the joiner would win every tie.
    let mut net = Net::new(&["beta", "gamma", "alpha"]);
    net.link(0, 1);
    for number in 0..50 {
        net.register(0, number, "other");
    }
    net.register(0, 50, "room");
    net.run(SECOND);
    net.register(2, 1, "room");
    net.link(2, 1);
    net.run(SECOND);
    net.link(2, 0);
    net.run(SECOND);
    net.check_converged();
    assert_eq!(net.members[1].view.lookup("room", "chat::Room").unwrap().id.node, net.members[0].id);
    let ours = net.members[2].registry.lamport_of(ActorNumber(1)).unwrap();
    assert!(net.members[2].view.lookup("room", "chat::Room").unwrap().lamport < ours);
}

#[test]
fn of_two_lone_nodes_the_older_keeps_the_name() {
    for (old, young) in [("alpha", "beta"), ("beta", "alpha")] {
        let ids = vec![node_booted(old, 1_000), node_booted(young, 2_000), node_booted("observer", 3_000)];
        let mut net = Net::of(ids, &RegistryConfig::default());
        for number in 0..5 {
            net.register(0, number, "room");
            net.register(1, number, "room");
        }
        net.link(0, 1);
        net.run(SECOND);
        net.link(2, 0);
        net.link(2, 1);
        net.run(SECOND);
        net.check_converged();
        let first_five = net.members[2].view.candidates("room").take(5);
        assert!(first_five.into_iter().all(|entry| entry.id.node == net.members[0].id));
    }
}

#[test]
fn nothing_has_a_time_before_anybody_was_told() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.register(0, 1, "room");
    assert_eq!(
        (net.members[0].registry.lamport_of(ActorNumber(1)), net.members[0].registry.head()),
        (None, 0)
    );
    assert_eq!(net.members[0].registry.deadline(), None);
    net.link(0, 1);
    net.settle();
    assert_eq!(net.members[0].registry.lamport_of(ActorNumber(1)), Some(1));
}

#[test]
fn an_unlinked_peer_is_not_listened_to() {
    let mut net = Net::new(&["alpha", "beta"]);
    let message = Message::Again { after: None };
    let from = net.members[1].id.clone();
    net.handle(0, Input::Message { from, message });
    assert!(net.wires.is_empty());
    assert_eq!(net.members[0].events, 0);
}
