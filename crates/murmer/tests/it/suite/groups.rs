//! Groups, their listings and routers over them, across nodes; and who is told of whom.

use std::collections::BTreeSet;
use std::time::Duration;

use murmer::cluster::MemberState;
use murmer::prelude::*;
use murmer::{ActorOptions, GroupChange, Listing, ReceptionKey, Router, Supervision, Visibility};
use tokio::time::Instant;

use super::bed::{Bed, InMemory, World, found_of_type, meshed};
use super::run;
use crate::wait::until;

/// One of several that do the same. Remembers what it was told.
struct Worker;

impl Actor for Worker {
    type State = Vec<u32>;
}

#[handlers(clone)]
impl Worker {
    #[handler]
    fn work(&self, done: &mut Vec<u32>, n: u32) -> String {
        done.push(n);
        String::new()
    }

    #[handler]
    fn done(&self, done: &mut Vec<u32>) -> Vec<u32> {
        done.clone()
    }

    #[handler]
    fn place(&self, ctx: &ActorContext<Self>) -> String {
        ctx.system().node().name.to_string()
    }

    #[handler]
    fn boom(&self) {
        panic!("on purpose");
    }
}

fn key() -> ReceptionKey<Worker> {
    ReceptionKey::new("workers").unwrap()
}

/// An anonymous worker in the group.
fn hire(system: &System) -> Endpoint<Worker> {
    let worker = system.start_anonymous(Worker, vec![]);
    system.join_group(&key(), &worker).unwrap();
    worker
}

/// Until the group has this many members as `system` sees it.
async fn staffed(system: &System, members: usize) -> Vec<Endpoint<Worker>> {
    let what = format!("{:?} sees {members} workers", system.node());
    until(&what, SOON, || system.group(&key()).len() == members).await;
    system.group(&key())
}

/// Who is in, as far as a listing tells.
async fn heard(listing: &mut Listing<Worker>, members: &mut Vec<Endpoint<Worker>>, count: usize) {
    let until = Instant::now() + SOON;
    while members.len() != count {
        match tokio::time::timeout_at(until, listing.next()).await.expect("in time").expect("it goes on") {
            GroupChange::Added(who) => {
                assert!(!members.contains(&who), "told twice");
                members.push(who);
            }
            GroupChange::Removed(id) => {
                let at = members.iter().position(|member| member.id() == id).expect("it was told of");
                members.remove(at);
            }
        }
    }
}

pub(super) async fn a_group_has_the_members_of_all_nodes_in_one_order(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let gamma = bed.node("gamma", &["alpha"]).await;
    meshed(&gamma, &["alpha", "beta"]).await;
    let (a, a2) = (hire(&alpha), hire(&alpha));
    staffed(&beta, 2).await;
    let b = hire(&beta);
    let seen = staffed(&gamma, 3).await;
    assert_eq!(seen, [a.clone(), a2.clone(), b.clone()], "by age");
    assert_eq!(staffed(&beta, 3).await, [b.clone(), a.clone(), a2.clone()], "its own first");
    for (member, place) in seen.iter().zip(["alpha", "alpha", "beta"]) {
        assert_eq!(member.place().await.unwrap(), place);
    }
    assert!(alpha.leave_group(&key(), &a));
    b.control().stop();
    assert_eq!(staffed(&gamma, 1).await, [a2]);
    assert_eq!(seen[0].place().await.unwrap(), "alpha", "it left the group, and runs");
    assert!(gamma.resolve(&a.actor_ref()).is_some());
}

pub(super) async fn groups_of_one_name_and_other_types_are_others_on_every_node(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let probes = ReceptionKey::new("workers").unwrap();
    let probe = alpha.start("probe", crate::actors::Probe, vec![]);
    alpha.join_group(&probes, &probe).unwrap();
    let worker = hire(&alpha);
    assert_eq!(staffed(&beta, 1).await, [worker]);
    assert_eq!(beta.group(&probes), [probe]);
}

pub(super) async fn a_listing_tells_of_members_that_come_and_go_elsewhere(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let first = hire(&alpha);
    staffed(&beta, 1).await;
    let (mut listing, mut members) = (beta.listing(&key()), Vec::new());
    heard(&mut listing, &mut members, 1).await;
    let (near, second) = (hire(&beta), hire(&alpha));
    heard(&mut listing, &mut members, 3).await;
    let ids = |members: &[Endpoint<Worker>]| members.iter().map(Endpoint::id).collect::<BTreeSet<_>>();
    assert_eq!(ids(&members), ids(&[first.clone(), near.clone(), second.clone()]));
    alpha.leave_group(&key(), &first);
    heard(&mut listing, &mut members, 2).await;
    second.control().stop();
    heard(&mut listing, &mut members, 1).await;
    assert_eq!(members, [near]);
    alpha.join_group(&key(), &first).unwrap();
    heard(&mut listing, &mut members, 2).await;
    alpha.shutdown().await;
    heard(&mut listing, &mut members, 1).await;
}

pub(super) async fn the_members_of_a_node_that_dies_are_gone(bed: &mut Bed<impl World>) {
    let alpha = bed.mortal_node("alpha", &[]).await;
    let beta = bed.node("beta", &["alpha"]).await;
    hire(&alpha);
    let near = hire(&beta);
    let (mut listing, mut members) = (beta.listing(&key()), Vec::new());
    heard(&mut listing, &mut members, 2).await;
    bed.kill("alpha", alpha).await;
    heard(&mut listing, &mut members, 1).await;
    assert_eq!((members, beta.group(&key())), (vec![near.clone()], vec![near]));
}

