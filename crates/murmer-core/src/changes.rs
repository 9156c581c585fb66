//! What other nodes have yet to hear of this node's actors.
//!
//! Not a queue: one pending change per actor. An actor that came and went between two looks was
//! never there as far as others know. So this is bounded by the number of actors, however slow the
//! reader is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use murmer_wire::{ActorNumber, Label};
use tokio::sync::Notify;

/// The pending changes of one system's actors, for whoever tells the other nodes.
#[derive(Debug, Default)]
pub struct Changes {
    pending: Mutex<BTreeMap<ActorNumber, Change>>,
    notify: Notify,
}

/// One actor came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It was started.
    Added {
        /// Its number in this process.
        number: ActorNumber,
        /// What it is looked up by.
        label: Label,
        /// `crate::Type`.
        actor_type: &'static str,
    },
    /// It stopped: its label is free again.
    Removed(ActorNumber),
}

impl Changes {
    /// Takes all that is pending: removals first, so that a label moves on before it comes back;
    /// then additions in the order of their starts.
    pub fn take(&self) -> Vec<Change> {
        let pending = core::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut changes, added): (Vec<_>, Vec<_>) =
            pending.into_values().partition(|change| matches!(change, Change::Removed(_)));
        changes.extend(added);
        changes
    }

    /// Waits until there may be something to [`take`](Self::take).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: a change that came meanwhile is reported by the next call.
    pub async fn changed(&self) {
        self.notify.notified().await;
    }

    pub(crate) fn add(&self, number: ActorNumber, label: Label, actor_type: &'static str) {
        let change = Change::Added { number, label, actor_type };
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).insert(number, change);
        self.notify.notify_one();
    }

    pub(crate) fn remove(&self, number: ActorNumber) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        // An addition nobody has heard of cancels out.
        if !matches!(pending.remove(&number), Some(Change::Added { .. })) {
            pending.insert(number, Change::Removed(number));
        }
        drop(pending);
        self.notify.notify_one();
    }
}
