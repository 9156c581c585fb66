//! Nodes with gossip off: they keep to those they were given, and to those that came to them.

use std::net::SocketAddr;

use murmer_membership::{MemberState, Swim};
use murmer_node::NodeConfig;

use crate::world::{World, ms, swim, who};

const ALPHA: usize = 0;
const BETA: usize = 1;
const GAMMA: usize = 2;

/// Alpha, and two that know nothing but its address.
fn star() -> World<Swim> {
    let mut world = World::new();
    for (port, name) in (1..).zip(["alpha", "beta", "gamma"]) {
        let us = who(name, 1, port);
        let seeds: &[_] = if port == 1 { &[] } else { &[SocketAddr::from(([10, 0, 0, 1], 1))] };
        let config = NodeConfig { gossip: false, ..NodeConfig::default() };
        let at = world.boot_with(&us, swim(&us), seeds, config);
        world.register(at, 10 + u64::from(port));
    }
    world.run(ms(5_000));
    world
}

fn dials(world: &World<Swim>, from: usize, to: usize) -> usize {
    let there = world.sites[to].is_at;
    world.sites[from].dialed.iter().filter(|(_, addr)| *addr == there).count()
}

#[test]
fn members_that_others_watch_are_listed_and_neither_dialed_nor_known_by_their_actors() {
    let mut world = star();
    world.run(ms(60_000));
    assert_eq!(world.state(GAMMA, BETA), Some(MemberState::Up));
    assert_eq!((dials(&world, GAMMA, BETA), dials(&world, BETA, GAMMA)), (0, 0));
    assert_eq!((world.known(GAMMA, BETA), world.known(GAMMA, ALPHA)), (vec![], vec![11]));
    assert_eq!(world.known(ALPHA, BETA), [12]);
}

#[test]
fn a_member_that_was_never_linked_is_not_dialed_when_it_goes_down_either() {
    let mut world = star();
    world.sites[BETA].is_frozen = true;
    world.sever(ALPHA, BETA);
    world.run(ms(60_000));
    assert_eq!(world.state(GAMMA, BETA), Some(MemberState::Down));
    assert_eq!(dials(&world, GAMMA, BETA), 0);
    assert!(dials(&world, ALPHA, BETA) > 10, "one that was linked is looked for");
    world.sites[BETA].is_frozen = false;
    world.run(ms(60_000));
    assert_eq!((world.known(ALPHA, BETA), world.known(GAMMA, BETA)), (vec![12], vec![]));
    assert_eq!(world.state(GAMMA, BETA), Some(MemberState::Up), "alpha tells that it is back");
    assert_eq!(world.connections(BETA, GAMMA), 0);
}
