//! Who holds whom down when a cluster splits, or loses many at once.

use std::slice::from_ref;
use std::time::Duration;

use murmer_membership::MemberState::{Down, Left, Unreachable, Up};
use murmer_membership::{Downing, Input, Member, Output, Swim, SwimConfig};

use crate::bench::{Bench, member};
use crate::world::{World, secs};

fn by_majority() -> SwimConfig {
    SwimConfig { downing: Downing::keep_majority(), ..SwimConfig::lan() }
}

/// A mesh that is cut in two; then, a minute later: who has withdrawn, and whom the rest holds down.
#[track_caller]
fn check_split(size: usize, west: &[usize], stays: &[usize]) {
    for seed in 0..5 {
        let (mut world, members) = World::mesh_of(seed, size, by_majority());
        let pick = |at: &[usize]| at.iter().map(|at| members[*at].clone()).collect::<Vec<_>>();
        let rest = |of: &[usize]| (0..size).filter(|at| !of.contains(at)).collect::<Vec<_>>();
        let cut_at = world.now;
        world.cut(&pick(west), &pick(&rest(west)));
        world.run(secs(60));
        let outvoted = world.outvoted();
        let (staying, going) = (pick(stays), pick(&rest(stays)));
        assert_eq!(outvoted.keys().collect::<Vec<_>>(), going.iter().map(|m| &m.id).collect::<Vec<_>>());
        let last = outvoted.values().max().copied().unwrap_or_default();
        assert!(last <= cut_at + secs(30), "seed {seed}: the last went after {:?}", last - cut_at);
        for node in &staying {
            for gone in &going {
                assert_eq!(world.history(node, gone, cut_at).last(), Some(&Down), "seed {seed}");
            }
        }
        let first = world.all_changes_to(Down).first().map(|(at, ..)| *at);
        assert!(first.is_none_or(|first| first > last), "seed {seed}: they were gone by then");
        world.assert_mesh(&staying);
    }
}

#[test]
fn of_five_the_three_go_on_and_the_two_withdraw() {
    check_split(5, &[0, 1], &[2, 3, 4]);
    check_split(5, &[1, 3, 4], &[1, 3, 4]);
}

#[test]
fn of_two_halves_the_one_with_the_smallest_name_goes_on() {
    check_split(4, &[0, 1], &[0, 1]);
    check_split(4, &[1, 2], &[0, 3]);
    check_split(2, &[0], &[0]);
}

#[test]
fn one_that_is_cut_off_alone_withdraws() {
    check_split(5, &[0], &[1, 2, 3, 4]);
    check_split(3, &[2], &[0, 1]);
}

#[test]
fn no_side_goes_on_if_none_has_a_majority() {
    for seed in 0..3 {
        let (mut world, members) = World::mesh_of(seed, 6, by_majority());
        world.cut(&members[0..2], &members[2..6]);
        world.cut(&members[2..4], &members[4..6]);
        world.run(secs(60));
        assert_eq!(world.outvoted().len(), 6, "seed {seed}");
        assert_eq!(world.all_changes_to(Down), []);
    }
}

#[test]
fn a_majority_goes_on_without_those_that_crash() {
    let (mut world, members) = World::mesh_of(1, 5, by_majority());
    world.crash(&members[0]);
    world.crash(&members[3]);
    let crashed_at = world.now;
    world.run(secs(60));
    assert!(world.outvoted().is_empty());
    let living = [members[1].clone(), members[2].clone(), members[4].clone()];
    for node in &living {
        for dead in [&members[0], &members[3]] {
            let history = world.history(node, dead, crashed_at);
            assert!(history.ends_with(&[Unreachable, Down]), "{history:?}");
        }
    }
    let downs = world.all_changes_to(Down);
    assert!(downs.iter().all(|(at, ..)| *at >= crashed_at + secs(30)), "{downs:?}");
    // Those that are down don't count: of three, two are more than half.
    world.crash(&members[1]);
    world.run(secs(60));
    assert!(world.outvoted().is_empty());
    world.assert_mesh(&living[1..]);
    assert_eq!(world.state(&members[2], &members[1]), Some(Down));
}