pub(super) async fn routers_reach_the_members_of_all_nodes(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let workers = [hire(&alpha), hire(&alpha), hire(&beta)];
    staffed(&beta, 3).await;
    let router = Router::round_robin(beta.listing(&key()));
    for n in 0..9 {
        router.send(WorkerWork { n }).await.unwrap();
    }
    for worker in &workers {
        assert_eq!(worker.done().await.unwrap().len(), 3, "each in turn");
    }
    let all = Router::broadcast(beta.listing(&key()));
    let outcomes = all.send(WorkerPlace {}).await;
    let places: Vec<_> = outcomes.into_iter().map(|(_, place)| place.unwrap()).collect();
    assert_eq!(places.iter().filter(|place| *place == "alpha").count(), 2, "{places:?}");
    let keyed = |system: &System| Router::consistent_hash(system.listing(&key()));
    let (here, there) = (keyed(&beta), keyed(&alpha));
    for n in 100..110 {
        here.send(&n, WorkerWork { n }).await.unwrap();
        there.send(&n, WorkerWork { n }).await.unwrap();
    }
    for worker in &workers {
        let done = worker.done().await.unwrap();
        assert!(done[3..].chunks(2).all(|pair| pair[0] == pair[1]), "both nodes mean the same: {done:?}");
    }
    let first = Router::first_response(beta.listing(&key()));
    first.send(WorkerPlace {}).await.unwrap();
}

pub(super) async fn a_restart_keeps_groups_label_and_visibility_on_every_node(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let options = ActorOptions::default().visibility(Visibility::Unlisted);
    let worker = alpha.prepare("foreman", options).unwrap();
    let worker = worker.supervise(Supervision::permanent(), || (Worker, vec![]));
    alpha.join_group(&key(), &worker).unwrap();
    staffed(&beta, 1).await;
    let (mut listing, mut members) = (beta.listing(&key()), Vec::new());
    heard(&mut listing, &mut members, 1).await;
    for _ in 0..3 {
        let far = beta.lookup::<Worker>("foreman").expect("it is found at any time");
        far.boom().await.unwrap_err();
        assert_eq!(far.done().await.unwrap(), [0; 0], "another life");
    }
    hire(&alpha);
    staffed(&beta, 2).await;
    heard(&mut listing, &mut members, 2).await;
    assert_eq!(listing.try_next(), None, "nobody came or went for it");
    assert_eq!((members[0].id(), beta.labels("*").len(), alpha.labels("*").len()), (worker.id(), 0, 0));
}

pub(super) async fn others_hear_of_an_actor_what_its_visibility_says(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let start = |label: &str, visibility| {
        let options = ActorOptions::default().visibility(visibility);
        let worker = alpha.try_start(label, Worker, vec![], options).unwrap();
        alpha.join_group(&key(), &worker).unwrap();
        worker
    };
    let private = start("private", Visibility::Private);
    let unlisted = start("unlisted", Visibility::Unlisted);
    let listed = start("listed", Visibility::Listed);
    assert_eq!(staffed(&beta, 2).await, [unlisted.clone(), listed]);
    assert_eq!(alpha.group(&key()).len(), 3);
    assert!(beta.lookup::<Worker>("private").is_none() && alpha.lookup::<Worker>("private").is_some());
    assert_eq!(found_of_type::<Worker>(&beta, "unlisted").await, unlisted);
    for system in [&alpha, &beta] {
        assert!(!system.labels("*").iter().any(|label| label.as_str() == "unlisted"));
    }
    assert_eq!(beta.labels("*").len(), 1);
    // Who is given a reference can send all the same.
    let far = beta.resolve(&private.actor_ref()).expect("its node is a member");
    assert_eq!((far.place().await.unwrap(), far.label()), ("alpha".into(), private.label()));
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_reached_is_sent_to_last_and_is_back_after_the_cut() {
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta) = bed.pair().await;
        let (far, near) = (hire(&alpha), hire(&beta));
        staffed(&beta, 2).await;
        let router = Router::round_robin(beta.listing(&key()));
        let (mut listing, mut members) = (beta.listing(&key()), Vec::new());
        heard(&mut listing, &mut members, 2).await;
        let (at_alpha, at_beta) = (bed.addr("alpha"), bed.addr("beta"));
        bed.network().partition(at_alpha, at_beta);
        until("alpha is cut off", SOON, || beta.members()[0].1 == MemberState::Unreachable).await;
        for n in 0..4 {
            router.send(WorkerWork { n }).timeout(Duration::from_millis(10)).await.unwrap();
        }
        assert_eq!(near.done().await.unwrap(), [0, 1, 2, 3]);
        heard(&mut listing, &mut members, 1).await;
        bed.network().heal(at_alpha, at_beta);
        heard(&mut listing, &mut members, 2).await;
        assert_eq!(members, [near.clone(), far]);
        let before = near.done().await.unwrap().len();
        for n in 0..4 {
            router.send(WorkerWork { n }).await.unwrap();
        }
        assert_eq!(near.done().await.unwrap().len(), before + 2, "each in turn again");
    })
    .await;
}

/// Far more than news takes, and a death.
const SOON: Duration = Duration::from_secs(20);
