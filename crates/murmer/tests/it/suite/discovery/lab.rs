//! Discoveries of each kind.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use murmer::cluster::discovery::{Discover, Discovery, Hints, Searching, Whereabouts};
use tokio::sync::watch;

/// Makes discoveries that find each other's nodes.
pub(super) trait Lab {
    /// One for a node. `all` are the addresses that nodes may come to have, for a kind that must know.
    fn discovery(&self, all: &[SocketAddr]) -> Discovery;
}

/// They are all on one list.
pub(super) struct Listed;

impl Lab for Listed {
    fn discovery(&self, all: &[SocketAddr]) -> Discovery {
        Discovery::seeds(all.iter().map(|addr| (*addr).into()))
    }
}

/// They announce themselves over multicast on loopback.
pub(super) struct Multicast {
    cluster: String,
}

impl Multicast {
    /// Of one test: others use the same network.
    pub(super) fn new(case: &str) -> Self {
        Self { cluster: format!("{case} of process {}", std::process::id()) }
    }
}

impl Lab for Multicast {
    fn discovery(&self, _: &[SocketAddr]) -> Discovery {
        Discovery::mdns(&self.cluster)
    }
}

/// What a user might write: a service where nodes sign in and out, and which tells who is there. One that
/// crashed stays signed in.
#[derive(Clone, Default)]
pub(super) struct Registry {
    signed_in: Arc<watch::Sender<BTreeSet<SocketAddr>>>,
}

impl Lab for Registry {
    fn discovery(&self, _: &[SocketAddr]) -> Discovery {
        Discovery::new(self.clone())
    }
}

impl Discover for Registry {
    fn search<'a>(&'a self, node: &'a Whereabouts, hints: &'a Hints) -> Searching<'a> {
        Box::pin(async move {
            let (mut changes, mut known) = (self.signed_in.subscribe(), BTreeSet::new());
            self.signed_in.send_modify(|all| _ = all.insert(node.local_addr()));
            loop {
                let now = changes.borrow_and_update().clone();
                for came in now.difference(&known) {
                    hints.found(&came.to_string(), [(*came).into()]).await;
                }
                for went in known.difference(&now) {
                    hints.gone(&went.to_string()).await;
                }
                known = now;
                tokio::select! {
                    () = hints.leaving() => break,
                    changed = changes.changed() => changed.expect("the sender is here"),
                }
            }
            self.signed_in.send_modify(|all| _ = all.remove(&node.local_addr()));
        })
    }
}
