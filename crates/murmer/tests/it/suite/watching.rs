//! Being told of the end of actors on other nodes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{StopReason, Supervision, Terminated};

use super::bed::{Bed, World, found};
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
    // What became of it over there, this node isn't told: only that it is over.
    next_is(&told, 1, &StopReason::Stopped).await;
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

/// Until the watcher has been told of the watch with this tag, and of nothing else.
async fn next_is(told: &Told, tag: u64, reason: &StopReason) {
    until("the watcher is told", SOON, || !told.lock().unwrap().is_empty()).await;
    assert_eq!(std::mem::take(&mut *told.lock().unwrap()), [(tag, reason.clone())]);
}

/// Suspicion, doubt, and a margin.
const SOON: Duration = Duration::from_secs(10);
