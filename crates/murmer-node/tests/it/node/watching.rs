//! Watches follow links and membership.

use murmer_membership::MemberState;
use murmer_node::{DialTarget, EndCause, Input, UNMET_WAIT, WatchEnd};
use murmer_wire::{ActorId, ActorNumber};

use crate::world::{World, ms, swim, who};

type Swims = World<murmer_membership::Swim>;

/// Alpha and beta, of which the second has dialed the first.
fn pair() -> Swims {
    let mut world = World::new();
    let (alpha, beta) = (who("alpha", 1, 1), who("beta", 1, 2));
    world.boot(&alpha, swim(&alpha), &[]);
    world.boot(&beta, swim(&beta), &[]);
    world.dial(1, DialTarget::Peer(alpha));
    world.run(ms(1_000));
    world
}

/// The first site watches actor `number` of a node.
fn watch(world: &mut Swims, watch: u64, node: &murmer_wire::NodeId, number: u64) {
    let target = ActorId { node: node.clone(), number: ActorNumber(number) };
    world.tell(0, Input::Watch { watch, target, watcher: Some(ActorNumber(1)) });
}

fn end(world: &mut Swims, number: u64) {
    assert!(world.sites[1].observed.remove(&number), "nobody waits for it");
    world.tell(1, Input::Ended { actor: ActorNumber(number), reason: EndCause::Killed.into() });
}

fn killed() -> WatchEnd {
    WatchEnd::Ended(EndCause::Killed.into())
}

#[test]
fn an_end_is_told_over_the_link_there_is_or_the_one_that_follows() {
    let mut world = pair();
    let beta = world.sites[1].who.id.clone();
    for number in [1, 2] {
        watch(&mut world, number, &beta, number);
    }
    world.settle();
    end(&mut world, 1);
    world.settle();
    assert_eq!(world.sites[0].told[&1], killed());
    world.sever(0, 1);
    world.settle();
    end(&mut world, 2);
    watch(&mut world, 3, &beta, 3);
    world.run(ms(2_000));
    assert_eq!(world.sites[0].told[&2], killed());
    end(&mut world, 3);
    world.settle();
    assert_eq!(world.sites[0].told[&3], killed());
    assert!(world.sites[1].observed.is_empty());
}

#[test]
fn a_member_that_is_down_is_told_as_that_once_and_one_that_is_back_is_watched_anew() {
    let mut world = pair();
    let beta = world.sites[1].who.id.clone();
    watch(&mut world, 1, &beta, 1);
    world.settle();
    world.cut.push((0, 1));
    world.sever(0, 1);
    world.run(ms(20_000));
    assert_eq!(world.state(0, 1), Some(MemberState::Down));
    assert_eq!(world.sites[0].told[&1], WatchEnd::NodeDown);
    watch(&mut world, 2, &beta, 1);
    assert_eq!(world.sites[0].told[&2], WatchEnd::NodeDown);
    assert!(world.sites[1].observed.is_empty(), "the other side has given up as well");
    world.cut.clear();
    world.run(ms(10_000));
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
    watch(&mut world, 3, &beta, 1);
    world.settle();
    end(&mut world, 1);
    world.settle();
    assert_eq!(world.sites[0].told.len(), 3);
    assert_eq!(world.sites[0].told[&3], killed());
}

#[test]
fn a_member_that_leaves_is_told_as_that() {
    let mut world = pair();
    let beta = world.sites[1].who.id.clone();
    watch(&mut world, 1, &beta, 1);
    world.settle();
    world.tell(1, Input::Leave);
    world.settle();
    assert_eq!(world.sites[0].told[&1], WatchEnd::NodeLeft);
    watch(&mut world, 2, &beta, 1);
    assert_eq!(world.sites[0].told[&2], WatchEnd::NodeLeft);
}

#[test]
fn an_earlier_life_of_a_member_is_down_and_a_later_one_may_be_about_to_join() {
    let mut world = World::new();
    let (alpha, beta) = (who("alpha", 5, 1), who("beta", 5, 2));
    world.boot(&alpha, swim(&alpha), &[]);
    world.boot(&beta, swim(&beta), &[]);
    world.dial(1, DialTarget::Peer(alpha));
    world.run(ms(1_000));
    watch(&mut world, 1, &who("beta", 4, 2).id, 1);
    assert_eq!(world.sites[0].told[&1], WatchEnd::NodeDown);
    // Nor is anybody of our own name elsewhere.
    watch(&mut world, 2, &who("alpha", 4, 2).id, 1);
    assert_eq!(world.sites[0].told[&2], WatchEnd::Ended(EndCause::NeverExisted.into()));
    for (number, node) in [(3, who("beta", 6, 2)), (4, who("gamma", 1, 3))] {
        watch(&mut world, number, &node.id, 1);
    }
    world.run(UNMET_WAIT - ms(1_000));
    assert_eq!(world.sites[0].told.len(), 2);
    let gamma = who("gamma", 1, 3);
    let at = world.boot(&gamma, swim(&gamma), &[]);
    world.dial(at, DialTarget::Peer(who("alpha", 5, 1)));
    world.run(UNMET_WAIT);
    assert_eq!(world.sites[0].told[&3], WatchEnd::NodeDown);
    assert_eq!(world.sites[at].observed, [1].into());
    assert!(!world.sites[0].told.contains_key(&4));
}

#[test]
fn a_later_life_that_takes_over_is_the_end_of_the_one_before() {
    let mut world = pair();
    let beta = world.sites[1].who.id.clone();
    watch(&mut world, 1, &beta, 1);
    world.settle();
    world.sites[1].is_frozen = true;
    let later = who("beta", 2, 3);
    let at = world.boot(&later, swim(&later), &[]);
    world.dial(at, DialTarget::Peer(who("alpha", 1, 1)));
    world.run(ms(2_000));
    assert_eq!(world.sites[0].told[&1], WatchEnd::NodeDown);
    watch(&mut world, 2, &later.id, 1);
    world.run(ms(1_000));
    assert_eq!(world.sites[at].observed, [1].into());
}
