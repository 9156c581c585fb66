//! What every implementor of the seam owes its caller.

use std::time::Duration;

use murmer_membership::MemberState::{Down, Left, Suspect, Unreachable, Up};
use murmer_membership::{Fixed, Input, MEMBERS_MAX, Membership, Output, Swim, SwimConfig};

use crate::bench::{Bench, member};

/// Runs `check` on each implementor, as the node `us` that was told of nobody.
fn check(check: impl Fn(&mut dyn Subject)) {
    let us = member("us", 7);
    check(&mut Bench::new(Swim::new(us.clone(), SwimConfig::lan(), 1)));
    check(&mut Bench::new(Swim::new(us.clone(), SwimConfig::wan(), 2)));
    check(&mut Bench::new(Fixed::new(us, [])));
}

/// A bench with any machine on it.
trait Subject {
    fn tell(&mut self, input: Input);
    fn pass(&mut self, seconds: u64);
    fn pass_with_life(&mut self, peer: &murmer_membership::Member, seconds: u64);
    fn said(&mut self) -> &mut Vec<(Duration, Output)>;
    fn deadline(&self) -> Option<Duration>;
    fn members(&self) -> Vec<(murmer_membership::Member, murmer_membership::MemberState)>;
    fn states(&self, member: &murmer_membership::Member) -> Vec<murmer_membership::MemberState>;
}

impl<M: Membership> Subject for Bench<M> {
    fn tell(&mut self, input: Input) {
        Self::tell(self, input);
    }
    fn pass(&mut self, seconds: u64) {
        Self::pass(self, Duration::from_secs(seconds));
    }
    fn pass_with_life(&mut self, peer: &murmer_membership::Member, seconds: u64) {
        Self::pass_with_life(self, peer, Duration::from_secs(seconds));
    }
    fn said(&mut self) -> &mut Vec<(Duration, Output)> {
        &mut self.said
    }
    fn deadline(&self) -> Option<Duration> {
        self.machine.deadline()
    }
    fn members(&self) -> Vec<(murmer_membership::Member, murmer_membership::MemberState)> {
        self.machine.members().map(|(member, state)| (member.clone(), state)).collect()
    }
    fn states(&self, member: &murmer_membership::Member) -> Vec<murmer_membership::MemberState> {
        Self::states(self, member)
    }
}

#[test]
fn a_linked_peer_is_up_at_once_and_told_once() {
    check(|node| {
        let alpha = member("alpha", 1);
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::Linked { member: alpha.clone() });
        assert_eq!(node.states(&alpha), [Up]);
        assert_eq!(node.members(), [(alpha, Up)]);
    });
}

#[test]
fn nobody_is_a_member_of_itself() {
    check(|node| {
        node.tell(Input::Linked { member: member("us", 7) });
        node.tell(Input::Linked { member: member("us", 8) });
        assert!(node.members().is_empty());
        assert!(node.said().is_empty());
    });
}

#[test]
fn a_lost_link_is_not_a_death() {
    check(|node| {
        let alpha = member("alpha", 1);
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::Unlinked(alpha.id.clone()));
        assert_eq!(node.states(&alpha), [Up]);
        node.tell(Input::Linked { member: alpha.clone() });
        assert_eq!(node.states(&alpha), [Up]);
    });
}

#[test]
fn a_silent_peer_is_unreachable_before_it_is_down_and_up_again_once_linked() {
    check(|node| {
        let alpha = member("alpha", 1);
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::Unlinked(alpha.id.clone()));
        node.pass(60);
        let states: Vec<_> = node.states(&alpha).into_iter().filter(|state| *state != Suspect).collect();
        assert_eq!(states, [Up, Unreachable, Down]);
        assert_eq!(node.members(), [(alpha.clone(), Down)]);
        node.tell(Input::Linked { member: alpha.clone() });
        assert_eq!(node.states(&alpha).last(), Some(&Up));
    });
}

#[test]
fn an_operator_is_believed_of_those_that_are_unreachable() {
    check(|node| {
        let (alpha, beta) = (member("alpha", 1), member("beta", 1));
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::Linked { member: beta.clone() });
        node.tell(Input::Down(alpha.id.clone()));
        node.tell(Input::Down(member("stranger", 1).id));
        node.tell(Input::Unlinked(alpha.id.clone()));
        while node.states(&alpha).last() != Some(&Unreachable) {
            node.pass_with_life(&beta, 1);
        }
        node.tell(Input::Down(member("alpha", 2).id));
        assert_eq!(node.states(&alpha).last(), Some(&Unreachable));
        node.tell(Input::Down(alpha.id.clone()));
        node.tell(Input::Down(alpha.id.clone()));
        assert_eq!(node.states(&alpha).iter().filter(|state| **state == Down).count(), 1);
        node.tell(Input::Linked { member: alpha.clone() });
        assert_eq!(node.states(&alpha).last(), Some(&Up));
    });
}

