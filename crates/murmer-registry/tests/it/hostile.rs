//! Whatever a member says, nobody else's actors suffer and nothing panics.

use std::time::Duration;

use bytes::BytesMut;
use murmer_registry::{
    Chunk, Digest, ENTRIES_PER_ORIGIN_MAX, Input, LAMPORT_MAX, Message, Misbehaviour, OPS_PER_MESSAGE_MAX,
    Op, Output, Registry, RegistryConfig, Versions,
};
use murmer_wire::{ActorNumber, NodeId, decode, encode};
use proptest::prelude::*;

use crate::net::{SECOND, in_groups, node, record, registration};

fn linked() -> Registry {
    let mut registry = Registry::new(node("alpha"), RegistryConfig::default());
    told(&mut registry, SECOND, Input::PeerLinked(node("mallory")));
    registry
}

fn told(registry: &mut Registry, now: Duration, input: Input) -> Vec<Output> {
    registry.handle(now, input);
    std::iter::from_fn(|| registry.poll()).collect()
}

fn say(registry: &mut Registry, message: Message) -> Vec<Output> {
    told(registry, SECOND, Input::Message { from: node("mallory"), message })
}

fn ops(first: u64, ops: Vec<Op>) -> Message {
    Message::Ops { origin: node("mallory"), first, ops }
}

fn add(number: u64) -> Op {
    Op::ActorAdd(record(number, "room", 1))
}

fn remove(number: u64) -> Op {
    Op::ActorRemove { number: ActorNumber(number) }
}

fn chunk(upto: u64, live: u64) -> Chunk {
    let (origin, records) = (node("mallory"), vec![]);
    Chunk { origin, upto, live, fingerprint: 0, left: false, index: 0, last: true, records }
}

#[track_caller]
fn check(outputs: &[Output], expected: Misbehaviour) {
    let found = outputs.iter().find_map(|output| match output {
        Output::Misbehaved { peer, what } if *peer == node("mallory") => Some(*what),
        _ => None,
    });
    assert_eq!(found, Some(expected), "{outputs:?}");
}

fn asks_for_the_whole(outputs: &[Output]) -> bool {
    outputs.iter().any(|o| matches!(o, Output::Send { message: Message::Again { after: None }, .. }))
}

#[test]
fn nobody_speaks_for_another() {
    let mut registry = linked();
    for origin in ["alpha", "beta"].map(node) {
        let forged = Message::Ops { origin: origin.clone(), first: 1, ops: vec![add(1)] };
        check(&say(&mut registry, forged), Misbehaviour::NotItsOrigin);
        let forged = Message::Snapshot(Chunk { origin, ..chunk(9, 0) });
        check(&say(&mut registry, forged), Misbehaviour::NotItsOrigin);
    }
    assert_eq!(registry.versions().map(|(_, applied)| applied).sum::<u64>(), 0);
}

#[test]
fn an_impossible_op_is_where_applying_stops() {
    let mut registry = linked();
    let outputs = say(&mut registry, ops(1, vec![add(1), add(1), add(2)]));
    check(&outputs, Misbehaviour::NumberTaken(ActorNumber(1)));
    assert!(asks_for_the_whole(&outputs));
    assert_eq!(registry.versions().next().unwrap().1, 1);
    // Nothing but a snapshot is taken from now on, and it isn't asked for at every turn.
    assert!(say(&mut registry, ops(2, vec![add(3)])).is_empty());
}

#[test]
fn each_impossible_op_is_named() {
    let late = Op::ActorAdd(record(1, "room", LAMPORT_MAX + 1));
    for (list, what) in [
        (vec![remove(7)], Misbehaviour::NumberUnknown(ActorNumber(7))),
        (vec![late], Misbehaviour::LamportTooLarge),
        (vec![Op::Leave, add(1)], Misbehaviour::AfterLeave),
        (vec![], Misbehaviour::Malformed),
        (vec![Op::Leave; OPS_PER_MESSAGE_MAX + 1], Misbehaviour::Malformed),
    ] {
        check(&say(&mut linked(), ops(1, list)), what);
    }
    check(&say(&mut linked(), ops(0, vec![add(1)])), Misbehaviour::Malformed);
    check(&say(&mut linked(), ops(u64::MAX, vec![add(1), add(2)])), Misbehaviour::Malformed);
}

