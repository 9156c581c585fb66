//! Getting to know everybody from one address.

use std::net::SocketAddr;
use std::time::Duration;

use murmer_membership::{Fixed, MemberState, Swim};
use murmer_node::{CloseReason, Control, Input, Introduction, JoinEnd, LinkId, Output, Peer, Refusal};
use murmer_registry::{Digest, Message, Versions};

use crate::world::{World, fixed, ms, swim, who};

fn seed(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], port))
}

/// Alpha, and others that know nothing but alpha's address.
fn cluster(others: &[&str]) -> World<Swim> {
    let mut world = World::new();
    let alpha = who("alpha", 1, 1);
    world.boot(&alpha, swim(&alpha), &[]);
    world.register(0, 10);
    for (port, name) in (2..).zip(others) {
        let us = who(name, 1, port);
        let at = world.boot(&us, swim(&us), &[seed(1)]);
        world.register(at, 10 + u64::from(port));
    }
    world
}

#[test]
fn a_node_without_seeds_has_joined_at_once() {
    let world = cluster(&[]);
    assert_eq!(world.sites[0].joined, [(world.now, JoinEnd::Complete)]);
}

#[test]
fn all_who_know_one_seed_come_to_know_each_other() {
    let mut world = cluster(&["beta", "gamma", "delta"]);
    world.run(ms(3_000));
    for at in 0..4 {
        for other in (0..4).filter(|other| *other != at) {
            assert_eq!(world.state(at, other), Some(MemberState::Up));
            assert_eq!(world.known(at, other), [10 + if other == 0 { 0 } else { other as u64 + 1 }]);
            assert_eq!(world.current(at, other), world.current(other, at));
            assert_eq!(world.connections(at, other), 1);
        }
        assert_eq!(world.sites[at].joined.len(), 1);
        assert_eq!(world.sites[at].joined[0].1, JoinEnd::Complete);
        assert_eq!(world.sites[at].misbehaved, 0);
    }
}

#[test]
fn the_rest_stays_together_when_the_seed_dies() {
    let mut world = cluster(&["beta", "gamma"]);
    world.run(ms(2_000));
    world.sites[0].is_frozen = true;
    world.sever(0, 1);
    world.sever(0, 2);
    world.run(ms(20_000));
    assert_eq!(world.state(1, 0), Some(MemberState::Down));
    assert_eq!(world.known(1, 0), [0; 0]);
    assert_eq!((world.state(1, 2), world.state(2, 1)), (Some(MemberState::Up), Some(MemberState::Up)));
    assert_eq!(world.known(1, 2), [13]);
}

#[test]
fn joining_is_complete_only_when_everybody_named_is_synced() {
    let mut world = cluster(&["beta"]);
    world.run(ms(1_000));
    let us = who("gamma", 1, 3);
    let at = world.boot(&us, swim(&us), &[seed(1)]);
    world.register(at, 13);
    // Until it has synced with beta as well, of which it learns from alpha.
    while world.sites[at].joined.is_empty() {
        let under_way = world.under_way();
        match under_way.first() {
            Some(next) => world.deliver(*next),
            None => {
                world.now += ms(1);
                world.tick();
            }
        }
    }
    assert_eq!(world.sites[at].joined[0].1, JoinEnd::Complete);
    assert_eq!((world.known(at, 0), world.known(at, 1)), (vec![10], vec![12]));
}

#[test]
fn joining_ends_late_while_nobody_answers_and_goes_on() {
    let mut world = World::new();
    let us = who("beta", 1, 2);
    let began_at = world.now;
    world.boot(&us, swim(&us), &[seed(1)]);
    world.run(ms(2_999));
    assert_eq!(world.sites[0].joined, []);
    world.run(ms(1));
    assert_eq!(world.sites[0].joined, [(began_at + ms(3_000), JoinEnd::Late)]);
    let alpha = who("alpha", 1, 1);
    world.boot(&alpha, swim(&alpha), &[]);
    world.run(ms(2_000));
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
    assert_eq!(world.sites[0].joined.len(), 1, "it is said once");
}

#[test]
fn joining_ends_late_while_a_member_that_was_named_stays_silent() {
    let mut world = cluster(&["beta"]);
    world.run(ms(1_000));
    let us = who("gamma", 1, 3);
    let began_at = world.now;
    let at = world.boot(&us, swim(&us), &[seed(1)]);
    world.silent.extend([(at, 1), (1, at)]);
    world.run(ms(2_999));
    assert_eq!(world.known(at, 0), [10]);
    assert_eq!(world.sites[at].joined, []);
    world.run(ms(1));
    assert_eq!(world.sites[at].joined, [(began_at + ms(3_000), JoinEnd::Late)]);
    world.silent.clear();
    world.run(ms(15_000));
    assert_eq!(world.known(at, 1), [12], "it goes on joining");
    assert_eq!(world.sites[at].joined.len(), 1);
}

