//! Any history of registrations and faults ends in agreement, and holds to the rules on the way:
//! [`Net`] checks after each step that copies are prefixes and that events add up.

use std::time::Duration;

use murmer_registry::{Attributes, Registration, RegistryConfig};
use murmer_wire::Visibility;
use proptest::prelude::*;

use crate::net::{Net, SECOND, in_groups};

#[derive(Debug, Clone)]
enum Step {
    Start(usize, u8),
    Stop(usize, usize),
    /// Into these of four groups, and listed or not.
    Say(usize, usize, u8),
    Link(usize, usize),
    Cut(usize, usize),
    GiveUp(usize, usize),
    Deliver(usize, usize, u8),
    Lose(usize, usize),
    Repeat(usize, usize),
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let pair = || (0..3usize, 1..3usize).prop_map(|(a, offset)| (a, (a + offset) % 3));
    prop_oneof![
        8 => (0..3usize, 0..4u8).prop_map(|(at, label)| Step::Start(at, label)),
        5 => (0..3usize, any::<usize>()).prop_map(|(at, which)| Step::Stop(at, which)),
        4 => (0..3usize, any::<usize>(), 0..32u8).prop_map(|(at, which, what)| Step::Say(at, which, what)),
        3 => pair().prop_map(|(a, b)| Step::Link(a, b)),
        1 => pair().prop_map(|(a, b)| Step::Cut(a, b)),
        1 => pair().prop_map(|(a, b)| Step::GiveUp(a, b)),
        8 => (pair(), 1..6u8).prop_map(|((a, b), count)| Step::Deliver(a, b, count)),
        1 => pair().prop_map(|(a, b)| Step::Lose(a, b)),
        1 => pair().prop_map(|(a, b)| Step::Repeat(a, b)),
        3 => (0..400u16).prop_map(Step::Wait),
    ]
}

fn perform(net: &mut Net, steps: &[Step]) {
    let mut next_number = 0;
    for step in steps {
        match *step {
            Step::Start(at, label) => {
                next_number += 1;
                net.register(at, next_number, &format!("label-{label}"));
            }
            Step::Stop(at, which) => {
                let own: Vec<_> = net.members[at].own.keys().copied().collect();
                if !own.is_empty() {
                    net.deregister(at, own[which % own.len()].0);
                }
            }
            Step::Say(at, which, what) => {
                let own: Vec<_> = net.members[at].own.keys().copied().collect();
                if !own.is_empty() {
                    net.update(at, own[which % own.len()].0, said(what));
                }
            }
            Step::Link(a, b) => net.link(a, b),
            Step::Cut(a, b) => net.unlink(a, b),
            Step::GiveUp(a, b) => net.down(a, b),
            Step::Deliver(a, b, count) => (0..count).for_each(|_| {
                net.deliver(a, b);
            }),
            Step::Lose(a, b) => {
                net.wires.entry((a, b)).or_default().pop_front();
            }
            Step::Repeat(a, b) => {
                let wire = net.wires.entry((a, b)).or_default();
                let first = wire.front().cloned();
                first.into_iter().for_each(|message| wire.push_front(message));
            }
            Step::Wait(millis) => net.run(Duration::from_millis(millis.into())),
        }
    }
}

fn said(what: u8) -> Attributes {
    let groups = ["a", "b", "c", "d"].into_iter().enumerate();
    let groups: Vec<_> = groups.filter(|(bit, _)| what >> bit & 1 == 1).map(|(_, name)| name).collect();
    let visibility = if what & 16 == 0 { Visibility::Listed } else { Visibility::Unlisted };
    Attributes { visibility, ..in_groups(&groups) }
}

fn heal(net: &mut Net) {
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        net.link(a, b);
    }
    net.run(60 * SECOND);
}

