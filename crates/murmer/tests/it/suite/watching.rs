//! Being told of the end of actors on other nodes.

mod listener;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use murmer::cluster::config::ClusterConfig;
use murmer::prelude::*;
use murmer::transport::{Faults, Limits, MemConfig, MemNetwork};
use murmer::{ActorOptions, Supervision};
use tokio::time::sleep;

use self::listener::{Line, Lines, Listener, ListenerExt, Teller, TellerExt};
use super::bed::{Bed, InMemory, World, found, found_of_type};
use super::run;
use crate::actors::{Probe, ProbeExt};
use crate::wait::until;

/// Writes down what it is told of those it watches.
struct Watcher;

type Told = Arc<Mutex<Vec<(u64, StopReason)>>>;

impl Actor for Watcher {
    type State = Told;

    async fn terminated(&mut self, _: &ActorContext<Self>, told: &mut Told, notice: Terminated) {
        told.lock().unwrap().push((notice.tag, notice.reason));
    }
}

#[handlers(local)]
impl Watcher {
    #[handler]
    fn watch(&self, ctx: &ActorContext<Self>, of: Endpoint<Probe>, tag: u64) {
        ctx.watch_tagged(&of, tag);
    }

    /// Watches, and thinks better of it.
    #[handler]
    fn watch_not(&self, ctx: &ActorContext<Self>, of: Endpoint<Probe>) -> bool {
        let watch = ctx.watch_tagged(&of, 99);
        ctx.unwatch(watch)
    }

    #[handler]
    fn boom(&self) {
        panic!("on purpose");
    }
}

pub(super) async fn an_actor_elsewhere_is_watched_to_its_end_whatever_that_is(bed: &mut Bed<impl World>) {
    let alpha = bed.node("alpha", &[]).await;
    let beta = bed.node("beta", &["alpha"]).await;
    let gamma = bed.mortal_node("gamma", &["alpha"]).await;
    for (system, label) in [(&beta, "stopped"), (&beta, "panics"), (&beta, "leaves"), (&gamma, "dies")] {
        system.start(label, Probe, vec![]);
    }
    let told = Told::default();
    let state = told.clone();
    let supervision = Supervision::transient().backoff(Duration::ZERO, Duration::ZERO);
    let watcher = alpha.supervise("watcher", supervision, move || (Watcher, state.clone()));
    let mut of = Vec::new();
    for (tag, label) in (0..).zip(["stopped", "panics", "leaves", "dies"]) {
        of.push(found(&alpha, label).await);
        watcher.watch(of[tag as usize].clone(), tag).await.unwrap();
    }
    assert!(watcher.watch_not(of[2].clone()).await.unwrap());
    // The watches are the actor's, not this life's.
    watcher.boom().await.unwrap_err();
    assert!(beta.stop("stopped"));
    next_is(&told, 0, &StopReason::Stopped).await;
    of[1].boom().await.unwrap_err();
    next_is(&told, 1, &StopReason::Panicked("on purpose".into())).await;
    bed.kill("gamma", gamma).await;
    next_is(&told, 3, &StopReason::NodeDown).await;
    // One that is over already, as far as this node knows.
    watcher.watch(of[3].clone(), 4).await.unwrap();
    next_is(&told, 4, &StopReason::NodeDown).await;
    beta.shutdown().await;
    // A node that leaves in order stops its actors first, and has said so by then or not.
    until("the watcher is told", SOON, || !told.lock().unwrap().is_empty()).await;
    let last = std::mem::take(&mut *told.lock().unwrap());
    assert!(matches!(last[..], [(2, StopReason::Stopped | StopReason::NodeLeft)]), "{last:?}");
    alpha.shutdown().await;
    assert!(told.lock().unwrap().is_empty(), "each was told once");
}

pub(super) async fn the_true_reason_comes_from_another_node(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let lines = Lines::default();
    let listener = alpha.start("listener", Listener, lines.clone());
    let panicked = || StopReason::Panicked("on purpose".into());
    let supervision = || Supervision::transient().limit(1, SOON).backoff(Duration::ZERO, Duration::ZERO);
    // None of them has a label, so the registry doesn't know of them.
    let stopped = beta.start_anonymous(Probe, vec![]);
    let killed = beta.start_anonymous(Probe, vec![]);
    let panics = beta.start_anonymous(Probe, vec![]);
    let fails_often = beta.supervise("fails often", supervision(), || (Probe, vec![]));
    let prepared = beta.prepare::<Probe>("never", ActorOptions::default()).unwrap();
    let never = prepared.endpoint();
    drop(prepared);
    for (tag, of) in (0..).zip([&stopped, &killed, &panics, &fails_often, &never]) {
        listener.watch(of.actor_ref(), tag).await.unwrap();
    }
    over(&lines, 4, StopReason::NeverExisted).await;
    stopped.control().stop();
    over(&lines, 0, StopReason::Stopped).await;
    killed.control().kill();
    over(&lines, 1, StopReason::Killed).await;
    panics.boom().await.unwrap_err();
    over(&lines, 2, panicked()).await;
    fails_often.boom().await.unwrap_err();
    fails_often.boom().await.unwrap_err();
    over(&lines, 3, StopReason::RestartLimit(Box::new(panicked()))).await;
    // What has just happened is remembered for those who ask too late.
    listener.watch(panics.actor_ref(), 5).await.unwrap();
    over(&lines, 5, panicked()).await;
    // Waiting for an end is told the same.
    beta.start("probe", Probe, vec![]);
    let probe = found(&alpha, "probe").await;
    let ended = tokio::spawn({
        let probe = probe.clone();
        async move { probe.ended().await }
    });
    probe.boom().await.unwrap_err();
    assert_eq!(ended.await.unwrap(), panicked());
    assert_eq!(probe.ended().await, panicked(), "and however often it is asked");
    assert_eq!(lines.take(), []);
}