#[test]
fn one_in_quarantine_is_down_and_stays_so_until_its_next_life() {
    check(|node| {
        let (alpha, next) = (member("alpha", 1), member("alpha", 2));
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::Quarantined(alpha.id.clone()));
        node.tell(Input::Quarantined(alpha.id.clone()));
        node.tell(Input::Unlinked(alpha.id.clone()));
        node.said().clear();
        node.pass_with_life(&alpha, 120);
        assert_eq!(node.members(), [(alpha.clone(), Down)]);
        assert!(node.said().is_empty(), "neither dialed nor heard: {:?}", node.said());
        node.tell(Input::Linked { member: next.clone() });
        assert_eq!(node.members(), [(next, Up)]);
    });
}

#[test]
fn signs_of_life_hold_down_off() {
    check(|node| {
        let alpha = member("alpha", 1);
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::Unlinked(alpha.id.clone()));
        node.pass_with_life(&alpha, 20);
        assert!(!node.states(&alpha).contains(&Down));
    });
}

#[test]
fn a_dead_peer_is_dialed_again() {
    check(|node| {
        let alpha = member("alpha", 1);
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::Unlinked(alpha.id.clone()));
        node.pass(60);
        node.said().clear();
        node.pass(60);
        let dials = node.said().iter().filter(|(_, output)| *output == Output::Dial(alpha.clone())).count();
        assert!((1..=60).contains(&dials), "dialed {dials} times in a minute");
    });
}

#[test]
fn another_life_ends_the_one_before_in_the_same_step() {
    check(|node| {
        let (old, new) = (member("alpha", 1), member("alpha", 2));
        node.tell(Input::Linked { member: old.clone() });
        node.said().clear();
        node.tell(Input::Linked { member: new.clone() });
        let said: Vec<_> = node
            .said()
            .drain(..)
            .map(|(_, output)| output)
            .filter(|output| matches!(output, Output::Changed { .. }))
            .collect();
        let expected = [
            Output::Changed { member: old.clone(), from: Some(Up), to: Down },
            Output::Changed { member: new.clone(), from: None, to: Up },
        ];
        assert_eq!(said, expected);
        // What is left of the old life's link concerns nobody any more.
        node.tell(Input::Unlinked(old.id.clone()));
        node.tell(Input::PeerLeft(old.id));
        assert_eq!(node.members(), [(new, Up)]);
    });
}

#[test]
fn a_peer_that_says_it_leaves_has_left_at_once_and_for_good() {
    check(|node| {
        let alpha = member("alpha", 1);
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::PeerLeft(alpha.id.clone()));
        node.tell(Input::PeerLeft(alpha.id.clone()));
        node.tell(Input::Unlinked(alpha.id.clone()));
        node.pass(60);
        assert_eq!(node.states(&alpha), [Up, Left]);
        assert!(!node.said().iter().any(|(_, output)| *output == Output::Dial(alpha.clone())));
    });
}

#[test]
fn news_of_strangers_is_ignored() {
    check(|node| {
        let stranger = member("stranger", 1);
        node.tell(Input::Unlinked(stranger.id.clone()));
        node.tell(Input::Alive(stranger.id.clone()));
        node.tell(Input::PeerLeft(stranger.id.clone()));
        node.tell(Input::Packet { from: stranger.id, packet: vec![1, 2, 3].into() });
        node.tell(Input::Timeout);
        assert!(node.said().is_empty());
        assert!(node.members().is_empty());
    });
}

#[test]
fn a_node_that_has_left_does_nothing_any_more() {
    check(|node| {
        let alpha = member("alpha", 1);
        node.tell(Input::Linked { member: alpha.clone() });
        node.tell(Input::Leave);
        node.said().clear();
        node.tell(Input::Linked { member: member("beta", 1) });
        node.tell(Input::Unlinked(alpha.id));
        node.pass(60);
        node.tell(Input::Timeout);
        assert!(node.said().is_empty());
        assert_eq!(node.deadline(), None);
    });
}

#[test]
fn the_number_of_members_is_bounded_and_the_dead_make_room() {
    check(|node| {
        let members: Vec<_> = (0..MEMBERS_MAX).map(|number| member(&format!("n{number}"), 1)).collect();
        for member in &members {
            node.tell(Input::Linked { member: member.clone() });
        }
        let late = member("late", 1);
        node.tell(Input::Linked { member: late.clone() });
        assert_eq!(node.said().last().map(|(_, output)| output.clone()), Some(Output::Full(late.clone())));
        assert_eq!(node.members().len(), MEMBERS_MAX);
        node.tell(Input::PeerLeft(members[3].id.clone()));
        node.tell(Input::Unlinked(members[3].id.clone()));
        node.tell(Input::Linked { member: late.clone() });
        assert_eq!(node.states(&late), [Up]);
        assert_eq!(node.members().len(), MEMBERS_MAX);
    });
}
