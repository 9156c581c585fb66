//! What a member that went mad can do to a node: be noticed.

use std::net::SocketAddr;

use bytes::Bytes;
use murmer_membership::{Fixed, MemberState, Membership, Swim};
use murmer_node::{
    Control, EndCause, Input, Introduction, LinkId, Manifest, Notice, Peer, PlaceId, WatchEntry, WatchWord,
};
use murmer_registry::{Attributes, Chunk, Digest, Message, Op, Record, Versions};
use murmer_wire::{ActorNumber, Label, NodeId, TypeName, Visibility};
use proptest::prelude::*;

use crate::world::{World, fixed, ms, swim, who};

/// Alpha with the actor 1, linked with beta over connection 100, and with gamma over 101.
fn alpha<M: Membership>(membership: fn(&Introduction) -> M) -> World<M> {
    let mut world = World::new();
    let us = who("alpha", 1, 1);
    world.boot(&us, membership(&us), &[]);
    world.register(0, 1);
    world
}

fn any_node() -> impl Strategy<Value = NodeId> {
    let names = prop_oneof![Just("alpha"), Just("beta"), Just("gamma"), Just("other")];
    (names, 0u64..4).prop_map(|(name, incarnation)| who(name, incarnation, 1).id)
}

fn any_peer() -> impl Strategy<Value = Peer> {
    (any_node(), 1u16..5, any::<bool>(), 0u64..4, proptest::collection::vec((any_node(), 1u16..5), 0..3))
        .prop_map(|(id, port, dialed, dial, members)| {
            let introduction = |(id, port)| Introduction { id, addr: who("x", 1, port).addr };
            let who = introduction((id, port));
            let members = members.into_iter().map(introduction).collect();
            Peer { seen_at: who.addr, who, dialed, dial, members }
        })
}

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0u64..5, 1 => any::<u64>()]
}

fn any_control() -> impl Strategy<Value = Control> {
    prop_oneof![
        any_number().prop_map(Control::Ping),
        any_number().prop_map(Control::Pong),
        Just(Control::Leave),
        Just(Control::LeaveAck),
        Just(Control::Manifest(Manifest::default())),
        any_watch_word().prop_map(Control::Watching),
    ]
}

fn any_watch_word() -> impl Strategy<Value = WatchWord> {
    let session = || 0u64..4;
    let version = || proptest::option::of(any_number());
    let entry = (0u64..6, 0u64..3, proptest::option::of((0u64..3).prop_map(ActorNumber)))
        .prop_map(|(watch, target, watcher)| WatchEntry { watch, target: ActorNumber(target), watcher });
    let cause = prop_oneof![Just(EndCause::Stopped), Just(EndCause::Panicked("ä".repeat(1_000)))];
    let notice = (any_number(), cause).prop_map(|(watch, cause)| Notice { watch, reason: cause.into() });
    prop_oneof![
        (any_number(), version()).prop_map(|(session, version)| WatchWord::Begin { session, version }),
        (
            session(),
            any::<bool>(),
            proptest::collection::vec(entry, 0..4),
            proptest::collection::vec(any_number(), 0..4),
            version(),
        )
            .prop_map(|(session, is_afresh, added, dropped, version)| WatchWord::Set {
                session,
                is_afresh,
                added,
                dropped,
                version,
            }),
        session().prop_map(|session| WatchWord::SetHeard { session }),
        (session(), proptest::collection::vec(notice, 0..4))
            .prop_map(|(session, notices)| WatchWord::Notices { session, notices }),
        session().prop_map(|session| WatchWord::NoticesHeard { session }),
    ]
}

fn any_record() -> impl Strategy<Value = Record> {
    (0u64..4, any_number()).prop_map(|(number, lamport)| Record {
        number: ActorNumber(number),
        label: Label::new("label").ok(),
        actor_type: TypeName::new("test::Actor").unwrap(),
        lamport,
        attributes: Attributes::default(),
    })
}

