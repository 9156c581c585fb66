//! Who is in a group, and what listings say of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{
    ActorId, ActorOptions, GroupChange, JoinError, Listing, ReceptionKey, StartFailure, Supervision,
};
use tokio::time::timeout;

use crate::actors::{Hermit, Probe, ProbeExt};

/// Joins a group when it starts.
struct Member;

impl Actor for Member {
    type State = ReceptionKey<Self>;

    async fn started(
        &mut self,
        ctx: &ActorContext<Self>,
        key: &mut ReceptionKey<Self>,
    ) -> Result<(), StartFailure> {
        Ok(ctx.join(key)?)
    }
}

#[handlers(local)]
impl Member {
    #[handler]
    fn ping(&self) {}

    #[handler]
    fn boom(&self) {
        panic!("on purpose");
    }

    #[handler]
    fn go(&self, ctx: &ActorContext<Self>, key: &mut ReceptionKey<Self>) -> bool {
        ctx.leave(key)
    }

    #[handler]
    fn stop_and_join(&self, ctx: &ActorContext<Self>, key: &mut ReceptionKey<Self>) -> Result<(), JoinError> {
        ctx.stop();
        ctx.join(key)
    }
}

fn key<A: 'static>() -> ReceptionKey<A> {
    ReceptionKey::new("workers").unwrap()
}

/// Everything that has happened, as a plus or a minus and the member's number here.
fn news(listing: &mut Listing<Probe>, members: &[Endpoint<Probe>]) -> Vec<String> {
    let place = |id: &ActorId| members.iter().position(|member| member.id() == *id).unwrap();
    core::iter::from_fn(|| listing.try_next())
        .map(|change| match change {
            GroupChange::Added(endpoint) => format!("+{}", place(&endpoint.id())),
            GroupChange::Removed(id) => format!("-{}", place(&id)),
        })
        .collect()
}

fn probes(system: &System, n: usize) -> Vec<Endpoint<Probe>> {
    (0..n).map(|_| system.start_anonymous(Probe, vec![])).collect()
}

#[tokio::test]
async fn a_group_holds_those_who_joined_in_that_order() {
    let (system, key) = (System::local(), key());
    let members = probes(&system, 4);
    for at in [2, 0, 3, 0, 1] {
        system.join_group(&key, &members[at]).unwrap();
    }
    let ids = || system.group(&key).iter().map(Endpoint::id).collect::<Vec<_>>();
    assert_eq!(ids(), [2, 0, 3, 1].map(|at| members[at].id()), "joining twice changes nothing");
    assert!(system.leave_group(&key, &members[0]));
    assert!(!system.leave_group(&key, &members[0]));
    system.join_group(&key, &members[0]).unwrap();
    assert_eq!(ids(), [2, 3, 1, 0].map(|at| members[at].id()));
    assert_eq!(system.group(&key)[0].echo(7).await.unwrap(), 7);
}

#[tokio::test]
async fn groups_of_one_name_and_different_types_have_nothing_to_do_with_each_other() {
    let system = System::local();
    system.join_group(&key(), &system.start("probe", Probe, vec![])).unwrap();
    assert!(system.group::<Hermit>(&key()).is_empty());
    system.join_group(&key(), &system.start("hermit", Hermit, ())).unwrap();
    assert_eq!(system.group::<Probe>(&key()).len(), 1);
    assert_eq!(system.group::<Hermit>(&key()).len(), 1);
    assert!(ReceptionKey::<Probe>::new("").is_err());
    assert_ne!(key::<Probe>(), ReceptionKey::new("others").unwrap());
}

#[tokio::test]
async fn an_actor_is_in_no_group_once_it_has_been_told_to_end() {
    let (system, key) = (System::local(), key());
    let members = probes(&system, 4);
    for member in &members {
        system.join_group(&key, member).unwrap();
    }
    let mut listing = system.listing(&key);
    assert_eq!(news(&mut listing, &members), ["+0", "+1", "+2", "+3"]);
    assert!(members[1].control().stop());
    assert_eq!(news(&mut listing, &members), ["-1"], "before stop returns");
    assert!(members[3].control().drain());
    assert!(members[0].control().kill());
    assert_eq!(news(&mut listing, &members), ["-3", "-0"]);
    assert_eq!(system.join_group(&key, &members[1]), Err(JoinError::Stopped));
    assert_eq!(system.group(&key), [members[2].clone()]);
}

