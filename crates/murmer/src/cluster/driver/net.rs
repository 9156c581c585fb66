//! What every connection's task needs of the driver.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use murmer_core::System;
use murmer_node::{ClusterKey, DialTarget, HandshakeError, Introduction, LinkId, Refusal};
use murmer_transport::Transport;
use tokio::sync::mpsc;

use crate::cluster::Seed;
use crate::cluster::net::{DialError, Event};
use crate::cluster::remote::Shared;
use crate::cluster::stream::Generations;

pub(in crate::cluster) struct Net<T: Transport> {
    pub(in crate::cluster) transport: Arc<T>,
    pub(in crate::cluster) shared: Arc<Shared>,
    pub(in crate::cluster) system: System,
    pub(in crate::cluster) us: Introduction,
    pub(in crate::cluster) keys: Vec<ClusterKey>,
    pub(in crate::cluster) seeds: Vec<Seed>,
    pub(in crate::cluster) generations: Arc<Generations>,
    events: mpsc::Sender<Event<T::Connection>>,
    last_link: AtomicU64,
    last_dial: AtomicU64,
    is_restart: AtomicBool,
    complaints: Mutex<Complaints>,
}

/// What was last said of whom, so that it is not said at every try.
#[derive(Default)]
struct Complaints {
    /// Seeds that were here once; as many as there are.
    found: BTreeSet<usize>,
    dials: HashMap<String, String>,
    strangers: HashMap<IpAddr, Duration>,
}

impl<T: Transport> Net<T> {
    pub(in crate::cluster) fn new(
        transport: Arc<T>,
        shared: Arc<Shared>,
        system: System,
        us: Introduction,
        keys: Vec<ClusterKey>,
        seeds: Vec<Seed>,
        events: mpsc::Sender<Event<T::Connection>>,
    ) -> Self {
        Self {
            transport,
            shared,
            system,
            us,
            keys,
            seeds,
            generations: Arc::default(),
            events,
            last_link: AtomicU64::new(0),
            last_dial: AtomicU64::new(0),
            is_restart: AtomicBool::new(false),
            complaints: Mutex::default(),
        }
    }

    /// Hands an event to the driver; waits while it has too many. Lost if it is over.
    pub(in crate::cluster) async fn tell(&self, event: Event<T::Connection>) {
        drop(self.events.send(event).await);
    }

    pub(in crate::cluster) fn next_link(&self) -> LinkId {
        LinkId(self.last_link.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(in crate::cluster) fn next_dial(&self) -> u64 {
        self.last_dial.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn set_restart(&self) {
        self.is_restart.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_restart(&self) -> bool {
        self.is_restart.load(Ordering::Relaxed)
    }

    pub(in crate::cluster) fn dial_worked(&self, target: &DialTarget) {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        complaints.dials.remove(&self.name(target));
        if let DialTarget::Seed(index) = target {
            complaints.found.insert(*index);
        }
    }

    /// Says so once per target and reason; a node that is not up yet is retried for minutes.
    pub(in crate::cluster) fn dial_failed(&self, target: &DialTarget, error: &DialError) {
        let (name, said) = (self.name(target), error.to_string());
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if complaints.dials.len() >= COMPLAINTS_MAX {
            complaints.dials.clear();
        }
        let is_news = complaints.dials.insert(name.clone(), said.clone()).is_none_or(|last| last != said);
        let was_here = matches!(target, DialTarget::Seed(index) if complaints.found.contains(index));
        drop(complaints);
        if !is_news {
            return tracing::debug!(%error, "{name} again");
        }
        match (error.refusal(), target) {
            // Not under this incarnation, at least; the driver says what comes of it.
            (Some(Refusal::NameInUse | Refusal::Stale { .. } | Refusal::Quarantined { .. }), _) => {
                tracing::warn!(%error, "{name} did not let us in");
            }
            (_, DialTarget::Peer(_)) => tracing::info!(%error, "no connection to {name} yet; trying on"),
            (_, DialTarget::Seed(_)) if error.is_answer() => {
                tracing::warn!(%error, "seed {name} did not let us in; trying on");
            }
            // It may have left for good: its name is tried now and then, in case another takes its place.
            (_, DialTarget::Seed(_)) if was_here => tracing::info!(%error, "seed {name} is gone; trying on"),
            (_, DialTarget::Seed(_)) => tracing::warn!(%error, "seed {name} can't be reached; trying on"),
        }
    }

    /// Somebody dialed us and did not get in. Said at most once a minute per address.
    pub(in crate::cluster) fn greeting_failed(&self, from: SocketAddr, error: HandshakeError) {
        let now = self.shared.now();
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if complaints.strangers.len() >= COMPLAINTS_MAX {
            complaints.strangers.clear();
        }
        let said_at = complaints.strangers.get(&from.ip()).copied();
        let is_due = said_at.is_none_or(|at| now.saturating_sub(at) >= COMPLAINT_EVERY);
        if is_due && !matches!(error, HandshakeError::LetNotIn(_)) {
            complaints.strangers.insert(from.ip(), now);
            tracing::warn!(%from, %error, "refused a connection");
        } else {
            tracing::debug!(%from, %error, "refused a connection");
        }
    }

    fn name(&self, target: &DialTarget) -> String {
        match target {
            DialTarget::Seed(index) => self.seeds[*index].to_string(),
            DialTarget::Peer(who) => format!("{} at {}", who.id.name, who.addr),
        }
    }
}

/// Targets and strangers remembered so as not to repeat oneself.
const COMPLAINTS_MAX: usize = 1_024;
const COMPLAINT_EVERY: Duration = Duration::from_secs(60);
