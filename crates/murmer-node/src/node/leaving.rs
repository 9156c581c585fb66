//! Leaving for good: tell everybody, wait a little for their word, be done.

use alloc::collections::BTreeSet;
use core::time::Duration;

use murmer_membership::Membership;
use murmer_wire::NodeId;

use super::{Node, Output};
use crate::protocol::Control;

/// How far the leave has got.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    has_begun: bool,
    until: Option<Duration>,
    unheard: BTreeSet<NodeId>,
    is_done: bool,
    /// It leaves because it sees too few of the others.
    is_outvoted: bool,
}

impl Leaving {
    pub(super) fn acknowledged(&mut self, peer: &NodeId) {
        self.forget(peer);
    }

    /// Whoever is gone needs no telling.
    pub(super) fn forget(&mut self, peer: &NodeId) {
        self.unheard.remove(peer);
        self.finish_if_heard();
    }

    pub(super) fn timeout(&mut self, now: Duration) {
        if self.until.is_some_and(|until| until <= now) {
            self.unheard.clear();
            self.finish_if_heard();
        }
    }

    /// True once, when everybody has heard or has had their time.
    pub(super) fn take_done(&mut self) -> bool {
        core::mem::take(&mut self.is_done)
    }

    pub(super) fn len(&self) -> usize {
        self.unheard.len()
    }

    pub(super) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    pub(super) const fn is_outvoted(&self) -> bool {
        self.is_outvoted
    }

    pub(super) const fn deadline(&self) -> Option<Duration> {
        self.until
    }

    fn finish_if_heard(&mut self) {
        if self.until.is_some() && self.unheard.is_empty() {
            self.until = None;
            self.is_done = true;
        }
    }
}

impl<M: Membership> Node<M> {
    /// Leaves in order all the same: those that are still seen need not find out by themselves.
    pub(super) fn leave_outvoted(&mut self, now: Duration) {
        self.leaving.is_outvoted |= !self.leaving.has_begun;
        self.leave(now);
    }

    pub(super) fn leave(&mut self, now: Duration) {
        if self.leaving.has_begun {
            return;
        }
        self.leaving.has_begun = true;
        self.leaving.until = Some(now + LEAVE_WAIT);
        self.dials.clear();
        self.registry_hears(now, murmer_registry::Input::Leave);
        for (peer, link) in self.links.currents() {
            self.out.push_back(Output::Control { link, message: Control::Leave });
            self.leaving.unheard.insert(peer);
        }
        self.tell_membership(now, murmer_membership::Input::Leave);
        self.leaving.finish_if_heard();
    }
}

/// How long the others have to acknowledge.
const LEAVE_WAIT: Duration = Duration::from_millis(500);
