//! Losing a link, losing a member, and finding it again.

use murmer_membership::{Fixed, MemberState, Membership, Swim};
use murmer_node::{DialTarget, JoinEnd};

use crate::world::{World, fixed, ms, swim, who};

fn pair<M: Membership>(membership: impl Fn(&murmer_node::Introduction) -> M) -> World<M> {
    let mut world = World::new();
    let (alpha, beta) = (who("alpha", 1, 1), who("beta", 1, 2));
    world.boot(&alpha, membership(&alpha), &[]);
    world.boot(&beta, membership(&beta), &[]);
    world.dial(1, DialTarget::Peer(alpha));
    world.register(0, 1);
    world.register(1, 2);
    world.run(ms(1_000));
    assert_eq!((world.known(0, 1), world.known(1, 0)), (vec![2], vec![1]));
    world
}

fn check_link_comes_back<M: Membership>(mut world: World<M>) {
    world.sever(0, 1);
    world.settle();
    assert_eq!((world.current(0, 1), world.current(1, 0)), (None, None));
    assert_eq!((world.known(0, 1), world.known(1, 0)), (vec![2], vec![1]), "a broken link is not a death");
    world.register(0, 3);
    world.run(ms(2_000));
    assert_eq!(world.current(0, 1), world.current(1, 0));
    assert_eq!(world.connections(0, 1), 1);
    assert_eq!((world.known(0, 1), world.known(1, 0)), (vec![2], vec![1, 3]));
    assert_eq!((world.state(0, 1), world.state(1, 0)), (Some(MemberState::Up), Some(MemberState::Up)));
}

fn check_partition_heals<M: Membership>(mut world: World<M>) {
    world.cut.push((0, 1));
    world.sever(0, 1);
    world.run(ms(20_000));
    assert_eq!((world.state(0, 1), world.state(1, 0)), (Some(MemberState::Down), Some(MemberState::Down)));
    assert_eq!((world.known(0, 1), world.known(1, 0)), (vec![], vec![]));
    world.register(0, 3);
    world.run(ms(20_000));
    world.cut.clear();
    world.run(ms(3_000));
    assert_eq!((world.state(0, 1), world.state(1, 0)), (Some(MemberState::Up), Some(MemberState::Up)));
    assert_eq!((world.known(0, 1), world.known(1, 0)), (vec![2], vec![1, 3]));
    assert_eq!(world.connections(0, 1), 1);
    assert!(world.sites.iter().all(|site| site.joined.iter().all(|(_, end)| *end == JoinEnd::Complete)));
}

#[test]
fn a_link_that_breaks_is_made_anew_and_nothing_is_pruned() {
    check_link_comes_back::<Swim>(pair(swim));
    check_link_comes_back::<Fixed>(pair(|us| fixed(us, &[])));
}

#[test]
fn a_member_that_is_down_is_dialed_until_it_is_back() {
    check_partition_heals::<Swim>(pair(swim));
    check_partition_heals::<Fixed>(pair(|us| fixed(us, &[])));
}

#[test]
fn many_members_may_go_down_at_once() {
    let mut world = World::new();
    let alpha = who("alpha", 1, 1);
    world.boot(&alpha, fixed(&alpha, &[]), &[]);
    for port in 2..8 {
        let us = who(&format!("node{port}"), 1, port);
        let at = world.boot(&us, fixed(&us, &[]), &[alpha.addr]);
        world.register(at, port.into());
    }
    world.run(ms(1_000));
    assert_eq!(world.sites[0].actors.len(), 6);
    for at in 1..7 {
        world.sites[at].is_frozen = true;
        world.sever(0, at);
    }
    world.run(ms(20_000));
    assert!(world.sites[0].actors.is_empty());
    assert!((1..7).all(|at| world.state(0, at) == Some(MemberState::Down)));
}

/// A dial of the one that is down would lead to its successor, and the new connection replace the one there is,
/// with all that is under way on it.
#[test]
fn a_member_whose_address_another_has_now_is_not_dialed_until_that_one_is_gone() {
    let mut world = pair(swim);
    world.sites[1].is_frozen = true;
    world.sever(0, 1);
    world.run(ms(20_000));
    assert_eq!(world.state(0, 1), Some(MemberState::Down));

    let gamma = who("gamma", 2, 2);
    let gamma_at = world.boot(&gamma, swim(&gamma), &[world.sites[0].who.addr]);
    world.run(ms(3_000));
    let link = world.current(0, gamma_at);
    assert!(link.is_some());
    let dials = world.sites[0].dialed.len();
    world.run(ms(60_000));
    assert_eq!(world.current(0, gamma_at), link);
    assert_eq!(world.sites[0].dialed.len(), dials);

    // Its address is free again, and beta's next life in no hurry to say so.
    world.sites[gamma_at].is_frozen = true;
    world.sever(0, gamma_at);
    let beta = who("beta", 3, 2);
    let beta_at = world.boot(&beta, swim(&beta), &[]);
    world.run(ms(5_000));
    assert!(world.current(0, beta_at).is_some());
}

/// The link to the earlier life is dead, and nobody has noticed yet.
#[test]
fn a_later_life_is_dialed_while_the_link_to_the_earlier_one_seems_to_stand() {
    let mut world = pair(swim);
    world.sites[1].is_frozen = true;
    let beta = who("beta", 2, 2);
    let beta_at = world.boot(&beta, swim(&beta), &[]);
    world.silent.push((beta_at, 0));
    let gamma = who("gamma", 1, 3);
    world.boot(&gamma, swim(&gamma), &[world.sites[0].who.addr, beta.addr]);
    world.run(ms(1_500));
    assert!(world.current(0, beta_at).is_some());
}