#[test]
fn the_rest_of_a_majority_that_crashes_withdraws_unless_an_operator_knows_better() {
    for is_told in [false, true] {
        let (mut world, members) = World::mesh_of(2, 5, by_majority());
        let (living, dead) = members.split_at(2);
        dead.iter().for_each(|member| world.crash(member));
        world.run(secs(15));
        for (node, gone) in living.iter().flat_map(|node| dead.iter().map(move |gone| (node, gone))) {
            assert_eq!(world.state(node, gone), Some(Unreachable));
            if is_told {
                world.tell(&node.id, Input::Down(gone.id.clone()));
                assert_eq!(world.state(node, gone), Some(Down));
            }
        }
        world.run(secs(60));
        assert_eq!(world.outvoted().len(), if is_told { 0 } else { 2 });
    }
}

#[test]
fn whoever_leaves_is_not_missed() {
    let (mut world, members) = World::mesh_of(3, 6, by_majority());
    world.leave(&members[2], true);
    world.crash(&members[5]);
    world.run(secs(10));
    assert_eq!(world.state(&members[0], &members[5]), Some(Unreachable));
    for leaver in &members[3..5] {
        world.leave(leaver, true);
        world.run(secs(1));
    }
    world.run(secs(60));
    assert!(world.outvoted().is_empty(), "of three, two are left");
    world.assert_mesh(&members[..2]);
    assert_eq!(world.state(&members[0], &members[5]), Some(Down));
}

#[test]
fn one_that_leaves_during_a_split_takes_its_vote_along() {
    for (west, goes_on) in [([0, 1, 2], true), ([1, 2, 4], false)] {
        let (mut world, members) = World::mesh_of(8, 5, by_majority());
        let west = west.map(|at| members[at].clone());
        let east: Vec<_> = members.iter().filter(|member| !west.contains(member)).cloned().collect();
        world.cut(&west, &east);
        world.run(secs(10));
        world.leave(&west[2], true);
        world.run(secs(60));
        let outvoted = world.outvoted();
        assert!(east.iter().all(|node| outvoted.contains_key(&node.id)));
        // Of four, two: the smallest name decides.
        assert!(west[..2].iter().all(|node| outvoted.contains_key(&node.id) != goes_on));
    }
}

#[test]
fn a_split_that_heals_in_time_costs_nobody() {
    for seed in 0..5 {
        let (mut world, members) = World::mesh_of(seed, 5, by_majority());
        let (west, east) = members.split_at(2);
        world.cut(west, east);
        world.run(secs(18));
        assert_eq!(world.state(&west[0], &east[0]), Some(Unreachable));
        world.heal();
        let took = world.run_until(secs(60), |world| world.is_mesh(&members));
        assert!(took <= secs(15), "seed {seed}: {took:?}");
        world.run(secs(60));
        world.assert_mesh(&members);
        assert!(world.outvoted().is_empty());
        assert_eq!(world.all_changes_to(Down), []);
    }
}

#[test]
fn those_that_withdrew_come_back_as_new_members() {
    let (mut world, members) = World::mesh_of(4, 5, by_majority());
    let (west, east) = members.split_at(2);
    world.cut(west, east);
    world.run(secs(60));
    world.heal();
    let mut all = east.to_vec();
    for old in west {
        let new = world.start(old.id.name.as_str(), 2);
        world.dial(&new, &east[0]);
        all.push(new);
    }
    world.run(secs(15));
    world.assert_mesh(&all);
}

#[test]
fn those_that_come_during_a_split_have_no_vote_in_it() {
    for seed in 0..3 {
        let (mut world, members) = World::mesh_of(seed, 5, by_majority());
        let (west, east) = members.split_at(2);
        world.cut(west, east);
        world.run(secs(12));
        let mut joined = Vec::new();
        for name in ["a1", "a2"] {
            let new = world.start(name, 1);
            world.cut(from_ref(&new), east);
            world.dial(&new, &west[0]);
            joined.push(new);
        }
        world.run(secs(60));
        let outvoted = world.outvoted();
        assert!(west.iter().all(|node| outvoted.contains_key(&node.id)), "seed {seed}: {outvoted:?}");
        assert!(east.iter().all(|node| !outvoted.contains_key(&node.id)), "seed {seed}: {outvoted:?}");
        // A limit: the newcomers themselves are never outvoted, and go on.
        world.run(secs(10 * 60));
        let outvoted = world.outvoted();
        assert!(joined.iter().all(|node| !outvoted.contains_key(&node.id)), "seed {seed}: {outvoted:?}");
        world.assert_mesh(&joined);
    }
}

