//! Seeds that are lost, and looked for again.

use std::net::SocketAddr;
use std::time::Duration;

use murmer_membership::{MemberState, Membership, Swim};
use murmer_node::{CloseReason, Input};

use crate::world::{World, fixed, ms, swim, who};

const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

fn addr(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], port))
}

/// The first `count` of four; alpha and beta are everybody's seeds.
fn cluster(count: u16) -> World<Swim> {
    let mut world = World::new();
    for (port, name) in (1..=count).zip(NAMES) {
        boot(&mut world, name, 1, port);
    }
    world.run(ms(5_000));
    for (at, other) in pairs(&[0, 1, count as usize - 1]) {
        assert_eq!(world.state(at, other), Some(MemberState::Up));
    }
    world
}

fn boot(world: &mut World<Swim>, name: &str, incarnation: u64, port: u16) -> usize {
    let us = who(name, incarnation, port);
    let at = world.boot(&us, swim(&us), &[addr(1), addr(2)]);
    world.register(at, port.into());
    at
}

fn leave<M: Membership>(world: &mut World<M>, at: usize) {
    world.tell(at, Input::Leave);
    world.settle();
    end(world, at);
}

/// The process at `at` is no more; the others notice that its connections have ended.
fn end<M: Membership>(world: &mut World<M>, at: usize) {
    world.sites[at].is_frozen = true;
    for other in (0..world.sites.len()).filter(|other| *other != at) {
        world.sever(at, other);
    }
    world.settle();
}

fn pairs(sites: &[usize]) -> Vec<(usize, usize)> {
    let pairs = sites.iter().flat_map(|at| sites.iter().map(move |other| (*at, *other)));
    pairs.filter(|(at, other)| at != other).collect()
}

/// From now on the first seed's name leads to an address where nothing else is, so that its dials can be
/// told from those of the member that it once was.
fn move_first_seed(world: &mut World<Swim>, at: usize) {
    world.sites[at].seeds[0] = addr(9);
}

/// When `at` dialed there.
fn dialed<M>(world: &World<M>, at: usize, port: u16) -> Vec<Duration> {
    world.sites[at].dialed.iter().filter(|(_, to)| *to == addr(port)).map(|(when, _)| *when).collect()
}

fn gaps(times: &[Duration]) -> Vec<Duration> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn seeds_that_all_left_and_came_back_are_found_by_those_that_stayed() {
    let mut world = cluster(4);
    leave(&mut world, 0);
    leave(&mut world, 1);
    // Nobody is in a hurry for them any more.
    world.run(ms(90_000));
    // Two clusters: the new ones have each other, and so have those that stayed.
    let news = [boot(&mut world, "alpha", 2, 1), boot(&mut world, "beta", 2, 2)];
    world.run(ms(200));
    assert_eq!((world.state(2, news[0]), world.state(news[0], 2)), (None, None));
    world.run(ms(39_800));
    for (at, other) in pairs(&[news[0], news[1], 2, 3]) {
        assert_eq!(world.state(at, other), Some(MemberState::Up), "{at} of {other}");
        assert_eq!(world.known(at, other).len(), 1);
        assert_eq!(world.connections(at, other), 1);
    }
    let settled: usize = world.sites.iter().map(|site| site.dialed.len()).sum();
    let closed: usize = world.sites.iter().map(|site| site.closed.len()).sum();
    world.run(ms(100_000));
    assert_eq!(world.sites.iter().map(|site| site.dialed.len()).sum::<usize>(), settled);
    assert_eq!(world.sites.iter().map(|site| site.closed.len()).sum::<usize>(), closed);
}

#[test]
fn a_seed_that_left_and_is_replaced_at_once_is_found_at_once() {
    let mut world = cluster(3);
    leave(&mut world, 0);
    world.run(ms(1_000));
    // It has no seed of its own, as in the specification's compose file: others have to find it.
    let us = who("alpha", 2, 1);
    let back = world.boot(&us, swim(&us), &[]);
    world.run(ms(3_000));
    for (at, other) in pairs(&[1, 2, back]) {
        assert_eq!(world.state(at, other), Some(MemberState::Up), "{at} of {other}");
        assert_eq!(world.connections(at, other), 1);
    }
}