#[test]
fn a_member_that_cannot_be_dialed_is_not_waited_for() {
    let mut world = cluster(&["beta"]);
    world.run(ms(1_000));
    let us = who("gamma", 1, 3);
    let began_at = world.now;
    let at = world.boot(&us, swim(&us), &[seed(1)]);
    world.cut.push((at, 1));
    world.run(ms(3_000));
    assert_eq!(world.sites[at].joined.len(), 1);
    assert_eq!(world.sites[at].joined[0].1, JoinEnd::Complete);
    assert!(world.sites[at].joined[0].0 < began_at + ms(1_000));
    assert_eq!((world.known(at, 0), world.known(at, 1)), (vec![10], vec![]));
}

#[test]
fn a_member_that_leaves_meanwhile_is_not_waited_for() {
    let mut world = cluster(&["beta"]);
    world.run(ms(1_000));
    let us = who("gamma", 1, 3);
    let at = world.boot(&us, swim(&us), &[seed(1)]);
    while world.current(at, 1).is_none() {
        match world.under_way().first().copied() {
            Some(next) => world.deliver(next),
            None => {
                world.now += ms(1);
                world.tick();
            }
        }
    }
    world.sites[1].is_frozen = true;
    world.settle();
    assert_eq!((world.known(at, 0), world.sites[at].joined.len()), (vec![10], 0));
    let link = world.sites[at].node.link_to(&world.sites[1].who.id).unwrap();
    world.tell(at, Input::Control { link, message: Control::Leave });
    assert_eq!(world.state(at, 1), Some(MemberState::Left));
    assert_eq!(world.sites[at].joined, [(world.now, JoinEnd::Complete)]);
}

/// Gamma, let in by alpha and beta, of whose registries nothing is here yet. Beta has named `named`.
fn let_in(named: Introduction) -> World<Fixed> {
    let mut world = World::new();
    let us = who("gamma", 1, 3);
    world.boot(&us, fixed(&us, &[]), &[seed(1), seed(2)]);
    introduce(&mut world, 100, who("alpha", 2, 1), vec![]);
    world.tell_deaf(0, Input::SeedIs { seed: 0, id: who("alpha", 2, 1).id });
    introduce(&mut world, 101, who("beta", 1, 2), vec![named]);
    world.tell_deaf(0, Input::SeedIs { seed: 1, id: who("beta", 1, 2).id });
    world
}

fn introduce(world: &mut World<Fixed>, link: u64, who: Introduction, members: Vec<Introduction>) {
    let peer = Peer { seen_at: who.addr, who, dialed: true, dial: link, members };
    world.tell_deaf(0, Input::Introduced { link: LinkId(link), peer });
}

/// Nothing is registered at alpha, nor at beta.
fn sync(world: &mut World<Fixed>) {
    let versions = Versions { session: 1, heard: 0, applied: 0, lamport: 0, waiting: 0 };
    let digest = Digest { sent: 0, head: 0, live: 0, fingerprint: 0 };
    for link in [LinkId(100), LinkId(101)] {
        for message in [Message::Versions(versions.clone()), Message::Digest(digest.clone())] {
            world.tell_deaf(0, Input::Registry { link, message });
        }
    }
}

#[test]
fn an_earlier_life_of_somebody_linked_is_neither_dialed_nor_waited_for() {
    // Beta has not heard yet that alpha has started anew.
    let mut world = let_in(who("alpha", 1, 1));
    assert_eq!(world.sites[0].joined, []);
    sync(&mut world);
    assert_eq!(world.sites[0].joined, [(world.now, JoinEnd::Complete)]);
    world.now += ms(2_000);
    world.sites[0].node.handle(world.now, Input::Timeout);
    let outputs = std::iter::from_fn(|| world.sites[0].node.poll());
    assert_eq!(outputs.filter(|output| matches!(output, Output::Dial(_))).count(), 0);
}

#[test]
fn a_member_that_is_not_let_in_is_not_waited_for() {
    let mut world = let_in(who("alpha", 3, 4));
    sync(&mut world);
    assert_eq!(world.sites[0].joined, []);
    introduce(&mut world, 102, who("alpha", 3, 4), vec![]);
    // The holder of the name answers.
    world.tell_deaf(0, Input::Control { link: LinkId(100), message: Control::Pong(1) });
    assert_eq!(world.sites[0].refused, [(who("alpha", 3, 4).id, Refusal::NameInUse)]);
    assert_eq!(world.sites[0].joined, [(world.now, JoinEnd::Complete)]);
}