#[tokio::test]
async fn an_actor_that_fails_drops_out() {
    let (system, key) = (System::local(), key());
    let member = system.start_anonymous(Member, key.clone());
    let mut listing = system.listing(&key);
    assert_eq!(listing.next().await, Some(GroupChange::Added(member.clone())));
    member.boom().await.unwrap_err();
    assert_eq!(listing.next().await, Some(GroupChange::Removed(member.id())));
    assert!(system.group(&key).is_empty());
}

#[tokio::test]
async fn an_actor_that_is_prepared_and_never_started_drops_out() {
    let (system, key) = (System::local(), key());
    let prepared = system.prepare::<Probe>("probe", ActorOptions::default()).unwrap();
    system.join_group(&key, &prepared.endpoint()).unwrap();
    assert_eq!(system.group(&key), [prepared.endpoint()]);
    drop(prepared);
    assert!(system.group(&key).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_restart_keeps_its_actor_in_its_group_and_in_its_place() {
    let (system, key) = (System::local(), key());
    let supervised = system.supervise("member", Supervision::transient(), {
        let key = key.clone();
        move || (Member, key.clone())
    });
    supervised.ping().await.unwrap();
    let other = system.start_anonymous(Member, key.clone());
    other.ping().await.unwrap();
    let mut listing = system.listing(&key);
    supervised.boom().await.unwrap_err();
    supervised.ping().await.unwrap();
    assert_eq!(system.group(&key), [supervised.clone(), other.clone()]);
    for member in [supervised, other] {
        assert_eq!(listing.try_next(), Some(GroupChange::Added(member)));
    }
    assert_eq!(listing.try_next(), None, "nobody left, nobody came");
}

#[tokio::test]
async fn a_handler_joins_and_leaves_for_its_actor() {
    let (system, key) = (System::local(), key());
    let member = system.start_anonymous(Member, key.clone());
    assert!(member.go().await.unwrap());
    assert!(!member.go().await.unwrap());
    assert!(system.group(&key).is_empty());
    assert_eq!(member.stop_and_join().await.unwrap(), Err(JoinError::Stopped));
}

#[tokio::test]
async fn only_an_actor_of_this_system_joins_and_only_so_many_groups() {
    let (system, other) = (System::local(), System::local());
    let stranger = other.start_anonymous(Probe, vec![]);
    assert_eq!(system.join_group(&key(), &stranger), Err(JoinError::Elsewhere));
    assert!(!system.leave_group(&key(), &stranger));
    assert_eq!(system.join_group(&key(), &system.start("", Probe, vec![])), Err(JoinError::NotStarted));
    let probe = system.start_anonymous(Probe, vec![]);
    let mut joined = 0;
    let refused = loop {
        let key = ReceptionKey::new(&format!("group {joined}")).unwrap();
        match system.join_group(&key, &probe) {
            Ok(()) => joined += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, JoinError::TooMany { max: joined });
}

#[tokio::test]
async fn a_listing_begins_with_all_who_are_in_and_goes_on_with_every_change() {
    let (system, key) = (System::local(), key());
    let members = probes(&system, 3);
    system.join_group(&key, &members[0]).unwrap();
    let (mut early, mut late) = (system.listing(&key), system.listing(&key));
    system.join_group(&key, &members[1]).unwrap();
    assert_eq!(news(&mut early, &members), ["+0", "+1"]);
    system.leave_group(&key, &members[0]);
    system.join_group(&key, &members[2]).unwrap();
    system.leave_group(&key, &members[2]);
    assert_eq!(news(&mut early, &members), ["-0"], "who came and went unheard was never there");
    assert_eq!(news(&mut late, &members), ["+1"]);
    system.leave_group(&key, &members[1]);
    system.join_group(&key, &members[1]).unwrap();
    assert_eq!(news(&mut early, &members), ["-1", "+1"]);
    assert_eq!(news(&mut early, &members), [""; 0]);
}

#[tokio::test]
async fn a_listing_of_nobody_waits_and_one_that_is_dropped_leaves_nothing_behind() {
    let (system, key) = (System::local(), key());
    let mut listing = system.listing(&key);
    assert!(timeout(Duration::ZERO, listing.next()).await.is_err());
    drop(system.listing(&key));
    let probe = system.start_anonymous(Probe, vec![]);
    let (change, joined) = tokio::join!(listing.next(), async { system.join_group(&key, &probe) });
    joined.unwrap();
    assert_eq!(change, Some(GroupChange::Added(probe)));
}

#[tokio::test]
async fn a_listing_ends_with_its_system_once_all_have_left() {
    let (system, key) = (System::local(), key());
    let probe = system.start_anonymous(Probe, vec![]);
    system.join_group(&key, &probe).unwrap();
    let mut listing = system.listing(&key);
    assert!(listing.next().await.is_some());
    let (_, change) = tokio::join!(system.shutdown(), listing.next());
    assert_eq!(change, Some(GroupChange::Removed(probe.id())));
    assert_eq!(listing.next().await, None);
    assert_eq!(system.listing(&key).next().await, None);
}

/// What a reader makes of a listing. Panics if a change can't be one.
#[derive(Default)]
struct Folded(Vec<ActorId>);

impl Folded {
    fn apply(&mut self, change: GroupChange<Probe>) {
        match change {
            GroupChange::Added(endpoint) => {
                assert!(!self.0.contains(&endpoint.id()), "told twice of {endpoint:?}");
                self.0.push(endpoint.id());
            }
            GroupChange::Removed(id) => {
                let at = self.0.iter().position(|held| *held == id);
                self.0.remove(at.unwrap_or_else(|| panic!("never told of {id}")));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_agree_with_the_group_whatever_the_interleaving() {
    for round in 0..20 {
        let (system, key) = (System::local(), key());
        let is_over = Arc::new(AtomicBool::new(false));
        let readers: Vec<_> = (0..4)
            .map(|reader| {
                let (system, key, is_over) = (system.clone(), key.clone(), is_over.clone());
                std::thread::spawn(move || read(&system, &key, &is_over, reader))
            })
            .collect();
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (system, key, members) = (system.clone(), key.clone(), probes(&system, 8));
                std::thread::spawn(move || come_and_go(&system, &key, &members, round * 4 + writer))
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
        let truth: Vec<_> = system.group(&key).iter().map(Endpoint::id).collect();
        for reader in readers {
            assert_eq!(reader.join().unwrap(), truth, "round {round}");
        }
    }
}

/// Reads until nothing happens any more; those with an odd number begin anew now and then.
fn read(system: &System, key: &ReceptionKey<Probe>, is_over: &AtomicBool, reader: usize) -> Vec<ActorId> {
    let (mut listing, mut folded) = (system.listing(key), Folded::default());
    let mut reads = 0;
    loop {
        // Looked at first: what is read after that is all there is.
        let was_over = is_over.load(Ordering::SeqCst);
        while let Some(change) = listing.try_next() {
            folded.apply(change);
            reads += 1;
            if reader % 2 == 1 && reads % 50 == 0 {
                (listing, folded) = (system.listing(key), Folded::default());
            }
        }
        if was_over {
            return folded.0;
        }
        std::thread::yield_now();
    }
}

/// Joins and leaves at random, and ends half of the members on the way.
fn come_and_go(system: &System, key: &ReceptionKey<Probe>, members: &[Endpoint<Probe>], seed: usize) {
    let mut dice = seed;
    for step in 0..400 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let member = &members[(dice >> 33) % members.len()];
        if (dice >> 40).is_multiple_of(2) {
            let joined = system.join_group(key, member);
            assert!(matches!(joined, Ok(()) | Err(JoinError::Stopped)), "{joined:?}");
        } else {
            system.leave_group(key, member);
        }
        if step % 100 == 99 {
            members[step / 100].control().stop();
        }
    }
}
