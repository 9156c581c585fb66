//! What a node says of its actors, and says anew.

use murmer_registry::{
    Attributes, ENTRIES_PER_ORIGIN_MAX, Input, Message, Op, Output, Registration, Registry, RegistryConfig,
};
use murmer_wire::{ActorNumber, GroupName, GroupSet, Label, Visibility};

use crate::net::{MS, Net, SECOND, in_groups, node, registration};

fn linked() -> Net {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    net.settle();
    net
}

/// The ops that have been sent by the first member.
fn log(net: &Net) -> Vec<&Op> {
    net.members[0].log.values().collect()
}

fn unlisted() -> Attributes {
    Attributes { visibility: Visibility::Unlisted, ..Attributes::default() }
}

#[test]
fn what_is_said_anew_arrives_without_the_actor_coming_or_going() {
    let mut net = linked();
    net.register(0, 1, "room");
    net.run(SECOND);
    let events = net.members[1].events;
    net.update(0, 1, in_groups(&["workers"]));
    net.run(SECOND);
    net.check_converged();
    assert_eq!((net.members[1].events, net.members[1].updates), (events + 1, 1));
    assert_eq!(net.members[1].view.members("workers", "chat::Room").count(), 1);
}

#[test]
fn an_update_before_the_add_was_sent_is_told_with_it() {
    let mut net = linked();
    net.register(0, 1, "first"); // the first one never waits
    net.register(0, 2, "second");
    net.update(0, 2, in_groups(&["a"]));
    net.update(0, 2, in_groups(&["a", "b"]));
    net.run(SECOND);
    net.check_converged();
    assert!(
        matches!(&log(&net)[..], [Op::ActorAdd(_), Op::ActorAdd(second)] if second.attributes == in_groups(&["a", "b"]))
    );
}

#[test]
fn of_updates_that_wait_the_last_is_told_and_none_if_it_says_what_is_known() {
    let mut net = linked();
    net.register(0, 1, "room");
    net.run(MS);
    for groups in [&["a"][..], &["b"], &["c"]] {
        net.update(0, 1, in_groups(groups));
    }
    net.run(SECOND);
    assert_eq!((log(&net).len(), net.members[1].updates), (2, 1));
    net.register(0, 2, "hall");
    net.update(0, 1, in_groups(&["d"]));
    net.update(0, 1, in_groups(&["c"]));
    net.run(SECOND);
    assert_eq!((log(&net).len(), net.members[1].updates), (3, 1));
    net.check_converged();
}

#[test]
fn a_removal_takes_the_update_that_waits_with_it() {
    let mut net = linked();
    net.register(0, 1, "room");
    net.run(MS);
    net.update(0, 1, in_groups(&["a"]));
    net.deregister(0, 1);
    net.run(SECOND);
    net.check_converged();
    assert!(matches!(&log(&net)[..], [Op::ActorAdd(_), Op::ActorRemove { .. }]));
}

#[test]
fn a_private_actor_is_not_spoken_of_and_one_that_becomes_private_is_no_more() {
    let mut net = linked();
    let private = Attributes { visibility: Visibility::Private, ..in_groups(&["a"]) };
    net.handle(0, Input::Register(Registration { attributes: private.clone(), ..registration(1, "room") }));
    net.register(0, 2, "hall");
    net.run(SECOND);
    assert_eq!(net.labels(1), ["hall"]);
    net.handle(0, Input::Update { number: ActorNumber(2), attributes: private });
    net.members[0].own.clear();
    net.run(SECOND);
    net.check_converged();
}

#[test]
fn no_peer_can_say_that_an_actor_is_private() {
    let private = Attributes { visibility: Visibility::Private, ..Attributes::default() };
    for (attributes, is_read) in [(private, false), (unlisted(), true)] {
        let ops = vec![Op::ActorUpdate { number: ActorNumber(1), attributes }];
        let mut bytes = bytes::BytesMut::new();
        murmer_wire::encode(&Message::Ops { origin: node("mallory"), first: 1, ops }, &mut bytes).unwrap();
        assert_eq!(murmer_wire::decode::<Message>(&bytes).is_ok(), is_read);
    }
}

#[test]
fn an_anonymous_actor_is_told_of_and_found_in_its_groups() {
    let mut net = linked();
    net.register_as(0, Registration { label: None, attributes: in_groups(&["a"]), ..registration(1, "x") });
    net.run(SECOND);
    net.check_converged();
    let view = &net.members[1].view;
    assert_eq!((view.members("a", "chat::Room").count(), view.labels().count()), (1, 0));
}