#[test]
fn a_seed_that_left_is_dialed_eagerly_for_a_minute_and_every_half_minute_for_a_day() {
    let mut world = World::new();
    for (port, name) in (1..=3).zip(NAMES) {
        let us = who(name, 1, port);
        world.boot(&us, fixed(&us, &[]), &[addr(1), addr(2)]);
    }
    world.run(ms(5_000));
    leave(&mut world, 0);
    let left_at = world.now;
    let before = dialed(&world, 2, 1).len();
    world.run(ms(600_000));
    let mut times = dialed(&world, 2, 1).split_off(before);
    let patient = times.iter().position(|at| *at - left_at > ms(60_000)).unwrap();
    let eager = gaps(&times[..patient]);
    assert!(eager.len() > 30 && eager.iter().all(|gap| *gap <= ms(2_000)), "{eager:?}");
    let gaps = gaps(&times.split_off(patient));
    assert!(gaps.iter().all(|gap| (ms(25_000)..=ms(35_000)).contains(gap)), "{gaps:?}");
    assert!(gaps.iter().any(|gap| *gap < ms(29_000)) && gaps.iter().any(|gap| *gap > ms(31_000)));
    world.run(Duration::from_secs(24 * 3_600));
    let all = dialed(&world, 2, 1).len();
    world.run(Duration::from_secs(3_600));
    assert_eq!(dialed(&world, 2, 1).len(), all, "it is not looked for any more");
    assert_eq!(world.state(2, 1), Some(MemberState::Up));
}

#[test]
fn a_seed_that_is_down_is_dialed_eagerly() {
    let mut world = cluster(3);
    move_first_seed(&mut world, 2);
    end(&mut world, 0);
    while world.state(2, 0) != Some(MemberState::Down) {
        world.run(ms(100));
    }
    world.run(ms(60_000));
    let gaps = gaps(&dialed(&world, 2, 9));
    assert!(gaps.len() > 30, "{gaps:?}");
    assert!(gaps.iter().all(|gap| (ms(500)..=ms(2_000)).contains(gap)), "{gaps:?}");
}

#[test]
fn a_seed_that_crashed_and_came_back_under_another_address_is_found() {
    let mut world = cluster(3);
    move_first_seed(&mut world, 2);
    end(&mut world, 0);
    world.run(ms(20_000));
    let us = who("alpha", 2, 9);
    let back = world.boot(&us, swim(&us), &[]);
    world.run(ms(3_000));
    for (at, other) in pairs(&[1, 2, back]) {
        assert_eq!(world.state(at, other), Some(MemberState::Up), "{at} of {other}");
        assert_eq!(world.connections(at, other), 1);
    }
    let before = dialed(&world, 2, 9).len();
    world.run(ms(120_000));
    assert_eq!(dialed(&world, 2, 9).len(), before);
}

#[test]
fn a_seed_whose_link_is_lost_is_dialed_patiently_until_there_is_one_again() {
    let mut world = cluster(3);
    move_first_seed(&mut world, 2);
    world.cut.push((0, 2));
    world.sever(0, 2);
    world.settle();
    world.run(ms(120_000));
    assert_ne!(world.state(2, 0), Some(MemberState::Down), "beta still sees both");
    let times = dialed(&world, 2, 9);
    assert!((3..=5).contains(&times.len()), "{times:?}");
    world.cut.clear();
    world.run(ms(3_000));
    assert_eq!(world.connections(0, 2), 1);
    world.run(ms(120_000));
    assert_eq!(dialed(&world, 2, 9).len(), times.len());
}

#[test]
fn a_seed_whose_link_is_soon_back_is_not_dialed_by_its_name() {
    let mut world = cluster(3);
    move_first_seed(&mut world, 2);
    world.sever(0, 2);
    world.run(ms(120_000));
    assert_eq!(world.connections(0, 2), 1);
    assert_eq!(dialed(&world, 2, 9), []);
}

#[test]
fn a_seed_that_comes_back_by_itself_is_not_dialed() {
    let mut world = cluster(3);
    leave(&mut world, 0);
    let before = dialed(&world, 2, 1).len();
    let back = boot(&mut world, "alpha", 2, 1);
    world.run(ms(120_000));
    assert_eq!(world.connections(2, back), 1);
    // Once as the member that beta told of.
    assert!(dialed(&world, 2, 1).len() <= before + 1);
}

#[test]
fn a_node_whose_seed_left_it_alone_is_in_a_hurry() {
    let mut world = cluster(2);
    leave(&mut world, 0);
    let us = who("alpha", 2, 1);
    let back = world.boot(&us, swim(&us), &[]);
    world.run(ms(2_500));
    assert_eq!((world.state(1, back), world.state(back, 1)), (Some(MemberState::Up), Some(MemberState::Up)));
    assert_eq!(world.connections(1, back), 1);
}

#[test]
fn a_seed_that_is_ourselves_is_not_dialed_again_when_others_are_lost() {
    let mut world = cluster(3);
    leave(&mut world, 0);
    world.run(ms(90_000));
    leave(&mut world, 2);
    world.run(ms(90_000));
    assert_eq!(dialed(&world, 1, 2).len(), 1);
    assert_eq!(world.sites[1].closed.iter().filter(|why| **why == CloseReason::Ourselves).count(), 1);
}
