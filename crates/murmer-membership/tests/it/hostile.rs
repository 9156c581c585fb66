//! Members that lie, and bytes that are nothing.

use bytes::Bytes;
use foca::{Member as Claim, Message, State};
use murmer_membership::MemberState::{Down, Left, Suspect, Unreachable, Up};
use murmer_membership::{
    Input, MEMBERS_MAX, Member, Membership, Misbehaviour, Output, PACKET_BYTES_MAX, Swim, SwimConfig,
};
use murmer_wire::Incarnation;
use proptest::prelude::*;

use crate::bench::{Bench, member};
use crate::forge::{WireId, alive, claims, dead, packet};
use crate::world::{World, millis, secs};

/// The largest incarnation that may be named.
const LAST: u64 = Incarnation::MAX.as_u64();

/// A node `us` linked to `alpha` and to `liar`.
struct Scene {
    node: Bench<Swim>,
    us: Member,
    alpha: Member,
    liar: Member,
}

impl Scene {
    fn new() -> Self {
        let (us, alpha, liar) = (member("us", 7), member("alpha", 1), member("liar", 1));
        let mut node = Bench::new(Swim::new(us.clone(), SwimConfig::lan(), 4));
        node.link(&alpha);
        node.link(&liar);
        node.said.clear();
        Self { node, us, alpha, liar }
    }

    fn receive(&mut self, bytes: impl Into<Bytes>) {
        self.node.tell(Input::Packet { from: self.liar.id.clone(), packet: bytes.into() });
    }

    fn says(&mut self, message: Message<WireId>, claims: &[Claim<WireId>]) {
        let bytes = packet(WireId::of(&self.liar, 0), WireId::of(&self.us, 0), message, claims);
        self.receive(bytes);
    }

    /// True if anybody was told that `member` is anything but dead.
    fn passes_on(&self, member: &Member) -> bool {
        self.node.said.iter().any(|(_, output)| match output {
            Output::Send { packet, .. } => claims(packet)
                .iter()
                .any(|claim| claim.id().node == member.id && claim.state() != State::Down),
            _ => false,
        })
    }