#[test]
fn a_peer_behind_the_ring_hears_of_what_changed_and_of_nothing_else() {
    let config = RegistryConfig { ring_ops_max: 2, ..RegistryConfig::default() };
    let mut net = Net::with_config(&["alpha", "beta"], &config);
    net.link(0, 1);
    (1..=9).for_each(|number| net.register(0, number, "room"));
    net.run(SECOND);
    net.unlink(0, 1);
    net.update(0, 1, in_groups(&["a"]));
    net.update(0, 2, in_groups(&["a"]));
    net.update(0, 3, unlisted());
    net.deregister(0, 4);
    let (events, updates) = (net.members[1].events, net.members[1].updates);
    net.link(0, 1);
    net.run(SECOND);
    net.check_converged();
    assert!(net.members[1].registry.counters().snapshots_applied > 0);
    // Three say other things, one is gone, and all is there.
    assert_eq!((net.members[1].events, net.members[1].updates), (events + 5, updates + 3));
}

/// Names of groups that are as long as they may be.
fn many_groups() -> Attributes {
    let names = (0..GroupSet::LEN_MAX).map(|n| GroupName::new(&format!("{n:0>255}")).unwrap());
    Attributes { visibility: Visibility::Listed, groups: GroupSet::new(names) }
}

#[test]
fn actors_in_as_many_groups_as_may_be_fit_into_frames() {
    for ring_ops_max in [1, 1_000] {
        let config = RegistryConfig { ring_ops_max, ..RegistryConfig::default() };
        let mut net = Net::with_config(&["alpha", "beta"], &config);
        let attributes = many_groups();
        for number in 0..40 {
            net.register_as(
                0,
                Registration { attributes: attributes.clone(), ..registration(number, "room") },
            );
        }
        net.link(0, 1);
        net.run(SECOND);
        net.check_converged();
        (0..40).for_each(|number| net.update(0, number, unlisted()));
        (0..40).for_each(|number| net.update(0, number, attributes.clone()));
        net.run(SECOND);
        net.check_converged();
    }
}

#[test]
fn a_place_in_a_group_takes_room_like_an_actor() {
    let mut registry = Registry::new(node("alpha"), RegistryConfig::default());
    let (attributes, mut refused) = (many_groups(), 0);
    let actors = ENTRIES_PER_ORIGIN_MAX / (1 + GroupSet::LEN_MAX) + 1;
    for number in 0..actors as u64 {
        let label = Label::new("room").ok();
        let registration =
            Registration { label, attributes: attributes.clone(), ..registration(number, "x") };
        registry.handle(SECOND, Input::Register(registration));
        while let Some(output) = registry.poll() {
            assert_eq!(output, Output::Refused(ActorNumber(actors as u64 - 1)));
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
}

/// A registry whose log is as full as it can be, for the most part of actors in as many groups as may be; how
/// many of those there are.
fn full(is_told: bool) -> (Registry, u64) {
    let mut registry = Registry::new(node("alpha"), RegistryConfig::default());
    let each = 1 + GroupSet::LEN_MAX;
    let (grouped, rest) = (ENTRIES_PER_ORIGIN_MAX / each, ENTRIES_PER_ORIGIN_MAX % each);
    let attributes = |number| if number < grouped { many_groups() } else { Attributes::default() };
    for number in 0..grouped + rest {
        let registration =
            Registration { label: None, attributes: attributes(number), ..registration(number as u64, "x") };
        registry.handle(SECOND, Input::Register(registration));
        assert!(!is_refused(&mut registry));
    }
    if is_told {
        registry.handle(60 * SECOND, Input::Timeout);
        assert!(!is_refused(&mut registry));
    }
    (registry, grouped as u64)
}

fn is_refused(registry: &mut Registry) -> bool {
    let said: Vec<_> = std::iter::from_fn(|| registry.poll()).collect();
    said.iter().any(|output| matches!(output, Output::Refused(_)))
}

#[test]
fn what_takes_no_more_room_than_it_did_is_never_refused() {
    for is_told in [false, true] {
        let (mut registry, grouped) = full(is_told);
        let mut update = |number: u64, attributes: Attributes| {
            registry.handle(60 * SECOND, Input::Update { number: ActorNumber(number), attributes });
            is_refused(&mut registry)
        };
        // Another view of as many groups, then fewer groups, then none, and the first ones again.
        let unlisted_but = Attributes { visibility: Visibility::Unlisted, ..many_groups() };
        for attributes in [unlisted_but, in_groups(&["a", "b"]), Attributes::default(), many_groups()] {
            assert!(!update(0, attributes), "told: {is_told}");
        }
        // One more place is one too many, whoever takes it.
        assert!(update(grouped, in_groups(&["a"])), "told: {is_told}");
    }
}
