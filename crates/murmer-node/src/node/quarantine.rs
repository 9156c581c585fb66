//! Members whose state is damaged: not heard any more until they come back as new processes.
//!
//! What counts is what a member itself says on its own link and a correct one can't say: that it holds more
//! of this node's log than there is, or goes on after its leave. It takes several of them within a while.
//! What is lost or late doesn't count, nor what anybody says of others; so nobody can put another here.

use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use murmer_membership::{MEMBERS_MAX, Membership};
use murmer_wire::{Incarnation, NodeId, NodeName};

use super::{Node, Output};

/// Who has said what can't be, and who has done so too often.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    /// How often, and since when.
    offences: BTreeMap<NodeId, (u32, Duration)>,
    /// The latest life of each name that is not heard any more.
    held: BTreeMap<NodeName, Incarnation>,
    /// Those that are to be held, in turn.
    due: VecDeque<NodeId>,
}

impl Quarantine {
    /// Notes that `peer` said what a correct one can't.
    pub(super) fn offended(&mut self, now: Duration, peer: &NodeId) {
        self.offences.retain(|_, (_, since)| now < since.saturating_add(OFFENCES_WINDOW));
        if self.offences.len() >= MEMBERS_MAX && !self.offences.contains_key(peer) {
            return;
        }
        let (count, _) = self.offences.entry(peer.clone()).or_insert((0, now));
        *count += 1;
        if *count >= OFFENCES_MAX {
            self.offences.remove(peer);
            self.due.push_back(peer.clone());
        }
    }

    /// What a process has to be above of to be heard, if it isn't.
    pub(super) fn refuses(&self, peer: &NodeId) -> Option<Incarnation> {
        self.held.get(&peer.name).copied().filter(|held| peer.incarnation <= *held)
    }

    fn hold(&mut self, peer: &NodeId) {
        if self.held.len() >= MEMBERS_MAX && !self.held.contains_key(&peer.name) {
            // Any: it offends again, or it doesn't.
            self.held.pop_first();
        }
        self.held.insert(peer.name.clone(), peer.incarnation);
    }
}

impl<M: Membership> Node<M> {
    /// Parts with those that offended too often. Their next hello is answered with why.
    pub(super) fn part_with_damaged(&mut self, now: Duration) {
        while let Some(peer) = self.quarantine.due.pop_front() {
            self.quarantine.hold(&peer);
            self.tell_membership(now, murmer_membership::Input::Quarantined(peer.clone()));
            self.dials.forget(&peer);
            let what = "its state is damaged; it is not heard until it is a new process";
            self.out.push_back(Output::Misbehaved { peer, what });
        }
    }
}

/// How many impossible words are no accident.
const OFFENCES_MAX: u32 = 3;
/// Within what time. A digest is said every 10 s: six of them.
const OFFENCES_WINDOW: Duration = Duration::from_secs(60);
