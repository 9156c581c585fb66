//! Knowing when a node has joined: the first seed that answers, or the first node that was discovered, and
//! the registries of all members it named, are here.

use alloc::collections::BTreeSet;
use core::time::Duration;

use murmer_wire::NodeId;

use super::JoinEnd;

/// How far joining has got.
#[derive(Debug)]
pub(super) struct Join {
    /// `None` once joining has ended.
    until: Option<Duration>,
    has_links: bool,
    /// There is somebody to meet.
    has_seeds: bool,
    /// Members whose registries are not here yet.
    missing: BTreeSet<NodeId>,
    end: Option<JoinEnd>,
}

impl Join {
    pub(super) fn new(now: Duration, waits: bool, join_wait: Duration) -> Self {
        Self {
            until: waits.then_some(now + join_wait),
            has_links: false,
            has_seeds: waits,
            missing: BTreeSet::new(),
            end: (!waits).then_some(JoinEnd::Complete),
        }
    }

    /// The members that a seed named.
    pub(super) fn expect(&mut self, peer: &NodeId) {
        if self.until.is_some() {
            self.missing.insert(peer.clone());
        }
    }

    pub(super) fn linked(&mut self, peer: &NodeId) {
        self.has_links = true;
        // Another life of it won't come any more.
        self.missing.retain(|missing| missing.name != peer.name);
        self.expect(peer);
    }

    pub(super) fn synced(&mut self, peer: &NodeId) {
        self.missing.remove(peer);
        self.finish_if_complete();
    }

    /// Not to be waited for: it could not be dialed, or is gone.
    pub(super) fn unreachable(&mut self, peer: &NodeId) {
        self.synced(peer);
    }

    /// It is one of a cluster: it has had a link, or needs none. Also late.
    pub(super) const fn has_met(&self) -> bool {
        self.has_links || !self.has_seeds
    }

    pub(super) fn len(&self) -> usize {
        self.missing.len()
    }

    /// All seeds turned out to be this node.
    pub(super) fn nobody(&mut self) {
        self.has_links = true;
        self.finish_if_complete();
    }

    /// `is_alone` says that there is nobody in sight who could be joined.
    pub(super) fn timeout(&mut self, now: Duration, is_alone: bool) {
        if self.until.is_some_and(|until| until <= now) {
            self.until = None;
            let is_first = is_alone && !self.has_links;
            self.end = Some(if is_first { JoinEnd::Complete } else { JoinEnd::Late });
        }
    }

    pub(super) const fn deadline(&self) -> Option<Duration> {
        self.until
    }

    pub(super) const fn take_end(&mut self) -> Option<JoinEnd> {
        self.end.take()
    }

    fn finish_if_complete(&mut self) {
        if self.until.is_some() && self.has_links && self.missing.is_empty() {
            self.until = None;
            self.end = Some(JoinEnd::Complete);
        }
    }
}