#[test]
fn a_seed_is_dialed_every_half_to_two_seconds_until_it_answers() {
    let mut world = World::new();
    let us = who("beta", 1, 2);
    world.boot(&us, fixed(&us, &[]), &[seed(1)]);
    world.run(ms(60_000));
    let dialed: Vec<_> = world.sites[0].dialed.iter().map(|(at, _)| *at).collect();
    let gaps: Vec<_> = dialed.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.len() > 30);
    assert!(gaps.iter().all(|gap| (ms(500)..=ms(2_000)).contains(gap)), "{gaps:?}");
    assert!(gaps.iter().any(|gap| *gap < ms(1_000)) && gaps.iter().any(|gap| *gap > ms(1_500)));

    let alpha = who("alpha", 1, 1);
    world.boot(&alpha, fixed(&alpha, &[]), &[]);
    world.run(ms(2_000));
    let answered = world.sites[0].dialed.len();
    world.run(ms(60_000));
    assert_eq!(world.sites[0].dialed.len(), answered, "it has answered");
    assert_eq!(world.connections(0, 1), 1);
}

#[test]
fn a_seed_is_dialed_patiently_after_ten_minutes_and_never_again_after_a_day() {
    let mut world = World::new();
    let us = who("beta", 1, 2);
    world.boot(&us, fixed(&us, &[]), &[seed(1)]);
    world.run(Duration::from_secs(610));
    let eager = world.sites[0].dialed.len();
    world.run(Duration::from_secs(600));
    let patient = world.sites[0].dialed.len() - eager;
    assert!((19..=21).contains(&patient), "{patient}");
    world.run(Duration::from_secs(25 * 3_600));
    let all = world.sites[0].dialed.len();
    world.run(Duration::from_secs(3_600));
    assert!(world.sites[0].dialed.len() > all, "a node that is alone starts over");
}

#[test]
fn a_seed_that_is_ourselves_is_dialed_once() {
    let mut world: World<Fixed> = World::new();
    let us = who("alpha", 1, 1);
    let began_at = world.now;
    world.boot(&us, fixed(&us, &[]), &[seed(1)]);
    world.run(ms(60_000));
    assert_eq!(world.sites[0].dialed.len(), 1);
    assert_eq!(world.sites[0].closed, [CloseReason::Ourselves]);
    assert_eq!(world.sites[0].joined, [(began_at, JoinEnd::Complete)]);
    assert_eq!(world.connections(0, 0), 0);
    assert!(world.sites[0].states.is_empty());
}

#[test]
fn nodes_with_one_list_of_seeds_find_each_other_whoever_is_on_it() {
    let mut world = World::new();
    let seeds = [seed(1), seed(2), seed(3)];
    for (port, name) in (1..).zip(["alpha", "beta", "gamma"]) {
        let us = who(name, 1, port);
        world.boot(&us, swim(&us), &seeds);
    }
    world.run(ms(5_000));
    for (at, other) in [(0, 1), (1, 2), (2, 0)] {
        assert_eq!(world.connections(at, other), 1);
        assert_eq!(world.current(at, other), world.current(other, at));
    }
    let dialed: usize = world.sites.iter().map(|site| site.dialed.len()).sum();
    world.run(ms(60_000));
    assert_eq!(world.sites.iter().map(|site| site.dialed.len()).sum::<usize>(), dialed);
}

#[test]
fn a_node_has_joined_in_its_own_eyes_once_somebody_let_it_in_however_late() {
    let mut world = World::new();
    let beta = who("beta", 1, 2);
    let at = world.boot(&beta, swim(&beta), &[seed(1)]);
    world.run(ms(10_000));
    assert_eq!(world.sites[at].joined[0].1, JoinEnd::Late);
    assert!(!world.sites[at].node.stats().has_joined);
    let alpha = who("alpha", 1, 1);
    world.boot(&alpha, swim(&alpha), &[]);
    world.register(1, 10);
    world.run(ms(20_000));
    let stats = world.sites[at].node.stats();
    assert!(stats.has_joined && !stats.is_leaving);
    let [(peer, Some(lag))] = &stats.peers[..] else { panic!("{stats:?}") };
    assert_eq!((peer, lag.is_synced, lag.missing), (&alpha.id, true, 0));
}
