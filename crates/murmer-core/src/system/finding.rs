//! Finding actors, here and on other nodes.

use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;

use murmer_wire::Label;
use tokio::time::Instant;

use super::{System, pattern};
use crate::near::{AnyNear, Near};
use crate::{ActorRef, Endpoint, Handlers};

impl System {
    /// The actor of type `A` under `label`: this node's if there is one, else the one that every
    /// node picks among the others'.
    pub fn lookup<A: Handlers>(&self, label: &str) -> Option<Endpoint<A>> {
        if let Some(endpoint) = self.lookup_near(label) {
            return Some(endpoint);
        }
        let joined = self.inner.cluster.as_ref().filter(|_| A::REMOTE)?;
        joined.cluster.lookup(label, A::TYPE).map(Endpoint::far)
    }

    /// The same, waiting until there is one, `within` this long.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn lookup_wait<A: Handlers>(&self, label: &str, within: Duration) -> Option<Endpoint<A>> {
        // Longer than time itself is no limit.
        let until = Instant::now().checked_add(within);
        loop {
            let mut told = pin!(self.inner.registrations.notified());
            // Before the look, so that a start in between is not missed.
            told.as_mut().enable();
            if let Some(endpoint) = self.lookup(label) {
                return Some(endpoint);
            }
            match until {
                Some(until) if tokio::time::timeout_at(until, told.as_mut()).await.is_err() => {
                    return self.lookup(label);
                }
                Some(_) => {}
                None => told.await,
            }
        }
    }

    /// An endpoint of that very actor; `None` once it is gone as far as this node knows.
    pub fn resolve<A: Handlers>(&self, reference: &ActorRef<A>) -> Option<Endpoint<A>> {
        let id = reference.id();
        if id.node == self.inner.node {
            return typed(self.inner.numbers.get(&id.number)?).map(Endpoint::near);
        }
        let joined = self.inner.cluster.as_ref().filter(|_| A::REMOTE)?;
        joined.cluster.resolve(id).map(Endpoint::far)
    }

    /// All labels that match `pattern`, here and on other nodes, sorted, each once.
    ///
    /// In a pattern `*` stands for any text, none included; everything else for itself.
    pub fn labels(&self, pattern: &str) -> Vec<Label> {
        let wanted = |label: &str| pattern::matches(pattern, label);
        let mut labels = Vec::new();
        self.inner.labels.for_each(|label, _| {
            if wanted(label.as_str()) {
                labels.push(label.clone());
            }
        });
        if let Some(joined) = &self.inner.cluster {
            labels.extend(joined.cluster.labels(&wanted));
        }
        labels.sort();
        labels.dedup();
        labels
    }

    /// Whether an actor of this node holds `label`.
    pub fn has_label(&self, label: &str) -> bool {
        self.inner.labels.get(label).is_some()
    }

    pub(super) fn lookup_near<A: Handlers>(&self, label: &str) -> Option<Endpoint<A>> {
        typed(self.inner.labels.get(label)?).map(Endpoint::near)
    }
}

fn typed<A: Handlers>(near: Arc<dyn AnyNear>) -> Option<Arc<Near<A>>> {
    near.into_any().downcast().ok()
}
