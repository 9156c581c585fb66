//! Two nodes that dial each other end up with one link, the same on both sides, in whatever order
//! things happen.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use murmer_membership::Fixed;
use murmer_node::DialTarget;

use crate::world::{World, fixed, ms, who};

/// Two nodes with an actor each, and these dials under way at once: 0 dials 1, or 1 dials 0.
fn meeting(dialers: &[usize]) -> World<Fixed> {
    let both = [who("alpha", 1, 1), who("beta", 1, 2)];
    let mut world = World::new();
    for us in &both {
        let at = world.boot(us, fixed(us, &[]), &[]);
        world.register(at, 7);
    }
    for dialer in dialers {
        world.dial(*dialer, DialTarget::Peer(both[1 - dialer].clone()));
    }
    world
}

/// Replays a meeting in the order that `choices` say.
fn replay(dialers: &[usize], choices: &[u8]) -> World<Fixed> {
    let mut world = meeting(dialers);
    for choice in choices {
        let next = world.under_way()[usize::from(*choice)];
        world.deliver(next);
    }
    world
}

fn check_settled(mut world: World<Fixed>, winner: u64, choices: &[u8]) {
    world.run(ms(100));
    let current = world.current(0, 1);
    assert_eq!(current, Some(winner), "no link left, or the wrong one: {choices:?}");
    assert_eq!(current, world.current(1, 0), "each keeps another link: {choices:?}");
    assert_eq!(world.connections(0, 1), 1, "more than one link: {choices:?}");
    assert_eq!((world.known(0, 1), world.known(1, 0)), (vec![7], vec![7]), "not synced: {choices:?}");
    world.register(0, 8);
    world.register(1, 9);
    world.run(ms(100));
    assert_eq!((world.known(0, 1), world.known(1, 0)), (vec![7, 9], vec![7, 8]), "{choices:?}");
    assert!(world.sites.iter().all(|site| site.misbehaved == 0), "{choices:?}");
}

/// Walks through every order of events, all of which lead to the `winner`-th dial's link alone;
/// returns how many states there are.
fn check_every_order(dialers: &[usize], winner: u64) -> usize {
    let mut seen = BTreeSet::new();
    let mut open = vec![Vec::new()];
    while let Some(choices) = open.pop() {
        let world = replay(dialers, &choices);
        let mut hasher = DefaultHasher::new();
        format!("{world:?}").hash(&mut hasher);
        if !seen.insert(hasher.finish()) {
            continue;
        }
        let under_way = world.under_way().len();
        if under_way == 0 {
            check_settled(world, winner, &choices);
        }
        for choice in 0..under_way {
            let mut longer = choices.clone();
            longer.push(u8::try_from(choice).unwrap());
            open.push(longer);
        }
    }
    seen.len()
}

#[test]
fn one_dial_makes_one_link() {
    assert!(check_every_order(&[0], 0) > 10);
    assert!(check_every_order(&[1], 0) > 10);
}

#[test]
fn the_link_dialed_by_the_smaller_node_stays_in_every_order_of_events() {
    let states = check_every_order(&[0, 1], 0);
    assert!(states > 100, "only {states} states");
}

#[test]
fn the_link_dialed_by_the_smaller_node_stays_even_if_it_is_the_younger() {
    let states = check_every_order(&[1, 0], 1);
    assert!(states > 100, "only {states} states");
}

#[test]
fn a_node_that_dials_twice_keeps_the_later_link_in_every_order_of_events() {
    let states = check_every_order(&[0, 0], 1);
    assert!(states > 100, "only {states} states");
}