    fn blamed(&mut self) -> Vec<Misbehaviour> {
        self.node
            .said
            .drain(..)
            .filter_map(|(_, output)| match output {
                Output::Misbehaved { peer, what } if peer == self.liar.id => Some(what),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn a_life_heard_of_from_others_prunes_and_renames_nobody() {
    let mut scene = Scene::new();
    let forged = member("alpha", LAST);
    for state in [State::Alive, State::Suspect, State::Down] {
        scene.says(Message::Gossip, &[Claim::new(WireId::of(&forged, u32::MAX), u16::MAX, state)]);
        scene.says(Message::Feed, &[Claim::new(WireId::of(&forged, 0), 0, state)]);
    }
    assert_eq!(scene.node.states(&forged), []);
    assert_eq!(scene.node.states(&scene.alpha), []);
    assert_eq!(scene.node.state(&scene.alpha), Some(Up));
    assert_eq!(scene.node.dials(), std::slice::from_ref(&forged), "a reason to look, once a second at most");
    scene.node.pass(millis(900));
    assert!(!scene.passes_on(&forged), "nor is it passed on");
}

#[test]
fn a_life_of_a_time_to_come_is_nobodys() {
    let mut scene = Scene::new();
    for name in ["alpha", "ghost", "us"] {
        for life in [LAST + 1, u64::MAX] {
            scene.says(Message::Gossip, &[alive(&member(name, life), 0)]);
            scene.says(Message::PingReq { target: WireId::of(&member(name, life), 0), probe_number: 1 }, &[]);
        }
    }
    assert_eq!(scene.blamed(), [Misbehaviour::Malformed; 12]);
    assert_eq!((scene.node.dials().len(), scene.node.machine.members().count()), (0, 2));
    scene.says(Message::Gossip, &[alive(&member("ghost", LAST), 0)]);
    assert_eq!((scene.blamed().len(), scene.node.machine.members().count()), (0, 3));
}

#[test]
fn one_forged_packet_unseats_nobody_in_a_mesh() {
    let (mut world, members) = World::mesh(30, 5);
    let start = world.now;
    let (liar, alpha) = (&members[0], &members[1]);
    for told in &members[2..] {
        for claim in [alive(&member("n1", LAST), 0), alive(alpha, u32::MAX), dead(alpha, u32::MAX)] {
            let lie = packet(WireId::of(liar, 0), WireId::of(told, 0), Message::Gossip, &[claim]);
            world.tell(&told.id, Input::Packet { from: liar.id.clone(), packet: lie });
        }
    }
    let lie = packet(WireId::of(liar, 0), WireId::of(alpha, 0), Message::Gossip, &[dead(alpha, u32::MAX)]);
    world.tell(&alpha.id, Input::Packet { from: liar.id.clone(), packet: lie });
    world.run(secs(60));
    world.assert_mesh(&members);
    for node in members.iter().filter(|node| *node != alpha) {
        assert_eq!(world.history(node, alpha, start), [], "{:?}", node.id);
    }
    assert!(!world.log.iter().any(|(_, _, output)| matches!(output, Output::DownedByOthers { .. })));
}

#[test]
fn a_packet_must_come_from_who_it_says() {
    let mut scene = Scene::new();
    let (us, alpha) = (WireId::of(&scene.us, 0), WireId::of(&scene.alpha, 0));
    scene.receive(packet(alpha, us.clone(), Message::TurnUndead, &[]));
    scene.receive(packet(WireId::of(&member("liar", 2), 0), us.clone(), Message::Gossip, &[]));
    scene.receive(packet(us.clone(), us, Message::Gossip, &[]));
    assert_eq!(scene.blamed(), [Misbehaviour::WrongSource; 3]);
}

#[test]
fn a_packet_must_be_for_us() {
    let mut scene = Scene::new();
    let (liar, alpha) = (WireId::of(&scene.liar, 0), WireId::of(&scene.alpha, 0));
    scene.receive(packet(liar.clone(), alpha, Message::Gossip, &[]));
    scene.receive(packet(liar, WireId::of(&member("us", 8), 0), Message::Announce, &[]));
    assert_eq!(scene.blamed(), [Misbehaviour::WrongDestination; 2]);
}

#[test]
fn what_is_not_a_packet_is_dropped_whole() {
    let mut scene = Scene::new();
    let sound = packet(
        WireId::of(&scene.liar, 0),
        WireId::of(&scene.us, 0),
        Message::Gossip,
        &[dead(&scene.alpha, 0)],
    );
    scene.receive(vec![]);
    scene.receive(vec![0; 3]);
    scene.receive(sound.slice(..sound.len() - 1));
    scene.receive([&sound[..], &[0]].concat());
    scene.says(Message::Announce, &[dead(&scene.alpha.clone(), 0)]);
    scene.says(Message::Broadcast, &[]);
    assert_eq!(scene.blamed(), [Misbehaviour::Malformed; 6]);
    scene.receive(vec![0; PACKET_BYTES_MAX + 1]);
    assert_eq!(scene.blamed(), [Misbehaviour::TooLong { bytes: PACKET_BYTES_MAX + 1 }]);
    assert_eq!(scene.node.state(&scene.alpha), Some(Up));
}

#[test]
fn nobody_is_told_or_dialed_only_because_a_packet_names_it() {
    let mut scene = Scene::new();
    let stranger = WireId::of(&member("stranger", 1), 0);
    let probe_number = 1;
    scene.says(Message::PingReq { target: stranger.clone(), probe_number }, &[]);
    scene.says(Message::IndirectAck { target: stranger, probe_number }, &[]);
    assert!(scene.node.said.is_empty(), "{:?}", scene.node.said);
}

#[test]
fn nobody_can_make_us_renew_all_day() {
    let mut scene = Scene::new();
    let mut generation = 0;
    for _ in 0..1_000 {
        let us = WireId::of(&scene.us, generation);
        scene.receive(packet(WireId::of(&scene.liar, 0), us.clone(), Message::TurnUndead, &[]));
        let claims =
            [Claim::new(us.clone(), u16::MAX, State::Suspect), Claim::new(us.clone(), 0, State::Down)];
        scene.receive(packet(WireId::of(&scene.liar, 0), us, Message::Gossip, &claims));
        for (_, output) in scene.node.said.drain(..) {
            if let Output::DownedByOthers { generation: renewed } = output {
                generation = renewed;
            }
        }
        scene.node.now += millis(10);
    }
    assert!((1..=21).contains(&generation), "renewed {generation} times in ten seconds");
}

#[test]
fn one_packet_that_buries_us_twice_makes_us_nobody_else() {
    let mut scene = Scene::new();
    let us = scene.us.clone();
    scene.says(Message::Gossip, &[dead(&us, 0), alive(&us, 0), dead(&us, 0)]);
    scene.says(Message::Gossip, &[alive(&us, 0), dead(&us, 0), alive(&us, 9), dead(&us, 9)]);
    scene.node.pass(secs(5));
    assert!(scene.node.machine.members().all(|(member, _)| member.id.name != us.id.name));
}

#[test]
fn one_in_quarantine_is_not_raised_by_gossip() {
    let mut scene = Scene::new();
    let alpha = scene.alpha.clone();
    scene.node.tell(Input::Quarantined(alpha.id.clone()));
    scene.node.tell(Input::Unlinked(alpha.id.clone()));
    for generation in [0, 1, 7] {
        scene.says(Message::Gossip, &[alive(&alpha, generation)]);
        scene.node.pass(millis(1_500));
    }
    assert_eq!(scene.node.states(&alpha), [Down]);
    assert_eq!(scene.node.dials(), [], "it is not looked for");
}

#[test]
fn a_member_that_left_is_not_raised_by_gossip() {
    let mut scene = Scene::new();
    let alpha = scene.alpha.clone();
    scene.node.tell(Input::PeerLeft(alpha.id.clone()));
    scene.node.tell(Input::Unlinked(alpha.id.clone()));
    for generation in [0, 1, u32::MAX] {
        scene.says(Message::Gossip, &[Claim::new(WireId::of(&alpha, generation), u16::MAX, State::Alive)]);
    }
    scene.node.pass(secs(5));
    assert_eq!(scene.node.states(&alpha), [Left]);
    assert!(!scene.passes_on(&alpha));
}

#[test]
fn a_member_that_is_down_comes_back_by_gossip_of_its_renewal() {
    let mut scene = Scene::new();
    let alpha = scene.alpha.clone();
    scene.node.tell(Input::Unlinked(alpha.id.clone()));
    scene.says(Message::Gossip, &[dead(&alpha, 0)]);
    let mut number = 0;
    while scene.node.state(&alpha) != Some(Down) {
        scene.node.pass(millis(500));
        // Somebody answers, or the node would hold itself to be alone.
        number += 1;
        scene.says(Message::Ack(number), &[]);
    }
    scene.says(Message::Gossip, &[alive(&alpha, 0)]);
    assert_eq!(scene.node.state(&alpha), Some(Down), "old gossip raises nobody");
    scene.says(Message::Gossip, &[alive(&alpha, 1)]);
    assert_eq!(scene.node.states(&alpha), [Unreachable, Down, Up]);
}

#[test]
fn invented_members_are_bounded() {
    let mut scene = Scene::new();
    for number in 0..MEMBERS_MAX * 2 {
        let ghost = member(&format!("ghost{number}"), 1);
        scene.says(Message::Gossip, &[alive(&ghost, 0)]);
        scene.says(Message::Gossip, &[dead(&member(&format!("dead{number}"), 1), 0)]);
    }
    assert_eq!(scene.node.machine.members().count(), MEMBERS_MAX);
    assert_eq!(scene.node.state(&scene.alpha), Some(Up));
}

fn any_member() -> impl Strategy<Value = Member> {
    let name = prop::sample::select(vec!["us", "alpha", "liar", "ghost", "beta"]);
    let life = prop::sample::select(vec![0, 1, 2, 7, LAST, u64::MAX]);
    (name, life).prop_map(|(name, life)| member(name, life))
}

fn any_id() -> impl Strategy<Value = WireId> {
    let generation = prop::sample::select(vec![0, 1, 2, u32::MAX]);
    (any_member(), generation).prop_map(|(member, generation)| WireId::of(&member, generation))
}

fn any_message() -> impl Strategy<Value = Message<WireId>> {
    prop_oneof![
        any::<u8>().prop_map(Message::Ping),
        any::<u8>().prop_map(Message::Ack),
        (any_id(), any::<u8>()).prop_map(|(target, probe_number)| Message::PingReq { target, probe_number }),
        (any_id(), any::<u8>())
            .prop_map(|(origin, probe_number)| Message::IndirectPing { origin, probe_number }),
        (any_id(), any::<u8>())
            .prop_map(|(target, probe_number)| Message::IndirectAck { target, probe_number }),
        (any_id(), any::<u8>())
            .prop_map(|(origin, probe_number)| Message::ForwardedAck { origin, probe_number }),
        Just(Message::Announce),
        Just(Message::Feed),
        Just(Message::Gossip),
        Just(Message::TurnUndead),
    ]
}

fn any_claim() -> impl Strategy<Value = Claim<WireId>> {
    let incarnation = prop::sample::select(vec![0, 1, 2, u16::MAX]);
    let state = prop::sample::select(vec![State::Alive, State::Suspect, State::Down]);
    (any_id(), incarnation, state).prop_map(|(id, incarnation, state)| Claim::new(id, incarnation, state))
}

fn any_input() -> impl Strategy<Value = Input> {
    let id = || any_member().prop_map(|member| member.id);
    let claims = prop::collection::vec(any_claim(), 0..6);
    // Mostly from `liar` to `us`, as one that passes the first checks.
    let forged = (any_member(), any_id(), any_message(), claims, any::<bool>()).prop_map(
        |(member, src, message, claims, honest)| {
            let member = if honest { crate::bench::member("liar", 1) } else { member };
            let src = if honest { WireId::of(&member, src.generation) } else { src };
            let dst = WireId::of(&crate::bench::member("us", 7), 0);
            Input::Packet { from: member.id, packet: packet(src, dst, message, &claims) }
        },
    );
    let junk = (id(), prop::collection::vec(any::<u8>(), 0..1_200))
        .prop_map(|(from, bytes)| Input::Packet { from, packet: bytes.into() });
    prop_oneof![
        2 => any_member().prop_map(|member| Input::Linked { member }),
        1 => id().prop_map(Input::Unlinked),
        12 => forged,
        1 => junk,
        1 => id().prop_map(Input::Alive),
        1 => id().prop_map(Input::PeerLeft),
        1 => id().prop_map(Input::Down),
        1 => id().prop_map(Input::Quarantined),
        3 => Just(Input::Timeout),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_inputs_give_a_consistent_story_and_no_panic(
        inputs in prop::collection::vec((0u64..800, any_input()), 0..120),
    ) {
        let mut scene = Scene::new();
        let mut believed: std::collections::BTreeMap<_, _> =
            scene.node.machine.members().map(|(member, state)| (member.id.clone(), state)).collect();
        for (after, input) in inputs {
            scene.node.pass(millis(after));
            let linked = match &input {
                Input::Linked { member } if member.id.name != scene.us.id.name => Some(member.clone()),
                _ => None,
            };
            scene.node.tell(input);
            for (_, output) in scene.node.said.drain(..) {
                if let Output::Changed { member, from, to } = output {
                    prop_assert_eq!(believed.get(&member.id).copied().filter(|_| from.is_some()), from);
                    prop_assert_ne!(Some(to), from);
                    believed.insert(member.id, to);
                }
            }
            for (member, state) in scene.node.machine.members() {
                prop_assert_eq!(believed.get(&member.id), Some(&state));
                prop_assert_ne!(&member.id.name, &scene.us.id.name);
            }
            if let Some(linked) = linked {
                prop_assert!(matches!(scene.node.state(&linked), Some(Up | Suspect)));
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..1_300)) {
        let mut scene = Scene::new();
        scene.receive(bytes);
        prop_assert_eq!(scene.node.machine.members().count(), 2);
    }
}
