//! SWIM nodes in a world: joining, dying, parting, leaving, coming back.

use std::slice::from_ref;

use murmer_membership::MemberState::{Down, Left, Suspect, Unreachable, Up};
use murmer_membership::{Member, Output, SwimConfig};

use crate::bench::member;
use crate::world::{World, millis, secs};

#[test]
fn a_full_mesh_grows_from_one_seed() {
    for (seed, size) in [(1, 2), (2, 3), (3, 5), (4, 12)] {
        let mut world = World::new(seed);
        let members = world.start_mesh(size);
        let took = world.run_until(secs(15), |world| world.is_mesh(&members));
        assert!(took <= secs(5), "{size} nodes took {took:?}");
        world.run(secs(10));
        world.assert_mesh(&members);
    }
}

#[test]
fn a_large_mesh_needs_more_than_one_packet_to_learn_itself() {
    let (world, members) = World::mesh(5, 60);
    world.assert_mesh(&members);
    assert_eq!(world.all_changes_to(Unreachable), []);
}

#[test]
fn a_crash_is_noticed_within_five_seconds_and_final_within_eight() {
    for seed in 0..40 {
        let size = 3 + (seed % 3) as usize;
        let (mut world, members) = World::mesh(seed, size);
        world.run(millis(seed * 37));
        let (dead, living) = members.split_last().unwrap();
        world.crash(dead);
        let noticed = world.run_until(secs(30), |world| {
            living.iter().all(|node| matches!(world.state(node, dead), Some(Unreachable | Down)))
        });
        assert!(noticed <= secs(5), "seed {seed}: unreachable after {noticed:?}");
        let done = world
            .run_until(secs(30), |world| living.iter().all(|node| world.state(node, dead) == Some(Down)));
        assert!(noticed + done <= secs(8), "seed {seed}: down after {:?}", noticed + done);
        world.run(secs(60));
        assert!(living.iter().all(|node| world.state(node, dead) == Some(Down)));
        world.assert_mesh(living);
    }
}

#[test]
fn a_member_that_answers_again_in_time_is_up_again() {
    for (seed, awaited) in [(1, Suspect), (2, Suspect), (3, Unreachable), (4, Unreachable)] {
        let (mut world, members) = World::mesh(seed, 3);
        let start = world.now;
        let (silent, rest) = members.split_last().unwrap();
        world.cut(from_ref(silent), rest);
        world.run_until(secs(10), |world| rest.iter().any(|node| world.state(node, silent) == Some(awaited)));
        world.heal();
        world.run(secs(10));
        world.assert_mesh(&members);
        assert_eq!(world.all_changes_to(Down), [], "seed {seed}");
        assert!(rest.iter().any(|node| world.history(node, silent, start).contains(&awaited)));
    }
}

#[test]
fn both_sides_of_a_partition_go_on_and_find_each_other_again() {
    for (seed, size, left) in [(1, 2, 1), (2, 3, 1), (3, 5, 2), (4, 6, 3)] {
        let (mut world, members) = World::mesh(seed, size);
        let (west, east) = members.split_at(left);
        world.cut(west, east);
        world.run(secs(60));
        for (a, b) in west.iter().flat_map(|a| east.iter().map(move |b| (a, b))) {
            assert_eq!(world.state(a, b), Some(Down));
            assert_eq!(world.state(b, a), Some(Down));
        }
        world.assert_mesh(west);
        world.assert_mesh(east);
        world.heal();
        let took = world.run_until(secs(60), |world| world.is_mesh(&members));
        assert!(took <= secs(15), "seed {seed}: healed after {took:?}");
        let healed = world.now;
        world.run(secs(60));
        world.assert_mesh(&members);
        assert!(
            world.log.iter().all(|(at, _, output)| *at <= healed
                || !matches!(output, Output::Changed { to: Unreachable | Down, .. })),
            "seed {seed}: it stays healed"
        );
    }
}

