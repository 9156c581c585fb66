//! Leaving for good.

use murmer_membership::{Downing, MemberState, Swim, SwimConfig};
use murmer_node::{Input, Withdrawal};

use crate::world::{World, member, ms, swim, three, who};

#[test]
fn a_leave_is_done_as_soon_as_all_have_acknowledged() {
    let mut world = three();
    world.tell(2, Input::Leave);
    assert_eq!(world.sites[2].left_at, None);
    world.settle();
    assert_eq!(world.sites[2].left_at, Some(world.now));
    for at in [0, 1] {
        assert_eq!(world.state(at, 2), Some(MemberState::Left));
        assert_eq!(world.known(at, 2), [0; 0]);
        assert_eq!(world.current(at, 2), None);
    }
    let dialed = [world.sites[0].dialed.len(), world.sites[1].dialed.len()];
    world.sites[2].is_frozen = true;
    world.sever(0, 2);
    world.sever(1, 2);
    world.run(ms(60_000));
    assert_eq!(world.state(0, 2), Some(MemberState::Left));
    assert_eq!([world.sites[0].dialed.len(), world.sites[1].dialed.len()], dialed, "nobody looks for it");
}

#[test]
fn a_leave_waits_half_a_second_for_the_silent() {
    let mut world = three();
    world.sites[1].is_frozen = true;
    let began_at = world.now;
    world.tell(2, Input::Leave);
    world.run(ms(499));
    assert_eq!(world.sites[2].left_at, None);
    assert_eq!(world.state(0, 2), Some(MemberState::Left));
    world.run(ms(1));
    assert_eq!(world.sites[2].left_at, Some(began_at + ms(500)));
}

#[test]
fn a_leave_does_not_wait_for_those_whose_link_is_lost() {
    let mut world = three();
    world.sites[1].is_frozen = true;
    world.tell(2, Input::Leave);
    world.sever(1, 2);
    world.settle();
    assert_eq!(world.sites[2].left_at, Some(world.now));
}

#[test]
fn a_node_alone_leaves_at_once() {
    let mut world = World::new();
    let us = who("alpha", 1, 1);
    world.boot(&us, swim(&us), &[]);
    world.tell(0, Input::Leave);
    world.tell(0, Input::Leave);
    assert_eq!(world.sites[0].left_at, Some(world.now));
}

#[test]
fn all_may_leave_at_once() {
    let mut world = three();
    for at in 0..3 {
        world.tell(at, Input::Leave);
    }
    world.settle();
    assert!(world.sites.iter().all(|site| site.left_at == Some(world.now)));
}

#[test]
fn one_that_left_comes_back_under_a_new_incarnation() {
    let mut world = three();
    world.tell(2, Input::Leave);
    world.settle();
    world.sites[2].is_frozen = true;
    let next = who("gamma", 2, 3);
    let at = world.boot(&next, swim(&next), &[world.sites[0].who.addr]);
    world.register(at, 9);
    world.run(ms(1_000));
    assert_eq!((world.known(0, at), world.known(1, at)), (vec![9], vec![9]));
    assert_eq!((world.known(0, 2), world.known(1, 2)), (vec![], vec![]));
}

#[test]
fn a_leaver_lets_nobody_in() {
    let mut world = three();
    world.tell(2, Input::Leave);
    let late = who("delta", 1, 4);
    let at = world.boot(&late, swim(&late), &[world.sites[2].who.addr]);
    world.run(ms(400));
    assert_eq!(world.connections(2, at), 0);
    assert!(world.sites[at].states.is_empty());
}

#[test]
fn those_without_a_majority_leave_in_order_and_say_why() {
    let mut world = World::new();
    let seeds = [who("n0", 1, 1).addr];
    for (port, name) in (1..).zip(["n0", "n1", "n2", "n3", "n4"]) {
        let us = who(name, 1, port);
        let config = SwimConfig { downing: Downing::keep_majority(), ..SwimConfig::lan() };
        world.boot(&us, Swim::new(member(&us), config, port.into()), if port == 1 { &[] } else { &seeds });
        world.register(world.sites.len() - 1, port.into());
    }
    world.run(ms(3_000));
    world.cut = [0, 1].into_iter().flat_map(|a| [2, 3, 4].map(|b| (a, b))).collect();
    for (a, b) in world.cut.clone() {
        world.sever(a, b);
    }
    world.run(ms(10_000));
    let late = who("n5", 1, 6);
    let at = world.boot(&late, swim(&late), &seeds);
    world.cut.extend([2, 3, 4].map(|other| (at, other)));
    world.run(ms(60_000));
    let gone: Vec<_> = world.sites.iter().map(|site| site.withdrawn).collect();
    assert_eq!(gone, [Some(Withdrawal::Minority), Some(Withdrawal::Minority), None, None, None, None]);
    assert!(world.sites.iter().all(|site| site.left_at.is_none()), "nobody asked them to");
    for other in [0, 1] {
        assert_eq!((world.state(at, other), world.known(at, other)), (Some(MemberState::Left), vec![]));
    }
    for at in [2, 3, 4] {
        assert_eq!((world.state(at, 0), world.known(at, 0)), (Some(MemberState::Down), vec![]));
    }
    assert_eq!(world.known(2, 4), [5]);
}

#[test]
fn an_operators_word_drops_what_was_unreachable_until_it_is_back() {
    let mut world = World::new();
    let alpha = who("alpha", 1, 1);
    for (port, name) in (1..).zip(["alpha", "beta"]) {
        let us = who(name, 1, port);
        let config = SwimConfig { downing: Downing::Manual, ..SwimConfig::lan() };
        let seeds = [alpha.addr];
        world.boot(&us, Swim::new(member(&us), config, port.into()), if port == 1 { &[] } else { &seeds });
        world.register(world.sites.len() - 1, port.into());
    }
    world.run(ms(2_000));
    let beta = world.sites[1].who.id.clone();
    world.tell(0, Input::Down(beta.clone()));
    assert_eq!((world.state(0, 1), world.known(0, 1)), (Some(MemberState::Up), vec![2]));
    world.cut = vec![(0, 1)];
    world.sever(0, 1);
    world.run(ms(600_000));
    assert_eq!((world.state(0, 1), world.known(0, 1)), (Some(MemberState::Unreachable), vec![2]));
    world.tell(0, Input::Down(beta));
    assert_eq!((world.state(0, 1), world.known(0, 1)), (Some(MemberState::Down), vec![]));
    world.cut.clear();
    world.run(ms(15_000));
    assert_eq!((world.state(0, 1), world.known(0, 1)), (Some(MemberState::Up), vec![2]));
    assert_eq!((world.state(1, 0), world.known(1, 0)), (Some(MemberState::Up), vec![1]));
}
