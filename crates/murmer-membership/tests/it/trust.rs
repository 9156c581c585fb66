//! What SWIM's word is worth against a member's own: doubt, veto, renewal.

use std::time::Duration;

use foca::{Member as Claim, Message, State};
use murmer_membership::MemberState::{Down, Suspect, Unreachable, Up};
use murmer_membership::{Input, Member, Membership, Output, Swim, SwimConfig};

use crate::bench::{Bench, member};
use crate::forge::{WireId, alive, claims, dead, header, packet};
use crate::world::{World, millis, secs};

fn node() -> (Bench<Swim>, Member, Member) {
    let (us, alpha) = (member("us", 7), member("alpha", 1));
    let mut node = Bench::new(Swim::new(us.clone(), SwimConfig::lan(), 3));
    node.link(&alpha);
    (node, us, alpha)
}

fn time_of(history: &[(Duration, murmer_membership::MemberState)], index: usize) -> Duration {
    history[index].0
}

#[test]
fn signs_of_life_hold_down_off_for_thirty_seconds_and_no_longer() {
    let (mut node, _, alpha) = node();
    node.pass_with_life(&alpha, secs(60));
    assert_eq!(node.states(&alpha), [Up, Suspect, Unreachable, Down]);
    let history = node.history(&alpha);
    let held = time_of(&history, 3) - time_of(&history, 2);
    assert_eq!(held, secs(30));
}

#[test]
fn without_a_sign_of_life_down_follows_after_two_seconds() {
    let (mut node, _, alpha) = node();
    node.pass(secs(60));
    assert_eq!(node.states(&alpha), [Up, Suspect, Unreachable, Down]);
    let history = node.history(&alpha);
    assert_eq!(time_of(&history, 3) - time_of(&history, 2), secs(2));
}

#[test]
fn the_veto_ends_with_the_signs_of_life() {
    let (mut node, _, alpha) = node();
    node.pass_with_life(&alpha, secs(15));
    assert_eq!(node.state(&alpha), Some(Unreachable));
    node.pass(secs(2));
    assert_eq!(node.state(&alpha), Some(Down));
}

#[test]
fn a_doubted_peer_is_asked_for_a_sign_of_life() {
    let (mut node, _, alpha) = node();
    node.pass(secs(4));
    let asks = node.said.iter().filter(|(_, output)| *output == Output::AskAlive(alpha.id.clone())).count();
    assert!(asks >= 4, "asked {asks} times");
}

#[test]
fn a_falsely_buried_member_renews_and_nothing_is_pruned() {
    for seed in 0..5 {
        let (mut world, members) = World::mesh(seed, 4);
        let [alpha, liar, victim, other] = &members[..] else { unreachable!() };
        let start = world.now;
        for told in [alpha, other] {
            let lie = packet(WireId::of(liar, 0), WireId::of(told, 0), Message::Gossip, &[dead(victim, 0)]);
            world.tell(&told.id, Input::Packet { from: liar.id.clone(), packet: lie });
        }
        assert_eq!(world.state(alpha, victim), Some(Unreachable));
        world.run(secs(5));
        world.assert_mesh(&members);
        let renewals = world
            .log
            .iter()
            .filter(|(_, node, output)| *node == victim.id && matches!(output, Output::DownedByOthers { .. }))
            .count();
        assert!((1..=2).contains(&renewals), "seed {seed}: renewed {renewals} times");
        world.run(secs(60));
        world.assert_mesh(&members);
        assert_eq!(world.all_changes_to(Down), [], "seed {seed}");
        assert!(world.history(alpha, victim, start).ends_with(&[Unreachable, Up]));
    }
}

#[test]
fn others_learn_of_a_renewal_without_a_change() {
    let (mut world, members) = World::mesh(20, 5);
    let start = world.now;
    let (liar, victim) = (&members[0], &members[1]);
    let lie = packet(WireId::of(liar, 0), WireId::of(victim, 0), Message::TurnUndead, &[]);
    world.tell(&victim.id, Input::Packet { from: liar.id.clone(), packet: lie });
    world.run(secs(60));
    world.assert_mesh(&members);
    for node in members.iter().filter(|node| *node != victim) {
        assert_eq!(world.history(node, victim, start), [], "{:?}", node.id);
    }
}

#[test]
fn a_link_to_a_dead_member_heals_it_even_if_others_still_call_it_dead() {
    let (mut world, members) = World::mesh(21, 4);
    let (lost, rest) = members.split_last().unwrap();
    world.cut(std::slice::from_ref(lost), rest);
    world.run(secs(30));
    world.heal();
    world.dial(lost, &rest[0]);
    world.run(millis(40));
    assert_eq!(world.state(&rest[0], lost), Some(Up));
    let start = world.now;
    world.run(secs(15));
    world.assert_mesh(&members);
    assert_eq!(world.history(&rest[0], lost, start), [], "it stays up where it was linked first");
}

#[test]
fn a_node_announces_itself_over_a_new_link() {
    let (node, us, alpha) = node();
    let announced = node.said.iter().any(|(_, output)| match output {
        Output::Send { to, packet } => {
            let header = header(packet);
            *to == alpha.id && header.message == Message::Announce && header.src == WireId::of(&us, 0)
        }
        _ => false,
    });
    assert!(announced);
}

