//! One name, several processes, at once or one after the other.

use murmer_membership::{MemberState, Swim};
use murmer_node::{CloseReason, Control, DialTarget, Input, LinkId, Refusal, Withdrawal};
use murmer_wire::Incarnation;

use crate::world::{World, ms, swim, who};

/// Alpha and beta#5, linked and synced.
fn pair() -> World<Swim> {
    let mut world = World::new();
    let (alpha, beta) = (who("alpha", 1, 1), who("beta", 5, 2));
    world.boot(&alpha, swim(&alpha), &[]);
    world.boot(&beta, swim(&beta), &[alpha.addr]);
    world.register(0, 1);
    world.register(1, 2);
    world.run(ms(1_000));
    assert_eq!((world.known(0, 1), world.known(1, 0)), (vec![2], vec![1]));
    world
}

#[test]
fn a_restart_takes_over_the_name_once_the_old_link_stayed_silent_for_half_a_second() {
    let mut world = pair();
    world.sites[1].is_frozen = true;
    let next = who("beta", 6, 2);
    let at = world.boot(&next, swim(&next), &[world.sites[0].who.addr]);
    world.register(at, 3);
    world.run(ms(499));
    assert_eq!(world.known(0, 1), [2]);
    assert_eq!(world.known(0, at), [0; 0]);
    world.run(ms(1));
    assert_eq!(world.known(0, 1), [0; 0]);
    assert_eq!(world.known(0, at), [3]);
    assert_eq!(world.known(at, 0), [1]);
    assert_eq!(world.state(0, 1), Some(MemberState::Down));
    assert_eq!(world.state(0, at), Some(MemberState::Up));
    assert!(world.sites[0].closed.contains(&CloseReason::Superseded));
    assert_eq!(world.connections(0, at), 1);
    world.run(ms(60_000));
    assert_eq!(world.state(0, at), Some(MemberState::Up));
    assert_eq!(world.known(0, at), [3]);
}

#[test]
fn a_restart_takes_over_the_name_at_once_when_the_old_link_is_lost() {
    let mut world = pair();
    world.sites[1].is_frozen = true;
    world.sever(0, 1);
    let next = who("beta", 6, 2);
    let at = world.boot(&next, swim(&next), &[world.sites[0].who.addr]);
    world.register(at, 3);
    world.run(ms(10));
    assert_eq!((world.known(0, 1), world.known(0, at)), (vec![], vec![3]));
}

#[test]
fn a_second_live_process_with_the_same_name_is_refused_and_withdraws() {
    let mut world = pair();
    let second = who("beta", 6, 3);
    let at = world.boot(&second, swim(&second), &[world.sites[0].who.addr]);
    world.register(at, 3);
    world.run(ms(5_000));
    assert_eq!(world.sites[at].withdrawn, Some(Withdrawal::NameInUse));
    assert_eq!(world.sites[0].refused, [(second.id, Refusal::NameInUse)]);
    assert_eq!(world.sites[1].withdrawn, None);
    assert_eq!((world.state(0, 1), world.state(0, at)), (Some(MemberState::Up), None));
    assert_eq!(world.known(0, 1), [2]);
    assert_eq!(world.connections(0, 1), 1);
    assert_eq!(world.connections(0, at), 0);
    assert_eq!(world.sites[at].node.deadline(), None);
}

#[test]
fn the_newcomer_withdraws_also_when_the_holder_of_the_name_dials_it() {
    let mut world = pair();
    let second = who("beta", 6, 3);
    let at = world.boot(&second, swim(&second), &[]);
    world.dial(1, DialTarget::Peer(second));
    world.run(ms(1_000));
    assert_eq!(world.sites[at].withdrawn, Some(Withdrawal::NameInUse));
    assert_eq!(world.sites[1].withdrawn, None);
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
}

#[test]
fn of_two_newcomers_for_the_name_of_a_silent_process_one_gets_it() {
    let mut world = pair();
    world.sites[1].is_frozen = true;
    let alpha = world.sites[0].who.addr;
    let (seven, six) = (who("beta", 7, 3), who("beta", 6, 4));
    let (first, second) =
        (world.boot(&seven, swim(&seven), &[alpha]), world.boot(&six, swim(&six), &[alpha]));
    world.run(ms(5_000));
    assert_eq!(world.state(0, first), Some(MemberState::Up));
    assert_eq!(world.state(0, second), None);
    assert_eq!(world.sites[first].withdrawn, None);
    let at_least = Incarnation::from(7);
    assert_eq!(world.sites[second].withdrawn, Some(Withdrawal::Stale { at_least }));
}

