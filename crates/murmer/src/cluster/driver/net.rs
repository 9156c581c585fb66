//! What every connection's task needs of the driver.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use murmer_core::System;
use murmer_node::{ClusterKey, DialTarget, HandshakeError, Introduction, LinkId, Refusal};
use murmer_transport::Transport;
use tokio::sync::mpsc;

use crate::cluster::Seed;
use crate::cluster::discovery::Places;
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
    places: Mutex<Places>,
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
            places: Mutex::default(),
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

    /// What discoveries found; held for a look or a word.
    pub(in crate::cluster) fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
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
        if matches!(target, DialTarget::Place(_)) {
            return self.place_failed(&self.name(target), error);
        }
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
            (_, DialTarget::Peer(_) | DialTarget::Place(_)) => {
                tracing::info!(%error, "no connection to {name} yet; trying on");
            }
            (_, DialTarget::Seed(_)) if error.is_answer() => {
                tracing::warn!(%error, "seed {name} did not let us in; trying on");
            }
            // It may have left for good: its name is tried now and then, in case another takes its place.
            (_, DialTarget::Seed(_)) if was_here => tracing::info!(%error, "seed {name} is gone; trying on"),
            (_, DialTarget::Seed(_)) => tracing::warn!(%error, "seed {name} can't be reached; trying on"),
        }
    }

    /// A hint led nowhere, as hints do, which is not worth a word; or to somebody who is no friend.
    fn place_failed(&self, name: &str, error: &DialError) {
        match error {
            DialError::Handshake { addr, .. } if self.is_due_for_a_word(addr.ip()) => {
                tracing::warn!(%error, "a node that was discovered did not let us in; trying on");
            }
            _ => tracing::debug!(%error, "nobody found at {name}"),
        }
    }

    /// Somebody dialed us and did not get in. Said at most once a minute per address.
    pub(in crate::cluster) fn greeting_failed(&self, from: SocketAddr, error: HandshakeError) {
        if !matches!(error, HandshakeError::LetNotIn(_)) && self.is_due_for_a_word(from.ip()) {
            tracing::warn!(%from, %error, "refused a connection");
        } else {
            tracing::debug!(%from, %error, "refused a connection");
        }
    }

    /// True once a minute per address.
    fn is_due_for_a_word(&self, stranger: IpAddr) -> bool {
        let now = self.shared.now();
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if complaints.strangers.len() >= COMPLAINTS_MAX {
            complaints.strangers.clear();
        }
        let said_at = complaints.strangers.get(&stranger).copied();
        let is_due = said_at.is_none_or(|at| now.saturating_sub(at) >= COMPLAINT_EVERY);
        if is_due {
            complaints.strangers.insert(stranger, now);
        }
        is_due
    }

    fn name(&self, target: &DialTarget) -> String {
        match target {
            DialTarget::Seed(index) => self.seeds[*index].to_string(),
            DialTarget::Place(place) => {
                self.places().get(*place).map_or_else(String::new, |at| at.to_string())
            }
            DialTarget::Peer(who) => format!("{} at {}", who.id.name, who.addr),
        }
    }
}

/// Targets and strangers remembered so as not to repeat oneself.
const COMPLAINTS_MAX: usize = 1_024;
const COMPLAINT_EVERY: Duration = Duration::from_secs(60);