/// The node `n0` that had met `n1` to `n4`, of which `lost` are missed for a while by now.
fn bereft(lost: &[usize]) -> (Bench<Swim>, Vec<Member>) {
    let members: Vec<_> = (0..5).map(|number| member(&format!("n{number}"), 1)).collect();
    let mut node = Bench::new(Swim::new(members[0].clone(), by_majority(), 5));
    for member in &members[1..] {
        node.link(member);
    }
    for _ in 0..16 {
        for kept in (1..5).filter(|at| !lost.contains(at)) {
            node.link(&members[kept]);
        }
        node.pass(Duration::from_millis(500));
    }
    (node, members)
}

#[test]
fn a_later_life_does_not_bring_the_vote_of_one_that_may_live_elsewhere() {
    let (mut node, members) = bereft(&[2, 3, 4]);
    assert_eq!(node.state(&members[4]), Some(Unreachable));
    // Taken for the successor of `n4`, which goes on with `n2` and `n3` on the other side.
    let (double, mut kept) = (member("n4", 2), vec![members[1].clone()]);
    node.link(&double);
    kept.push(double);
    for _ in 0..60 {
        kept.iter().for_each(|peer| node.link(peer));
        node.pass(Duration::from_millis(500));
    }
    assert_eq!(node.state(&members[2]), Some(Unreachable));
    assert!(node.said.iter().any(|(_, output)| *output == Output::Outvoted));
}

#[test]
fn a_node_is_told_to_go_once() {
    let (mut node, _) = bereft(&[1, 2, 3, 4]);
    node.pass(secs(120));
    let said = node.said.iter().filter(|(_, output)| *output == Output::Outvoted).count();
    assert_eq!(said, 1);
}

#[test]
fn without_a_say_of_anybody_members_stay_unreachable_until_an_operator_speaks() {
    let config = SwimConfig { downing: Downing::Manual, ..SwimConfig::lan() };
    let (mut world, members) = World::mesh_of(6, 5, config);
    let (west, east) = members.split_at(2);
    world.cut(west, east);
    world.run(secs(30 * 60));
    for (a, b) in west.iter().flat_map(|a| east.iter().map(move |b| (a, b))) {
        assert_eq!((world.state(a, b), world.state(b, a)), (Some(Unreachable), Some(Unreachable)));
    }
    let start = world.now;
    world.tell(&west[0].id, Input::Down(east[0].id.clone()));
    world.run(secs(60));
    assert_eq!(world.history(&west[0], &east[0], start), [Down]);
    assert_eq!(world.state(&west[1], &east[0]), Some(Unreachable), "it was said to one node");
    world.heal();
    let took = world.run_until(secs(60), |world| world.is_mesh(&members));
    assert!(took <= secs(15), "healed after {took:?}");
    world.run(secs(60));
    world.assert_mesh(&members);
}

#[test]
fn an_operator_is_believed_under_any_policy_but_not_of_those_that_answer() {
    let (mut world, members) = World::mesh(7, 4);
    let (lost, rest) = members.split_last().unwrap();
    let start = world.now;
    world.tell(&rest[0].id, Input::Down(lost.id.clone()));
    assert_eq!(world.state(&rest[0], lost), Some(Up));
    world.cut(from_ref(lost), rest);
    world.run_until(secs(10), |world| world.state(&rest[0], lost) == Some(Unreachable));
    world.tell(&rest[0].id, Input::Down(lost.id.clone()));
    assert_eq!(world.state(&rest[0], lost), Some(Down));
    world.heal();
    world.run(secs(30));
    world.assert_mesh(&members);
    assert!(!world.history(&rest[0], lost, start).contains(&Left));
}