#[test]
fn where_a_member_is_found_is_what_its_link_showed() {
    let (mut node, us, alpha) = node();
    let beta = member("beta", 1);
    node.link(&beta);
    let lost = Member { addr: "127.0.0.9:9".parse().unwrap(), ..alpha.clone() };
    for (from, said) in [(&alpha, vec![]), (&beta, vec![alive(&lost, 0)])] {
        let src = if from == &alpha { WireId::of(&lost, 0) } else { WireId::of(from, 0) };
        let packet = packet(src, WireId::of(&us, 0), Message::Gossip, &said);
        node.tell(Input::Packet { from: from.id.clone(), packet });
    }
    let found = node.machine.members().map(|(member, _)| member.clone());
    assert_eq!(found.collect::<Vec<_>>(), [alpha.clone(), beta.clone()]);
    // A link to where others had not placed it moves it, and that is passed on.
    let moved = Member { addr: "10.0.0.1:7100".parse().unwrap(), ..alpha };
    node.link(&moved);
    assert_eq!(node.states(&moved), [Up]);
    let heard = node.said.len();
    node.pass(secs(1));
    let told = node.said[heard..].iter().filter_map(|(_, output)| match output {
        Output::Send { packet, .. } => Some(claims(packet)),
        _ => None,
    });
    let about: Vec<_> = told.flatten().filter(|claim| claim.id().node == moved.id).collect();
    assert!(!about.is_empty() && about.iter().all(|claim| claim.id().addr == moved.addr), "{about:?}");
}

#[test]
fn a_suspicion_nobody_pursues_is_dropped() {
    let (mut node, us, alpha) = node();
    let ghost = member("ghost", 1);
    let (from, to) = (WireId::of(&alpha, 0), WireId::of(&us, 0));
    let suspected = [Claim::new(WireId::of(&ghost, 0), 0, State::Suspect)];
    let packets = |message, claims: &[Claim<WireId>]| Input::Packet {
        from: alpha.id.clone(),
        packet: packet(from.clone(), to.clone(), message, claims),
    };
    node.tell(packets(Message::Gossip, &suspected));
    assert_eq!(node.states(&ghost), [Up, Suspect]);
    let mut heard = 0;
    while node.now < secs(30) {
        node.pass(millis(50));
        // alpha answers for itself, and reaches the ghost for others.
        let said = node.said[heard..].to_vec();
        heard = node.said.len();
        for (_, output) in said {
            let Output::Send { packet, .. } = output else { continue };
            match header(&packet).message {
                Message::Ping(number) => node.tell(packets(Message::Ack(number), &[])),
                Message::PingReq { target, probe_number } => {
                    node.tell(packets(Message::ForwardedAck { origin: target, probe_number }, &[]));
                }
                _ => {}
            }
        }
    }
    assert_eq!(node.states(&ghost), [Up, Suspect, Up]);
    assert_eq!(node.states(&alpha), [Up]);
}

#[test]
fn the_life_that_took_over_is_watched_even_if_its_clock_went_back() {
    let (mut node, _, _) = node();
    let (old, new) = (member("beta", 100), member("beta", 50));
    node.link(&old);
    node.link(&new);
    node.pass(secs(2));
    let is_probed = node.said.iter().any(|(_, output)| match output {
        Output::Send { to, packet } => *to == new.id && matches!(header(packet).message, Message::Ping(_)),
        _ => false,
    });
    assert!(is_probed);
    assert_eq!(node.states(&old), [Up, Down]);
}

/// What `node` has sent to `to` since it was last asked.
fn sent(node: &mut Bench<Swim>, to: &Member) -> Vec<bytes::Bytes> {
    node.said
        .drain(..)
        .filter_map(|(_, output)| match output {
            Output::Send { to: peer, packet } if peer == to.id => Some(packet),
            _ => None,
        })
        .collect()
}

#[test]
fn a_packet_overtaken_by_a_renewal_is_not_answered() {
    let (mut node, us, alpha) = node();
    node.said.clear();
    let mut answers = |generation| {
        let ping = packet(WireId::of(&alpha, generation), WireId::of(&us, 0), Message::Ping(1), &[]);
        node.tell(Input::Packet { from: alpha.id.clone(), packet: ping });
        let sent = sent(&mut node, &alpha);
        sent.iter().map(|packet| header(packet).dst.generation).collect::<Vec<_>>()
    };
    assert_eq!(answers(1), [1]);
    assert_eq!(answers(0), []);
    assert_eq!(answers(1), [1]);
}

#[test]
fn a_members_own_word_about_itself_outweighs_what_was_said_before_it_was_linked() {
    let (mut node, us, alpha) = node();
    let beta = member("beta", 1);
    for claim in [dead(&beta, u32::MAX), alive(&member("beta", 9), 0)] {
        let gossip = packet(WireId::of(&alpha, 0), WireId::of(&us, 0), Message::Gossip, &[claim]);
        node.tell(Input::Packet { from: alpha.id.clone(), packet: gossip });
        node.link(&beta);
        node.said.clear();
        let ping = packet(WireId::of(&beta, 0), WireId::of(&us, 0), Message::Ping(1), &[]);
        node.tell(Input::Packet { from: beta.id.clone(), packet: ping });
        let answers: Vec<_> = sent(&mut node, &beta).iter().map(header).collect();
        assert_eq!(answers.len(), 1);
        assert_eq!((&answers[0].message, answers[0].dst.generation), (&Message::Ack(1), 0));
        node.tell(Input::Unlinked(beta.id.clone()));
    }
}

#[test]
fn news_is_repeated_often_enough_to_survive_loss_in_a_small_cluster() {
    let (mut node, _, alpha) = node();
    let beta = member("beta", 1);
    node.link(&beta);
    node.tell(Input::PeerLeft(beta.id.clone()));
    node.pass(secs(2));
    let told = sent(&mut node, &alpha)
        .iter()
        .filter(|packet| claims(packet).iter().any(|claim| claim.id().node == beta.id))
        .count();
    assert!(told >= 8, "told {told} times");
}