#[test]
fn a_snapshot_that_lies_changes_nothing() {
    let twice = vec![record(1, "room", 1), record(1, "hall", 1)];
    let one = vec![record(1, "room", 1)];
    for (lie, what) in [
        (Chunk { live: 5, ..chunk(9, 0) }, Misbehaviour::SnapshotMismatch),
        (Chunk { fingerprint: 5, ..chunk(9, 0) }, Misbehaviour::SnapshotMismatch),
        (Chunk { records: one, ..chunk(9, 0) }, Misbehaviour::SnapshotMismatch),
        (Chunk { left: true, ..chunk(9, 1) }, Misbehaviour::SnapshotMismatch),
        (Chunk { last: false, ..chunk(9, 1) }, Misbehaviour::SnapshotMismatch),
        (Chunk { records: twice, ..chunk(9, 2) }, Misbehaviour::NumberTaken(ActorNumber(1))),
        (chunk(9, ENTRIES_PER_ORIGIN_MAX as u64 + 1), Misbehaviour::TooManyActors),
        (chunk(u64::MAX, 0), Misbehaviour::Malformed),
    ] {
        let mut registry = linked();
        say(&mut registry, ops(1, vec![add(4)]));
        let outputs = say(&mut registry, Message::Snapshot(lie));
        check(&outputs, what);
        assert!(!outputs.iter().any(|output| matches!(output, Output::Added(_) | Output::Removed(_))));
        assert_eq!(registry.versions().next().unwrap().1, 1);
    }
}

#[test]
fn claims_about_our_own_log_are_checked() {
    let versions = |applied| Versions { session: 1, heard: 0, applied, lamport: 0, waiting: 0 };
    check(&say(&mut linked(), Message::Versions(versions(1))), Misbehaviour::Ahead);
    for message in [Message::Ack { applied: 1 }, Message::Again { after: Some(1) }] {
        let mut registry = linked();
        assert_eq!(say(&mut registry, message.clone()), []);
        say(&mut registry, Message::Versions(versions(0)));
        check(&say(&mut registry, message), Misbehaviour::Ahead);
    }
    let late = Versions { lamport: LAMPORT_MAX + 1, ..versions(0) };
    check(&say(&mut linked(), Message::Versions(late)), Misbehaviour::LamportTooLarge);
}

#[test]
fn a_shrinking_log_is_noticed() {
    let mut registry = linked();
    say(&mut registry, ops(1, vec![add(1), add(2)]));
    let digest = Digest { sent: 1, head: 1, live: 1, fingerprint: 0 };
    check(&say(&mut registry, Message::Digest(digest)), Misbehaviour::WentBack);
}

#[test]
fn a_liar_is_asked_for_snapshots_only_now_and_then() {
    let mut registry = linked();
    let mut asked = 0;
    for second in 1..=100 {
        let message = Message::Digest(Digest { sent: 0, head: 0, live: 3, fingerprint: 3 });
        let input = Input::Message { from: node("mallory"), message };
        asked += usize::from(asks_for_the_whole(&told(&mut registry, second * SECOND, input)));
        asked += usize::from(asks_for_the_whole(&told(&mut registry, second * SECOND, Input::Timeout)));
    }
    assert!((1..=11).contains(&asked), "{asked}");
}

#[test]
fn asking_without_end_is_answered_now_and_then() {
    let mut registry = linked();
    for number in 0..100 {
        told(&mut registry, SECOND, Input::Register(registration(number, "room")));
    }
    let mut sent = 0;
    for session in 1..1_000 {
        let versions = Versions { session, heard: 1, applied: 0, lamport: 0, waiting: 0 };
        let outputs = say(&mut registry, Message::Versions(versions));
        sent +=
            outputs.iter().filter(|o| matches!(o, Output::Send { message: Message::Ops { .. }, .. })).count();
        let outputs = say(&mut registry, Message::Again { after: None });
        sent += outputs
            .iter()
            .filter(|o| matches!(o, Output::Send { message: Message::Snapshot(_), .. }))
            .count();
    }
    assert!(sent <= 2, "{sent}");
}

#[test]
fn a_long_list_does_not_decode() {
    let mut bytes = BytesMut::new();
    encode(&ops(1, vec![Op::Leave; OPS_PER_MESSAGE_MAX]), &mut bytes).unwrap();
    assert!(decode::<Message>(&bytes).is_ok());
    bytes.clear();
    encode(&ops(1, vec![Op::Leave; OPS_PER_MESSAGE_MAX + 1]), &mut bytes).unwrap();
    assert!(decode::<Message>(&bytes).is_err());
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..6u64, 1 => any::<u64>(), 1 => Just(u64::MAX), 1 => Just(1 << 62)]
}