pub(super) async fn a_notice_comes_behind_all_that_its_actor_sent_from_another_node(
    bed: &mut Bed<impl World>,
) {
    let (alpha, beta) = bed.pair().await;
    bed.move_apart();
    let lines = Lines::default();
    let prepared = alpha.prepare("listener", ActorOptions::default().mailbox(16)).unwrap();
    let listener = prepared.start(Listener, lines.clone());
    let there = found_of_type::<Listener>(&beta, "listener").await;
    for round in 0..5 {
        let teller = beta.start_anonymous(Teller, ());
        listener.watch_teller(teller.actor_ref(), round).await.unwrap();
        teller.tell_all(there.actor_ref(), TOLD).tell().await.unwrap();
        until("all has come", SOON, || lines.len() > TOLD as usize).await;
        let told: Vec<_> = (0..TOLD).map(Line::Heard).chain([over_line(round)]).collect();
        assert_eq!(lines.take(), told);
    }
}

pub(super) async fn five_thousand_ends_at_once_are_told_over_one_connection(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let lines = Lines::default();
    let listener = alpha.start("listener", Listener, lines.clone());
    let mut actors: Vec<_> = (0..5_000).map(|_| beta.start_anonymous(Probe, vec![])).collect();
    let last = actors.pop().unwrap();
    last.control().stop_and_wait().await;
    let all = actors.iter().chain([&last]).map(Endpoint::actor_ref).collect();
    listener.watch_all(all).await.unwrap();
    // By when the last is told of, all of them are known over there.
    over(&lines, 4_999, StopReason::Stopped).await;
    let received = alpha.peers()[0].connection.bytes_received;
    for actor in &actors {
        actor.control().stop();
    }
    until("all are told of", SOON, || lines.len() >= actors.len()).await;
    let mut told = lines.take();
    told.sort_by_key(|line| match line {
        Line::Over(tag, _) => *tag,
        Line::Heard(_) => u64::MAX,
    });
    assert_eq!(told, (0..4_999).map(over_line).collect::<Vec<_>>());
    let peer = alpha.peers().pop().expect("the connection is there");
    assert!(peer.connection.bytes_received > received, "and is the one that was");
}

#[tokio::test(start_paused = true)]
async fn a_watch_outlives_its_connection() {
    // Given up long before anybody is held to be down.
    let limits = Limits { idle_timeout: Duration::from_millis(1_200), ..Limits::default() };
    let network = MemNetwork::with_config(1, MemConfig { limits }).unwrap();
    let addrs = [SocketAddr::from(([10, 0, 0, 1], 1)), SocketAddr::from(([10, 0, 0, 2], 2))];
    let config = ClusterConfig::builder().cookie("correct horse battery staple");
    let transport = network.bind(addrs[0]).unwrap();
    let alpha = System::clustered_on(config.clone().build().unwrap(), transport).await.unwrap();
    let config = config.seed_nodes([addrs[0].into()]);
    let transport = network.bind(addrs[1]).unwrap();
    let beta = System::clustered_on(config.build().unwrap(), transport).await.unwrap();

    let lines = Lines::default();
    let listener = alpha.start("listener", Listener, lines.clone());
    let (early, late) = (beta.start_anonymous(Probe, vec![]), beta.start_anonymous(Probe, vec![]));
    for (tag, of) in (0..).zip([&early, &late]) {
        listener.watch(of.actor_ref(), tag).await.unwrap();
    }
    for round in 0..3 {
        sleep(Duration::from_secs(5)).await;
        assert_eq!((alpha.peers().len(), beta.peers().len()), (1, 1));
        network.partition(addrs[0], addrs[1]);
        until("both give the connection up", SOON, || alpha.peers().is_empty() && beta.peers().is_empty())
            .await;
        if round == 1 {
            early.control().stop_and_wait().await;
        }
        let meanwhile = beta.start_anonymous(Probe, vec![]);
        listener.watch(meanwhile.actor_ref(), 2).await.unwrap();
        network.heal_all();
        if round == 1 {
            over(&lines, 0, StopReason::Stopped).await;
        }
        until("there is another", SOON, || alpha.peers().len() == 1).await;
        assert_eq!(lines.take(), []);
        meanwhile.control().kill();
        over(&lines, 2, StopReason::Killed).await;
    }
    late.control().stop();
    over(&lines, 1, StopReason::Stopped).await;
    alpha.shutdown().await;
    assert_eq!(lines.take(), []);
}

