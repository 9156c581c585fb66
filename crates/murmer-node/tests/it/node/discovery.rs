//! What discoveries say is a hint: looked at, at a limited rate, and never believed.

use std::net::SocketAddr;
use std::time::Duration;

use murmer_membership::{Fixed, MemberState, Swim};
use murmer_node::{CloseReason, Input, JoinEnd, NodeConfig, PlaceId};

use crate::world::{World, fixed, ms, swim, who};

const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

fn addr(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], port))
}

/// Nodes without seeds that discover others, none of which has been told of any.
fn strangers(count: u16) -> World<Swim> {
    let mut world = World::new();
    for (port, name) in (1..=count).zip(NAMES) {
        boot(&mut world, name, 1, port);
    }
    world
}

fn boot(world: &mut World<Swim>, name: &str, incarnation: u64, port: u16) -> usize {
    let us = who(name, incarnation, port);
    let config = NodeConfig { discovers: true, ..NodeConfig::default() };
    let at = world.boot_with(&us, swim(&us), &[], config);
    world.register(at, port.into());
    at
}

/// One node that is told of places where nobody is.
fn alone() -> World<Fixed> {
    let mut world = World::new();
    let us = who("alpha", 1, 1);
    let config = NodeConfig { discovers: true, ..NodeConfig::default() };
    world.boot_with(&us, fixed(&us, &[]), &[], config);
    world
}

fn dialed<M>(world: &World<M>, at: usize, port: u16) -> Vec<Duration> {
    world.sites[at].dialed.iter().filter(|(_, to)| *to == addr(port)).map(|(when, _)| *when).collect()
}

fn gaps(times: &[Duration]) -> Vec<Duration> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn a_node_that_finds_nobody_is_the_first_of_its_cluster_after_the_wait() {
    let mut world = strangers(1);
    assert_eq!(world.sites[0].joined, []);
    let began_at = world.now;
    world.run(ms(10_000));
    assert_eq!(world.sites[0].joined, [(began_at + ms(3_000), JoinEnd::Complete)]);
}

#[test]
fn a_node_that_finds_only_places_where_nobody_lets_it_in_is_late() {
    let mut world = alone();
    world.found(0, 1, addr(9));
    world.run(ms(10_000));
    assert_eq!(world.sites[0].joined.iter().map(|(_, end)| *end).collect::<Vec<_>>(), [JoinEnd::Late]);
}

#[test]
fn two_that_find_each_other_at_once_have_one_connection_and_do_not_wait_longer() {
    let mut world = strangers(2);
    let began_at = world.now;
    world.found(0, 1, addr(2));
    world.found(1, 1, addr(1));
    world.run(ms(2_000));
    assert_eq!((world.state(0, 1), world.state(1, 0)), (Some(MemberState::Up), Some(MemberState::Up)));
    assert_eq!(world.connections(0, 1), 1);
    for site in &world.sites {
        assert_eq!(site.joined.len(), 1);
        assert!(site.joined[0].0 < began_at + ms(500) && site.joined[0].1 == JoinEnd::Complete);
    }
}

#[test]
fn one_that_is_found_brings_the_others_along_and_they_are_not_dialed_as_places() {
    let mut world = strangers(3);
    world.found(1, 1, addr(3));
    world.run(ms(1_000));
    world.found(0, 1, addr(2));
    world.run(ms(1_000));
    assert_eq!((world.known(0, 2), world.known(2, 0)), (vec![3], vec![1]));
    let before = world.sites[0].dialed.len();
    world.found(0, 2, addr(3));
    world.run(ms(60_000));
    assert_eq!(world.sites[0].dialed.len(), before, "gamma is linked, and known to be there");
}

#[test]
fn a_place_that_leads_nowhere_is_dialed_more_and_more_rarely_for_as_long_as_it_is_announced() {
    let mut world = alone();
    world.found(0, 1, addr(9));
    world.run(ms(3_600_000));
    let gaps = gaps(&dialed(&world, 0, 9));
    assert!(gaps[0] <= ms(1_000), "{gaps:?}");
    let ceilings = (0..6).map(|doubled| ms(1_000 << doubled)).chain([ms(60_000)]);
    for (gap, ceiling) in gaps.iter().zip(ceilings) {
        assert!((ceiling / 2..=ceiling).contains(gap), "{gap:?} of {gaps:?}");
    }
    assert!(gaps[7..].iter().all(|gap| (ms(30_000)..=ms(60_000)).contains(gap)), "{gaps:?}");
    world.tell(0, Input::Gone(PlaceId(1)));
    assert_eq!(world.sites[0].forgotten, [PlaceId(1)]);
    let before = dialed(&world, 0, 9).len();
    world.run(ms(3_600_000));
    assert_eq!(dialed(&world, 0, 9).len(), before);
}

#[test]
fn being_announced_again_makes_nothing_be_dialed_sooner() {
    let mut world = alone();
    for _ in 0..600 {
        world.found(0, 1, addr(9));
        world.run(ms(100));
    }
    assert!(dialed(&world, 0, 9).len() <= 10, "{:?}", dialed(&world, 0, 9));
}