fn origin() -> impl Strategy<Value = NodeId> {
    prop_oneof![5 => Just("mallory"), 1 => Just("alpha"), 1 => Just("beta")].prop_map(node)
}

fn op() -> impl Strategy<Value = Op> {
    let add = (number(), "[ab]", number()).prop_map(|(n, label, at)| Op::ActorAdd(record(n, &label, at)));
    let attributes = prop_oneof![Just(in_groups(&[])), Just(in_groups(&["a"])), Just(in_groups(&["a", "b"]))];
    let update = (number(), attributes)
        .prop_map(|(n, attributes)| Op::ActorUpdate { number: ActorNumber(n), attributes });
    prop_oneof![4 => add, 2 => update, 2 => number().prop_map(remove), 1 => Just(Op::Leave)]
}

fn message() -> impl Strategy<Value = Message> {
    let versions = [number(), number(), number(), number(), number()].prop_map(
        |[session, heard, applied, lamport, waiting]| {
            Message::Versions(Versions { session, heard, applied, lamport, waiting })
        },
    );
    let list = (origin(), number(), prop::collection::vec(op(), 0..5))
        .prop_map(|(origin, first, ops)| Message::Ops { origin, first, ops });
    let records = prop::collection::vec((0..4u64, "[ab]", 0..3u64), 0..4);
    let records =
        records.prop_map(|list| list.into_iter().map(|(n, l, at)| record(n, &l, at)).collect::<Vec<_>>());
    let piece = (origin(), [number(), number(), number()], 0..3u32, any::<[bool; 2]>(), records).prop_map(
        |(origin, [upto, live, fingerprint], index, [left, last], records)| {
            Message::Snapshot(Chunk { origin, upto, live, fingerprint, left, index, last, records })
        },
    );
    let digest = [number(), number(), number(), number()].prop_map(|[sent, head, live, fingerprint]| {
        Message::Digest(Digest { sent, head, live, fingerprint })
    });
    prop_oneof![
        versions,
        list,
        piece,
        digest,
        number().prop_map(|applied| Message::Ack { applied }),
        (number(), any::<u32>()).prop_map(|(upto, index)| Message::ChunkAck { upto, index }),
        prop::option::of(number()).prop_map(|after| Message::Again { after }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_messages_make_it_panic(messages in prop::collection::vec((message(), 0..700u64), 1..60)) {
        let config = RegistryConfig { ring_ops_max: 3, ..RegistryConfig::default() };
        let mut registry = Registry::new(node("alpha"), config);
        let mut now = SECOND;
        told(&mut registry, now, Input::PeerLinked(node("mallory")));
        told(&mut registry, now, Input::PeerLinked(node("beta")));
        let mut known = std::collections::BTreeSet::new();
        for (turn, (message, wait)) in messages.into_iter().enumerate() {
            told(&mut registry, now, Input::Register(registration(turn as u64, "ours")));
            let mut bytes = BytesMut::new();
            encode(&message, &mut bytes).unwrap();
            prop_assert_eq!(&decode::<Message>(&bytes).unwrap(), &message);
            let mut outputs = told(&mut registry, now, Input::Message { from: node("mallory"), message });
            now += Duration::from_millis(wait);
            if registry.deadline().is_some_and(|due| due <= now) {
                outputs.extend(told(&mut registry, now, Input::Timeout));
                prop_assert!(registry.deadline().is_none_or(|due| due > now));
            }
            for output in outputs {
                match output {
                    Output::Added(entry) => {
                        prop_assert_eq!(&entry.id.node, &node("mallory"));
                        prop_assert!(known.insert(entry.id.clone()));
                    }
                    Output::Updated(entry) => prop_assert!(known.contains(&entry.id)),
                    Output::Removed(entry) => prop_assert!(known.remove(&entry.id)),
                    Output::Misbehaved { peer, .. } => prop_assert_eq!(peer, node("mallory")),
                    _ => {}
                }
            }
        }
        let removed = told(&mut registry, now, Input::PeerDown(node("mallory")));
        prop_assert_eq!(removed.len(), known.len());
    }
}