#[tokio::test(start_paused = true)]
async fn what_was_held_down_and_comes_back_is_told_of_once() {
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta) = bed.pair().await;
        let (at_alpha, at_beta) = (bed.addr("alpha"), bed.addr("beta"));
        let lines = Lines::default();
        let listener = alpha.start("listener", Listener, lines.clone());
        let probe = beta.start_anonymous(Probe, vec![]);
        listener.watch(probe.actor_ref(), 0).await.unwrap();
        bed.network().partition(at_alpha, at_beta);
        over(&lines, 0, StopReason::NodeDown).await;
        // Of one that is held to be down nothing is waited for.
        listener.watch(probe.actor_ref(), 1).await.unwrap();
        over(&lines, 1, StopReason::NodeDown).await;
        bed.network().heal_all();
        until("they meet again", SOON, || !alpha.peers().is_empty()).await;
        listener.watch(probe.actor_ref(), 2).await.unwrap();
        sleep(Duration::from_secs(30)).await;
        assert_eq!(lines.take(), []);
        probe.control().stop();
        over(&lines, 2, StopReason::Stopped).await;
        sleep(Duration::from_secs(30)).await;
        assert_eq!(lines.take(), []);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_at_a_node_that_is_not_there_yet_waits_for_it() {
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta) = (bed.node("alpha", &[]).await, bed.node("beta", &[]).await);
        let lines = Lines::default();
        let listener = alpha.start("listener", Listener, lines.clone());
        let probe = beta.start_anonymous(Probe, vec![]);
        listener.watch(probe.actor_ref(), 0).await.unwrap();
        sleep(Duration::from_secs(29)).await;
        assert_eq!(lines.take(), []);
        over(&lines, 0, StopReason::NodeDown).await;
        // One that joins in time is told the watch, and tells the end.
        listener.watch(probe.actor_ref(), 1).await.unwrap();
        let gamma = bed.node("gamma", &["alpha", "beta"]).await;
        until("all have met", SOON, || gamma.members().len() == 2 && alpha.members().len() == 2).await;
        sleep(Duration::from_secs(60)).await;
        assert_eq!(lines.take(), []);
        probe.control().stop();
        over(&lines, 1, StopReason::Stopped).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_notice_waits_for_a_mailbox_that_takes_its_time() {
    run(async |bed: &mut Bed<InMemory>| {
        let (alpha, beta) = bed.pair().await;
        let faults = Faults { delay: Duration::from_millis(20), loss: 0.1, ..Faults::default() };
        bed.network().set_faults(faults);
        let lines = Lines::default();
        let prepared = alpha.prepare("listener", ActorOptions::default().mailbox(16)).unwrap();
        let listener = prepared.start(Listener, lines.clone());
        let there = found_of_type::<Listener>(&beta, "listener").await;
        let teller = beta.start_anonymous(Teller, ());
        listener.watch_teller(teller.actor_ref(), 0).await.unwrap();
        // Sixteen messages find a place, and the rest waits on the way.
        listener.nap(2).tell().await.unwrap();
        teller.tell_all(there.actor_ref(), 100).tell().await.unwrap();
        teller.closed().await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(lines.take(), []);
        until("all has come", SOON, || lines.len() > 100).await;
        let told: Vec<_> = (0..100).map(Line::Heard).chain([over_line(0)]).collect();
        assert_eq!(lines.take(), told);
    })
    .await;
}

/// Until the listener has been told of the watch with this tag, and of nothing else.
async fn over(lines: &Lines, tag: u64, reason: StopReason) {
    until("the listener is told", SOON, || lines.len() > 0).await;
    assert_eq!(lines.take(), [Line::Over(tag, reason)]);
}

const fn over_line(tag: u64) -> Line {
    Line::Over(tag, StopReason::Stopped)
}

/// Until the watcher has been told of the watch with this tag, and of nothing else.
async fn next_is(told: &Told, tag: u64, reason: &StopReason) {
    until("the watcher is told", SOON, || !told.lock().unwrap().is_empty()).await;
    assert_eq!(std::mem::take(&mut *told.lock().unwrap()), [(tag, reason.clone())]);
}

/// Suspicion, doubt, and a margin.
const SOON: Duration = Duration::from_secs(10);
/// What an actor tells before it stops: some of it in a mailbox, some of it in buffers on the way.
const TOLD: u32 = 1_000;