/// The node every member would call, its own registrations set aside.
fn check_winners(net: &Net) {
    for label in 0..4 {
        let label = format!("label-{label}");
        let winner = |at: usize| {
            let member = &net.members[at];
            let is_meant = |own: &Registration| own.label.as_ref().is_some_and(|own| own.as_str() == label);
            let own = member.own.iter().filter(|(_, own)| is_meant(own));
            let own = own.map(|(number, _)| {
                (member.registry.lamport_of(*number).unwrap(), member.id.clone(), *number)
            });
            let far = member.view.candidates(&label);
            own.chain(far.map(|e| (e.lamport, e.id.node.clone(), e.id.number))).min()
        };
        assert_eq!(winner(0), winner(1));
        assert_eq!(winner(0), winner(2));
    }
}

fn check(steps: &[Step], config: &RegistryConfig) {
    let mut net = Net::with_config(&["alpha", "beta", "gamma"], config);
    perform(&mut net, steps);
    heal(&mut net);
    net.check_converged();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn convergence_every_history_ends_in_agreement(steps in prop::collection::vec(step(), 1..120)) {
        check(&steps, &RegistryConfig::default());
    }

    #[test]
    fn convergence_with_a_tiny_ring_and_window(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let config = RegistryConfig {
            ring_ops_max: 3,
            window_ops_max: 2,
            window_bytes_max: 300,
            chunk_bytes_max: 100,
            pinned_bytes_max: 500,
            ..RegistryConfig::default()
        };
        check(&steps, &config);
    }

    #[test]
    fn winner_agreement_every_node_picks_the_same_actor(steps in prop::collection::vec(step(), 1..120)) {
        let mut net = Net::new(&["alpha", "beta", "gamma"]);
        perform(&mut net, &steps);
        heal(&mut net);
        check_winners(&net);
    }

    #[test]
    fn snapshot_equals_replay_of_the_same_history(steps in prop::collection::vec(step(), 1..80)) {
        // The same history, once remembered and once not.
        let mut replayed = Net::new(&["alpha", "beta", "gamma"]);
        let forgetful = RegistryConfig { ring_ops_max: 0, ..RegistryConfig::default() };
        let mut snapshots = Net::with_config(&["alpha", "beta", "gamma"], &forgetful);
        let changes: Vec<_> = steps.into_iter().filter(|s| matches!(s, Step::Start(..) | Step::Stop(..) | Step::Say(..))).collect();
        for net in [&mut replayed, &mut snapshots] {
            perform(net, &changes);
            heal(net);
        }
        for (a, b) in replayed.members.iter().zip(&snapshots.members) {
            prop_assert_eq!(&a.known, &b.known);
        }
        snapshots.check_converged();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// As [`Net`] delivers only what can be decoded, which a message of too many changes can't.
    #[test]
    fn bounded_messages_a_log_of_any_length_is_told_in_pieces(actors in 1..1_500u64, label in 1..256usize) {
        let mut net = Net::new(&["alpha", "beta"]);
        for number in 0..actors {
            net.register(0, number, &"x".repeat(label));
        }
        net.link(0, 1);
        net.settle();
        prop_assert_eq!(net.members[1].known.len() as u64, actors);
        net.unlink(0, 1);
        for number in 0..actors {
            net.deregister(0, number);
        }
        net.link(0, 1);
        net.settle();
        net.check_converged();
    }
}

/// Histories that once went wrong.
mod regressions {
    use Step::{Deliver, GiveUp, Link, Start};

    use super::*;

    #[test]
    fn an_acknowledgement_from_before_giving_up_is_no_offence() {
        let early = [Link(1, 0), Start(1, 0), Deliver(1, 0, 1), Deliver(0, 1, 3), GiveUp(1, 0), Start(0, 0)];
        let late = [Link(2, 0), GiveUp(0, 2), Start(2, 0)];
        let mut busy = vec![Start(0, 0); 5];
        busy.extend([Link(1, 0), Deliver(1, 0, 1), Start(0, 0), GiveUp(0, 1), Start(0, 0)]);
        for steps in [&early[..], &late, &busy] {
            check(steps, &RegistryConfig { ring_ops_max: 3, window_ops_max: 2, ..RegistryConfig::default() });
        }
    }
}
