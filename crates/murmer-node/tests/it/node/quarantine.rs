//! Members whose state is damaged, and those that only seem to be.

use murmer_membership::{MemberState, Swim};
use murmer_node::{Input, Refusal, Withdrawal};
use murmer_registry::{Message, Op};

use crate::world::{World, ms, swim, three, who};

fn hears(world: &mut World<Swim>, at: usize, from: usize, message: Message) {
    let link = world.sites[at].node.link_to(&world.sites[from].who.id).expect("they are linked");
    world.tell(at, Input::Registry { link, message });
}

/// What `from` says to `at` on its own link: that it holds more of its log than there is.
fn say_the_impossible(world: &mut World<Swim>, at: usize, from: usize) {
    hears(world, at, from, Message::Ack { applied: 1_000_000 });
}

#[test]
fn one_that_says_the_impossible_again_and_again_is_told_to_begin_anew() {
    let mut world = three();
    for _ in 0..3 {
        assert_eq!(world.state(0, 1), Some(MemberState::Up));
        say_the_impossible(&mut world, 0, 1);
        world.settle();
    }
    assert_eq!((world.state(0, 1), world.known(0, 1)), (Some(MemberState::Down), vec![]));
    world.run(ms(10_000));
    let at_least = world.sites[1].who.id.incarnation;
    assert_eq!(world.sites[1].withdrawn, Some(Withdrawal::Quarantined { at_least }));
    assert!(
        world.sites[0].refused.contains(&(world.sites[1].who.id.clone(), Refusal::Quarantined { at_least }))
    );
    assert_eq!((world.state(0, 2), world.state(2, 0)), (Some(MemberState::Up), Some(MemberState::Up)));
    // And so it does.
    world.sites[1].is_frozen = true;
    world.sever(1, 2);
    let next = who("beta", 2, 4);
    let at = world.boot(&next, swim(&next), &[world.sites[0].who.addr]);
    world.register(at, 9);
    world.run(ms(10_000));
    assert_eq!((world.state(0, at), world.known(0, at)), (Some(MemberState::Up), vec![9]));
    assert_eq!((world.state(2, at), world.known(2, at)), (Some(MemberState::Up), vec![9]));
}

#[test]
fn one_impossible_word_now_and_then_is_forgiven() {
    let mut world = three();
    for _ in 0..6 {
        say_the_impossible(&mut world, 0, 1);
        world.settle();
        say_the_impossible(&mut world, 0, 1);
        world.run(ms(61_000));
    }
    assert_eq!((world.state(0, 1), world.known(0, 1)), (Some(MemberState::Up), vec![2]));
    assert_eq!(world.sites[1].withdrawn, None);
}

#[test]
fn nobody_is_blamed_for_what_another_says() {
    let mut world = three();
    let beta = world.sites[1].who.id.clone();
    for _ in 0..3 {
        // Gamma speaks for beta.
        hears(&mut world, 0, 2, Message::Ops { origin: beta.clone(), first: 9, ops: vec![Op::Leave] });
        world.settle();
    }
    world.run(ms(10_000));
    assert_eq!((world.state(0, 1), world.known(0, 1)), (Some(MemberState::Up), vec![2]));
    assert_eq!(world.sites[1].withdrawn, None);
    assert!(matches!(world.sites[2].withdrawn, Some(Withdrawal::Quarantined { .. })));
}

#[test]
fn links_that_break_again_and_again_are_no_offence() {
    let mut world = three();
    for number in 10..30 {
        world.sever(0, 1);
        world.sites[1].is_frozen = true;
        world.run(ms(1_000));
        world.sites[1].is_frozen = false;
        world.register(1, number);
        world.run(ms(1_000));
    }
    world.run(ms(10_000));
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
    assert!(world.sites.iter().all(|site| site.withdrawn.is_none()));
}