#[test]
fn two_members_that_cannot_link_stay_members_as_long_as_others_reach_both() {
    for seed in 0..5 {
        let mut world = World::new(seed);
        let (a, b, c) = (member("n0", 1), member("n1", 1), member("n2", 1));
        world.cut(from_ref(&a), from_ref(&c));
        for node in [&a, &b, &c] {
            world.start(node.id.name.as_str(), 1);
        }
        world.dial(&a, &b);
        world.dial(&c, &b);
        world.run(secs(120));
        assert_eq!((world.state(&a, &c), world.state(&c, &a)), (Some(Up), Some(Up)));
        assert_eq!(world.all_changes_to(Unreachable), [], "seed {seed}");
    }
}

#[test]
fn a_member_that_leaves_has_left_everywhere_and_is_not_raised_by_old_gossip() {
    let (mut world, members) = World::mesh(6, 5);
    let (leaver, rest) = members.split_last().unwrap();
    let start = world.now;
    world.leave(leaver, true);
    assert!(world.now - start <= millis(500));
    world.run(secs(60));
    for node in rest {
        assert_eq!(world.history(node, leaver, start), [Left]);
    }
    world.assert_mesh(rest);
}

#[test]
fn a_leave_without_notice_ends_like_a_death_where_only_gossip_tells_of_it() {
    for seed in 0..10 {
        let (mut world, members) = World::mesh(seed, 6);
        let (leaver, rest) = members.split_last().unwrap();
        let start = world.now;
        world.leave(leaver, false);
        world.run(secs(20));
        for node in rest {
            let history = world.history(node, leaver, start);
            assert!(history == [Left] || history == [Unreachable, Down], "seed {seed}: {history:?}");
        }
        assert!(rest.iter().any(|node| world.state(node, leaver) == Some(Left)), "seed {seed}");
    }
}

#[test]
fn a_restarted_node_replaces_its_old_life_at_once() {
    for seed in 0..10 {
        let (mut world, members) = World::mesh(seed, 4);
        let (old, rest) = members.split_last().unwrap();
        let start = world.now;
        world.crash(old);
        world.run(millis(300));
        let new = world.start(old.id.name.as_str(), 2);
        world.dial(&new, &rest[0]);
        let mut all = rest.to_vec();
        all.push(new.clone());
        let took = world.run_until(secs(30), |world| world.is_mesh(&all));
        assert!(took <= secs(3), "seed {seed}: usable after {took:?}");
        for node in rest {
            assert_eq!(world.state(node, old), Some(Down));
            let ups = world.history(node, old, start).iter().filter(|state| **state == Up).count();
            assert_eq!(ups, 0, "seed {seed}: the old life isn't heard of again");
        }
        world.run(secs(60));
        world.assert_mesh(&all);
        for node in rest {
            assert_eq!(world.history(node, &new, start), [Up], "seed {seed}");
        }
    }
}

#[test]
fn a_node_restarted_after_its_old_life_is_down_is_a_new_member() {
    let (mut world, members) = World::mesh(8, 4);
    let (old, rest) = members.split_last().unwrap();
    world.crash(old);
    world.run(secs(20));
    let new = world.start(old.id.name.as_str(), 2);
    world.dial(&new, &rest[0]);
    let mut all = rest.to_vec();
    all.push(new);
    let took = world.run_until(secs(30), |world| world.is_mesh(&all));
    assert!(took <= secs(3), "usable after {took:?}");
    world.run(secs(60));
    world.assert_mesh(&all);
}

#[test]
fn a_node_whose_clock_went_back_is_taken_in_once_linked() {
    let mut world = World::new(9);
    let (a, b, old) = (world.start("a", 1), world.start("b", 1), world.start("c", 100));
    world.dial(&b, &a);
    world.dial(&old, &a);
    world.run(secs(10));
    world.crash(&old);
    let new = world.start("c", 50);
    world.dial(&new, &a);
    world.dial(&new, &b);
    world.run(secs(60));
    world.assert_mesh(&[a, b, new]);
}