#[test]
fn an_incarnation_from_the_past_is_told_what_to_be_above_of() {
    let mut world = pair();
    let past = who("beta", 4, 3);
    let at = world.boot(&past, swim(&past), &[world.sites[0].who.addr]);
    world.run(ms(1_000));
    let at_least = Incarnation::from(5);
    assert_eq!(world.sites[at].withdrawn, Some(Withdrawal::Stale { at_least }));
    assert_eq!(world.sites[0].refused, [(past.id, Refusal::Stale { at_least })]);
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
    assert_eq!(world.known(0, 1), [2]);
}

#[test]
fn a_superseded_process_that_wakes_up_is_told_and_withdraws() {
    let mut world = pair();
    world.sites[1].is_frozen = true;
    let next = who("beta", 6, 3);
    let at = world.boot(&next, swim(&next), &[world.sites[0].who.addr]);
    world.run(ms(2_000));
    assert_eq!(world.state(0, at), Some(MemberState::Up));
    world.sites[1].is_frozen = false;
    world.run(ms(5_000));
    let at_least = Incarnation::from(6);
    assert_eq!(world.sites[1].withdrawn, Some(Withdrawal::Stale { at_least }));
    assert_eq!(world.sites[at].withdrawn, None);
    assert_eq!((world.state(0, 1), world.state(0, at)), (Some(MemberState::Down), Some(MemberState::Up)));
}

#[test]
fn the_holder_of_a_name_is_asked_again_when_the_link_it_was_asked_on_gives_way_to_another() {
    let mut world = pair();
    // Beta dials again, which replaces its link while alpha waits for its answer on the old one.
    let alpha = world.sites[0].who.clone();
    let second = who("beta", 6, 3);
    let at = world.boot(&second, swim(&second), &[alpha.addr]);
    world.tick();
    world.deliver(*world.under_way().last().unwrap());
    world.dial(1, DialTarget::Peer(alpha));
    world.deliver(*world.under_way().last().unwrap());
    world.run(ms(5_000));
    assert_eq!(world.sites[at].withdrawn, Some(Withdrawal::NameInUse));
    assert_eq!(world.state(0, 1), Some(MemberState::Up));
    assert_eq!(world.sites[1].withdrawn, None);
}

#[test]
fn what_a_newcomer_says_while_the_holder_is_asked_is_heard_once_it_is_in() {
    let mut world = pair();
    world.sites[1].is_frozen = true;
    let next = who("beta", 6, 3);
    let at = world.boot(&next, swim(&next), &[]);
    // Each dials the other; of the two links the one that alpha dialed stays, and beta closes its own once a
    // word came back on it. It asks for one while alpha still waits for the old beta.
    world.dial(at, DialTarget::Peer(world.sites[0].who.clone()));
    world.run(ms(20));
    world.dial(0, DialTarget::Peer(next.clone()));
    world.run(ms(100));
    // The old one's last word says that it left: nobody is told that the newcomers need not wait for it.
    let holder = LinkId(world.current(0, 1).unwrap() * 2 + 1);
    world.tell(0, Input::Control { link: holder, message: Control::Leave });
    world.run(ms(2_000));
    assert_eq!(world.current(0, at), world.current(at, 0));
    assert_eq!(world.connections(0, at), 1);
}

#[test]
fn a_later_life_that_others_tell_of_takes_the_name_from_nobody() {
    let mut world = World::new();
    let all = [
        who("alpha", 1, 1),
        who("gamma", 1, 2),
        who("beta", Incarnation::MAX.as_u64(), 3),
        who("beta", 6, 4),
    ];
    for us in &all[..3] {
        world.boot(us, swim(us), &[]);
    }
    // Alpha hears of the beta that has the last incarnation that may be named, and never meets it.
    world.cut.extend([(0, 2), (1, 3)]);
    world.dial(0, DialTarget::Peer(all[1].clone()));
    world.dial(2, DialTarget::Peer(all[1].clone()));
    world.run(ms(1_000));
    assert_eq!(world.state(0, 2), Some(MemberState::Up));
    let at = world.boot(&all[3], swim(&all[3]), &[all[0].addr]);
    world.run(ms(2_000));
    assert_eq!(world.state(0, at), None, "the other may be there");
    world.sites[2].is_frozen = true;
    world.run(ms(20_000));
    assert_eq!(world.state(0, at), Some(MemberState::Up), "it is not");
    assert_eq!(world.sites[at].withdrawn, None);
}
