//! Two views of the cluster brought together: foca's, and this node's own.
//!
//! Level, not edge: all of foca's view is compared whenever it may have changed, and each second
//! besides, so that nothing depends on having seen every change.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use foca::State;
use murmer_wire::NodeName;

use super::ballot::Ruling;
use super::id::SwimId;
use super::packet::Claim;
use super::peer::Peer;
use super::{DIAL_EVERY, Swim};
use crate::{MemberState, Output};

impl Swim {
    /// Does what foca wants done, and compares views if they may differ.
    pub(super) fn settle(&mut self, now: Duration) {
        self.perform(now);
        let is_due = self.reconcile_at.is_some_and(|at| now >= at);
        if self.detector.take_changed() || is_due {
            self.reconcile(now);
            self.perform(now);
        }
        if self.reconcile_at.is_none() && !self.peers.is_empty() {
            self.reconcile_at = Some(now.saturating_add(RECONCILE_EVERY));
        }
    }

    fn perform(&mut self, now: Duration) {
        while let Some((to, packet)) = self.detector.next_send() {
            // A packet may name anybody as the next to be told. Only members are.
            let peer = self.peers.get_mut(&to.node.name).filter(|peer| peer.member.id == to.node);
            match peer {
                Some(peer) if peer.linked => self.out.push_back(Output::Send { to: to.node, packet }),
                Some(peer) => self.out.extend(peer.dial(now, DIAL_EVERY)),
                None => {}
            }
        }
        while let Some(generation) = self.detector.next_renewal() {
            self.renewed_at = Some(now);
            self.out.push_back(Output::DownedByOthers { generation });
        }
    }

    fn reconcile(&mut self, now: Duration) {
        self.detector.run_forgets();
        let known = self.detector.snapshot();
        self.adopt(&known);
        let mut wake_at = now.saturating_add(RECONCILE_EVERY);
        let (mut asked, mut stale) = (Vec::new(), Vec::new());
        for (name, peer) in &mut self.peers {
            let swim = known.get(name).filter(|(id, _)| id.node == peer.member.id).map(|(_, state)| *state);
            peer.observe(now, swim, &mut self.out);
            if peer.is_to_be_asked(now, swim, &self.config) {
                asked.push((name.clone(), swim));
            }
            if peer.is_suspicion_stale(now, &self.config) {
                stale.push(name.clone());
            }
            // Once when met, and again and again when lost; in between, what foca sends asks for links.
            if matches!(peer.state, Some(MemberState::Unreachable | MemberState::Down)) {
                self.out.extend(peer.dial(now, self.config.announce_down_every));
            } else if peer.state.is_some() && !peer.has_been_dialed() {
                self.out.extend(peer.dial(now, DIAL_EVERY));
            }
            wake_at = peer.wake_at(now, swim, &self.config).map_or(wake_at, |at| wake_at.min(at));
        }
        let due_at = self.bury(now);
        for (name, swim) in asked {
            self.settle_doubt(&name, swim);
        }
        for name in stale {
            self.detector.acquit(&name);
        }
        self.peers.retain(|name, peer| peer.linked || !peer.is_over() || known.contains_key(name));
        self.reconcile_at = (!self.peers.is_empty()).then(|| due_at.map_or(wake_at, |at| wake_at.min(at)));
        self.detector.rescale(&self.config);
    }

    /// Holds unreachable members down, where time and policy agree; only here does that happen unasked.
    /// Returns when the policy may change its mind if nothing else happens.
    fn bury(&mut self, now: Duration) -> Option<Duration> {
        self.ballot.count(now, &mut self.peers);
        match self.ballot.rule(now, self.config.downing, &self.us.id.name, &self.peers) {
            Ruling::Wait(until) => until,
            Ruling::Go => {
                if !core::mem::replace(&mut self.is_outvoted, true) {
                    self.out.push_back(Output::Outvoted);
                }
                None
            }
            Ruling::Down => {
                for peer in self.peers.values_mut().filter(|peer| peer.is_given_up(now, &self.config)) {
                    self.out.extend(peer.enter(MemberState::Down));
                }
                None
            }
        }
    }

    /// Takes in those that only foca knows.
    fn adopt(&mut self, known: &BTreeMap<NodeName, (SwimId, State)>) {
        for (name, (id, state)) in known {
            let is_new = self.peers.get(name).is_none_or(|holder| {
                // The holder is over: else nothing about another life of the name had been believed.
                holder.member.id != id.node && holder.is_over() && *state != State::Down
            });
            if is_new {
                self.peers.insert(name.clone(), Peer::new(id.member()));
            }
        }
    }

    /// Looks for proof that a linked peer is alive where SWIM thinks otherwise.
    fn settle_doubt(&mut self, name: &NodeName, swim: Option<State>) {
        let Some(peer) = self.peers.get(name) else { return };
        self.out.push_back(Output::AskAlive(peer.member.id.clone()));
        if let Some((to, packet)) = self.detector.accusation(name) {
            self.out.push_back(Output::Send { to: to.node, packet });
            return;
        }
        if swim.is_none() {
            let id = SwimId::of(&peer.member, peer.generation.unwrap_or(0));
            self.detector.apply(Claim::alive(id));
        }
        self.ask(name);
    }
}

/// How often this node's view is compared with foca's when nothing seems to happen.
const RECONCILE_EVERY: Duration = Duration::from_secs(1);