#[test]
fn a_flood_of_places_is_bounded_dialed_four_a_second_and_keeps_no_seed_from_being_dialed() {
    let mut world = World::new();
    let us = who("alpha", 1, 1);
    let config = NodeConfig { discovers: true, ..NodeConfig::default() };
    world.boot_with(&us, fixed(&us, &[]), &[addr(8)], config);
    let began_at = world.now;
    for place in 0..6_000 {
        // One after the other at this node, and some of them many times over.
        world.found(0, place, addr(1_000 + (place % 3_000) as u16));
        world.run(ms(10));
    }
    assert!(world.sites[0].node.held() <= 256, "{}", world.sites[0].node.held());
    let seconds = (world.now - began_at).as_secs() as usize;
    let places = world.sites[0].dialed.iter().filter(|(_, to)| to.port() >= 1_000).count();
    assert!((200..=4 * seconds + 4).contains(&places), "{places} dials of places in {seconds} s");
    // Every 0.5 to 2 s, as without any of that.
    assert!(gaps(&dialed(&world, 0, 8)).iter().all(|gap| *gap <= ms(2_000)));
    assert!(world.sites[0].forgotten.len() >= 6_000 - 256);
}

#[test]
fn a_place_that_led_to_a_member_gives_way_to_no_flood() {
    let mut world = strangers(2);
    world.found(0, 1, addr(2));
    world.run(ms(1_000));
    for place in 2..1_000 {
        // Half of them say that they are where beta is.
        world.found(0, place, addr(if place % 2 == 0 { 2 } else { 1_000 + place as u16 }));
    }
    world.run(ms(1_000));
    let left: Vec<_> =
        world.sites[0].places.keys().filter(|id| !world.sites[0].forgotten.contains(id)).collect();
    assert_eq!(left.len(), 256);
    // What is where beta is stays, whatever it is called.
    assert!(left.iter().any(|place| world.sites[0].places[place] == addr(2)));
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
}

#[test]
fn our_own_place_is_dialed_once_at_the_most() {
    let mut world = strangers(1);
    // By the address that this node says it is at: not at all.
    world.found(0, 1, addr(1));
    world.run(ms(60_000));
    assert_eq!(world.sites[0].dialed, []);
    // By another one: until it is known whom it leads to.
    world.sites[0].is_at = addr(7);
    world.found(0, 2, addr(7));
    world.run(ms(60_000));
    assert_eq!(dialed(&world, 0, 7).len(), 1);
    assert_eq!(world.sites[0].closed, [CloseReason::Ourselves]);
    assert_eq!(world.sites[0].joined[0].1, JoinEnd::Complete, "nobody else is in sight");
}

#[test]
fn a_place_whose_node_is_lost_is_dialed_again() {
    let mut world = strangers(3);
    world.found(0, 1, addr(2));
    world.found(0, 2, addr(3));
    world.run(ms(2_000));
    // Beta goes for good as far as the others know, and a process with another name takes its address.
    world.tell(1, Input::Leave);
    world.settle();
    world.sites[1].is_frozen = true;
    world.sever(0, 1);
    world.settle();
    assert_eq!(world.state(0, 1), Some(MemberState::Left));
    world.run(ms(20_000));
    // Alpha still has gamma, so it is in no hurry.
    let new = boot(&mut world, "delta", 1, 2);
    world.run(ms(90_000));
    for at in [0, 2] {
        assert_eq!((world.state(at, new), world.connections(at, new)), (Some(MemberState::Up), 1));
    }
    let settled = world.sites[0].dialed.len();
    world.run(ms(300_000));
    assert_eq!(world.sites[0].dialed.len(), settled);
}

#[test]
fn a_place_that_is_somebody_elses_by_now_is_dialed_at_its_new_address() {
    let mut world = strangers(2);
    world.found(0, 1, addr(9));
    world.run(ms(120_000));
    world.found(0, 1, addr(2));
    world.run(ms(1_000));
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
}

#[test]
fn a_place_that_is_gone_ends_no_link() {
    let mut world = strangers(2);
    world.found(0, 1, addr(2));
    world.run(ms(1_000));
    world.tell(0, Input::Gone(PlaceId(1)));
    world.run(ms(60_000));
    assert_eq!((world.state(0, 1), world.connections(0, 1)), (Some(MemberState::Up), 1));
}

#[test]
fn a_dial_of_which_nothing_is_heard_counts_as_one_that_led_nowhere() {
    let mut world = strangers(2);
    world.silent.push((0, 1));
    world.found(0, 1, addr(2));
    world.run(ms(120_000));
    let gaps = gaps(&dialed(&world, 0, 2));
    assert!((4..=9).contains(&gaps.len()), "{gaps:?}");
    assert!(gaps.iter().all(|gap| *gap >= ms(10_000)), "{gaps:?}");
}

#[test]
fn a_node_that_leaves_forgets_what_it_is_told() {
    let mut world = alone();
    world.tell(0, Input::Leave);
    world.found(0, 1, addr(2));
    world.run(ms(10_000));
    assert_eq!((world.sites[0].dialed.len(), &world.sites[0].forgotten[..]), (0, &[PlaceId(1)][..]));
}