fn any_message() -> impl Strategy<Value = Message> {
    let number = any_number;
    let op = prop_oneof![
        any_record().prop_map(Op::ActorAdd),
        (0u64..4).prop_map(|number| Op::ActorUpdate {
            number: ActorNumber(number),
            attributes: Attributes { visibility: Visibility::Unlisted, ..Attributes::default() },
        }),
        (0u64..4).prop_map(|number| Op::ActorRemove { number: ActorNumber(number) }),
        Just(Op::Leave),
    ];
    let records = proptest::collection::vec(any_record(), 0..3);
    prop_oneof![
        [number(), number(), number(), number(), number()].prop_map(
            |[session, heard, applied, lamport, waiting]| {
                Message::Versions(Versions { session, heard, applied, lamport, waiting })
            }
        ),
        (any_node(), number(), proptest::collection::vec(op, 0..4))
            .prop_map(|(origin, first, ops)| Message::Ops { origin, first, ops }),
        (any_node(), [number(), number(), number()], any::<[bool; 2]>(), 0u32..3, records).prop_map(
            |(origin, [upto, live, fingerprint], [left, last], index, records)| {
                Message::Snapshot(Chunk { origin, upto, live, fingerprint, left, index, last, records })
            }
        ),
        number().prop_map(|applied| Message::Ack { applied }),
        (number(), 0u32..3).prop_map(|(upto, index)| Message::ChunkAck { upto, index }),
        proptest::option::of(number()).prop_map(|after| Message::Again { after }),
        [number(), number(), number(), number()].prop_map(|[sent, head, live, fingerprint]| {
            Message::Digest(Digest { sent, head, live, fingerprint })
        }),
    ]
}

/// Only links below 100 are the world's own; it doesn't carry what goes to others.
fn any_input() -> impl Strategy<Value = Input> {
    let link = || (0u64..5).prop_map(LinkId);
    prop_oneof![
        4 => (link(), any_peer()).prop_map(|(link, peer)| Input::Introduced { link, peer }),
        2 => link().prop_map(Input::Unlinked),
        6 => (link(), any_control()).prop_map(|(link, message)| Input::Control { link, message }),
        9 => (link(), any_message()).prop_map(|(link, message)| Input::Registry { link, message }),
        3 => (link(), any::<Vec<u8>>())
            .prop_map(|(link, packet)| Input::Datagram { link, packet: Bytes::from(packet) }),
        2 => (0u64..4, 0u16..4).prop_map(|(place, port)| Input::Found {
            place: PlaceId(place),
            addrs: vec![SocketAddr::from(([10, 0, 0, 1], port))],
        }),
        1 => (0u64..4).prop_map(|place| Input::Gone(PlaceId(place))),
        1 => (0u64..4, any_node()).prop_map(|(place, id)| Input::PlaceIs { place: PlaceId(place), id }),
        4 => Just(()).prop_map(|()| Input::Timeout),
    ]
}

fn check_survives<M: Membership>(membership: fn(&Introduction) -> M, steps: Vec<(Input, u64)>) {
    let mut world = alpha(membership);
    // Connection numbers are never used twice.
    let mut used = std::collections::BTreeSet::new();
    for (input, millis) in steps {
        if let Input::Introduced { link, .. } = &input
            && !used.insert(*link)
        {
            continue;
        }
        world.now += ms(millis);
        world.tell_deaf(0, input);
    }
    let own = world.sites[0].actors.keys().filter(|id| id.node == world.sites[0].who.id);
    assert_eq!(own.count(), 0, "a peer spoke for us");
}

#[test]
fn a_peer_cannot_unregister_another_peers_actors() {
    let mut world: World<Fixed> = World::new();
    let names = [who("alpha", 1, 1), who("beta", 1, 2), who("gamma", 1, 3)];
    for us in &names {
        let at = world.boot(us, fixed(us, &[]), &[]);
        world.register(at, 7);
    }
    world.dial(1, murmer_node::DialTarget::Peer(names[0].clone()));
    world.dial(2, murmer_node::DialTarget::Peer(names[0].clone()));
    world.run(ms(1_000));
    assert_eq!((world.known(0, 1), world.known(0, 2)), (vec![7], vec![7]));
    let link = world.sites[0].node.link_to(&names[1].id).unwrap();
    let ops = vec![Op::ActorRemove { number: ActorNumber(7) }];
    let message = Message::Ops { origin: names[2].id.clone(), first: 2, ops };
    world.tell(0, Input::Registry { link, message });
    assert_eq!((world.known(0, 1), world.known(0, 2)), (vec![7], vec![7]));
    assert_eq!(world.sites[0].misbehaved, 1);
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_peers_say_a_node_goes_on(
        steps in proptest::collection::vec((any_input(), prop_oneof![Just(0), 0u64..3_000]), 0..60),
    ) {
        check_survives::<Swim>(swim, steps);
    }

    #[test]
    fn whatever_peers_say_a_node_with_a_list_goes_on(
        steps in proptest::collection::vec((any_input(), prop_oneof![Just(0), 0u64..3_000]), 0..60),
    ) {
        check_survives::<Fixed>(|us| fixed(us, &[]), steps);
    }
}