#[test]
fn nobody_is_declared_down_for_lost_packets() {
    for seed in 0..3 {
        let (mut world, members) = World::mesh(seed, 5);
        world.loss = 200;
        world.run(secs(8 * 60));
        assert_eq!(world.all_changes_to(Down), [], "seed {seed}");
        world.loss = 0;
        world.run(secs(20));
        world.assert_mesh(&members);
    }
}

/// A quarter of an hour. The day that is promised takes minutes, in a release build:
/// `MURMER_LOSS_HOURS=24 cargo test --release -p murmer-membership --test it hours_of_lost_packets`.
#[test]
fn nobody_is_declared_down_in_hours_of_lost_packets() {
    let hours = std::env::var("MURMER_LOSS_HOURS").ok().and_then(|hours| hours.parse().ok());
    let (mut world, _) = World::mesh(99, 5);
    world.loss = 200;
    for quarter in 0..hours.map_or(1, |hours: u32| 4 * hours) {
        world.run(secs(15 * 60));
        assert_eq!(world.all_changes_to(Down), [], "quarter of an hour {quarter}");
        world.log.clear();
    }
}

#[test]
fn a_crash_is_noticed_while_packets_are_lost() {
    for seed in 0..10 {
        let (mut world, members) = World::mesh(seed, 5);
        world.loss = 200;
        world.run(secs(30));
        let (dead, living) = members.split_last().unwrap();
        world.crash(dead);
        let took = world
            .run_until(secs(60), |world| living.iter().all(|node| world.state(node, dead) == Some(Down)));
        assert!(took <= secs(15), "seed {seed}: down after {took:?}");
        world.run(secs(60));
        assert!(living.iter().all(|node| world.state(node, dead) == Some(Down)), "seed {seed}");
    }
}

/// A mesh of nodes on several continents: 40 to 150 ms one way, one packet of twenty lost.
fn distant_mesh(seed: u64, size: usize) -> (World, Vec<Member>) {
    let mut world = World::with_config(seed, SwimConfig::wan());
    (world.delay, world.loss) = (40..150, 50);
    let members = world.start_mesh(size);
    world.run(secs(30));
    world.assert_mesh(&members);
    (world, members)
}

#[test]
fn distant_nodes_find_and_lose_each_other_too() {
    for seed in 0..10 {
        let (mut world, members) = distant_mesh(seed, 5);
        let (dead, living) = members.split_last().unwrap();
        world.crash(dead);
        let became = |world: &World, states: &[_]| {
            living.iter().all(|node| world.state(node, dead).is_some_and(|state| states.contains(&state)))
        };
        let noticed = world.run_until(secs(60), |world| became(world, &[Unreachable, Down]));
        assert!(noticed <= secs(24), "seed {seed}: unreachable after {noticed:?}");
        let done = world.run_until(secs(60), |world| became(world, &[Down]));
        assert!(noticed + done <= secs(34), "seed {seed}: down after {:?}", noticed + done);
        world.assert_mesh(living);
    }
}

#[test]
fn distance_alone_makes_nobody_unreachable() {
    for seed in 0..3 {
        let (mut world, members) = distant_mesh(seed, 6);
        world.run(secs(30 * 60));
        assert_eq!(world.all_changes_to(Unreachable), [], "seed {seed}");
        world.run(secs(20));
        world.assert_mesh(&members);
    }
}

#[test]
fn distant_sides_of_a_partition_find_each_other_again() {
    for seed in 0..5 {
        let (mut world, members) = distant_mesh(seed, 5);
        let (west, east) = members.split_at(2);
        world.cut(west, east);
        world.run(secs(120));
        assert_eq!(world.state(&west[0], &east[0]), Some(Down));
        world.heal();
        let took = world.run_until(secs(120), |world| world.is_mesh(&members));
        assert!(took <= secs(40), "seed {seed}: healed after {took:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_story() {
    let story = |seed| {
        let (mut world, members) = World::mesh(seed, 5);
        world.loss = 300;
        world.run(secs(60));
        world.crash(&members[2]);
        world.run(secs(30));
        world.log
    };
    assert_eq!(story(11), story(11));
    assert_ne!(story(11), story(12));
}
