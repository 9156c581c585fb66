//! Nodes that don't know where others find them.

use std::net::SocketAddr;

use murmer_membership::{MemberState, Swim};
use murmer_node::Introduction;

use crate::world::{World, ms, swim, who};

fn at(addr: &str) -> SocketAddr {
    addr.parse().unwrap()
}

/// A node on a machine of its own that says `said`, boots with `seeds`, and is found at `is_at`.
fn boot(world: &mut World<Swim>, name: &str, said: &str, is_at: &str, seeds: &[&str]) -> usize {
    let us = Introduction { addr: at(said), ..who(name, 1, 1) };
    let seeds: Vec<_> = seeds.iter().map(|seed| at(seed)).collect();
    let site = world.boot(&us, swim(&us), &seeds);
    world.sites[site].is_at = at(is_at);
    site
}

/// Where `site` holds each member to be, by name.
fn map(world: &World<Swim>, site: usize) -> Vec<(String, SocketAddr)> {
    let members = world.sites[site].node.members().into_iter();
    members.map(|(member, _)| (member.id.name.to_string(), member.addr)).collect()
}

fn expected(pairs: &[(&str, &str)]) -> Vec<(String, SocketAddr)> {
    pairs.iter().map(|(name, addr)| ((*name).to_owned(), at(addr))).collect()
}

fn assert_mesh(world: &World<Swim>) {
    let sites = world.sites.len();
    for (one, other) in (0..sites).flat_map(|one| (0..sites).map(move |other| (one, other))) {
        if one != other {
            assert_eq!(world.state(one, other), Some(MemberState::Up), "{one} of {other}");
            assert_eq!(world.connections(one, other), 1);
        }
    }
}

#[test]
fn a_seed_that_says_loopback_is_known_by_the_address_that_was_dialed() {
    let mut world = World::new();
    // Alpha has no seed to tell it which of its interfaces leads to others. Its port is published as 70.
    boot(&mut world, "alpha", "127.0.0.1:7100", "10.0.0.1:70", &[]);
    boot(&mut world, "beta", "10.0.0.2:7100", "10.0.0.2:7100", &["10.0.0.1:70"]);
    boot(&mut world, "gamma", "10.0.0.3:7100", "10.0.0.3:7100", &["10.0.0.2:7100"]);
    world.run(ms(5_000));
    assert_mesh(&world);
    // Gamma learns it from beta, and both for good: alpha's own packets say otherwise all the time.
    for _ in 0..20 {
        world.run(ms(1_000));
        assert_eq!(map(&world, 1)[0], expected(&[("alpha", "10.0.0.1:70")])[0]);
        assert_eq!(map(&world, 2)[0].1.ip(), at("10.0.0.1:70").ip());
    }
    assert_eq!(world.sites.iter().map(|site| site.misbehaved).sum::<usize>(), 0);
}

#[test]
fn a_dialer_that_says_loopback_is_known_by_where_it_came_from_and_its_own_port() {
    let mut world = World::new();
    boot(&mut world, "alpha", "10.0.0.1:7100", "10.0.0.1:7100", &[]);
    for (name, said, is_at) in [
        ("beta", "127.0.0.1:7200", "10.0.0.2:7200"),
        ("delta", "0.0.0.0:7300", "10.0.0.3:7300"),
        ("gamma", "[::1]:7400", "10.0.0.4:7400"),
    ] {
        boot(&mut world, name, said, is_at, &["10.0.0.1:7100"]);
    }
    world.run(ms(5_000));
    assert_mesh(&world);
    let [beta, delta, gamma] =
        [("beta", "10.0.0.2:7200"), ("delta", "10.0.0.3:7300"), ("gamma", "10.0.0.4:7400")];
    assert_eq!(map(&world, 0), expected(&[beta, delta, gamma]));
    assert_eq!(map(&world, 3), expected(&[("alpha", "10.0.0.1:7100"), beta, delta]));
}

#[test]
fn a_crashed_node_that_said_loopback_is_looked_for_where_it_was_seen() {
    let mut world = World::new();
    boot(&mut world, "alpha", "127.0.0.1:7100", "10.0.0.1:7100", &[]);
    boot(&mut world, "beta", "10.0.0.2:7100", "10.0.0.2:7100", &["10.0.0.1:7100"]);
    boot(&mut world, "gamma", "10.0.0.3:7100", "10.0.0.3:7100", &["10.0.0.2:7100"]);
    world.run(ms(5_000));
    world.sites[0].is_frozen = true;
    world.sever(0, 1);
    world.sever(0, 2);
    world.run(ms(15_000));
    assert_eq!(world.state(2, 0), Some(MemberState::Down));
    let us = Introduction { addr: at("127.0.0.1:7100"), ..who("alpha", 2, 1) };
    let back = world.boot(&us, swim(&us), &[]);
    world.sites[back].is_at = at("10.0.0.1:7100");
    world.run(ms(5_000));
    for other in [1, 2] {
        assert_eq!(world.state(other, back), Some(MemberState::Up));
        assert_eq!(world.state(back, other), Some(MemberState::Up));
    }
}

#[test]
fn on_one_machine_loopback_stays_what_was_said() {
    let mut world = World::new();
    for (name, addr) in [("alpha", "127.0.0.1:7100"), ("beta", "127.0.0.1:7200"), ("gamma", "127.0.0.1:7300")]
    {
        boot(&mut world, name, addr, addr, &["127.0.0.1:7100"]);
    }
    world.run(ms(5_000));
    assert_mesh(&world);
    assert_eq!(map(&world, 0), expected(&[("beta", "127.0.0.1:7200"), ("gamma", "127.0.0.1:7300")]));
}

#[test]
fn another_address_than_the_one_seen_is_believed_if_it_leads_somewhere() {
    let mut world = World::new();
    boot(&mut world, "alpha", "192.0.2.1:7100", "10.0.0.1:7100", &[]);
    boot(&mut world, "beta", "10.0.0.2:7100", "10.0.0.2:7100", &["10.0.0.1:7100"]);
    world.run(ms(5_000));
    assert_eq!(map(&world, 1), expected(&[("alpha", "192.0.2.1:7100")]));
}
