//! A packet's way to foca: who sent it is checked, then each of its claims.

use alloc::vec::Vec;
use core::time::Duration;

use foca::State;
use murmer_wire::NodeId;

use super::judge::{Verdict, buries_us, is_about, judge, judge_about_us};
use super::packet::{Claim, Packet};
use super::{DIAL_EVERY, Swim};
use crate::{MemberState, Misbehaviour, Output};

impl Swim {
    pub(super) fn handle_packet(&mut self, now: Duration, from: &NodeId, bytes: &[u8]) {
        // One in flight while its link went down, or from a life that has been superseded.
        let Some(peer) = self.peers.get_mut(&from.name).filter(|peer| peer.linked && peer.member.id == *from)
        else {
            return;
        };
        let mut packet = match Packet::read(bytes) {
            Ok(packet) => packet,
            Err(what) => return self.misbehaved(from, what),
        };
        let source = &packet.header.src;
        if source.node != *from {
            return self.misbehaved(from, Misbehaviour::WrongSource);
        }
        if packet.header.dst.node != self.us.id {
            return self.misbehaved(from, Misbehaviour::WrongDestination);
        }
        if peer.is_gone_for_good() {
            return;
        }
        peer.alive_at = Some(now);
        if peer.generation.is_some_and(|latest| source.generation < latest) {
            // Overtaken on the way by one sent after a renewal.
            return;
        }
        peer.generation = Some(source.generation);
        if peer.state != Some(MemberState::Up) {
            self.detector.note_change();
        }
        // Nobody but a leaver says of itself that it is down.
        if packet.claims.iter().any(|claim| claim.id() == source && claim.state() == State::Down) {
            return self.handle_left(from);
        }
        // What it calls its own address may lead nowhere from here; its link did lead to it.
        packet.header.src.addr = peer.member.addr;
        self.believe(now, packet);
    }

    /// Hands foca what may be believed of a packet that its sender did send to us.
    fn believe(&mut self, now: Duration, packet: Packet) {
        let may_renew = self.renewed_at.is_none_or(|at| now >= at.saturating_add(self.config.probe_every));
        if buries_us(&packet.header.message) && !may_renew {
            return;
        }
        let source = &packet.header.src;
        let from = source.node.clone();
        let is_hearsay_above = |known: &Claim| {
            let known = known.id();
            known != source && (known.node != from || known.generation >= source.generation)
        };
        if self.detector.find(&from.name).is_some_and(is_hearsay_above) {
            // Others had told more about it than it says itself.
            self.detector.forget(&from.name);
        }
        let Packet { header, claims } = packet;
        let mut believed = Vec::with_capacity(claims.len());
        for claim in claims {
            // Believing one claim about us may rename us, and a second would then be about somebody else.
            let is_repeated = is_about(&self.us.id.name, &claim)
                && believed.iter().any(|earlier| is_about(&self.us.id.name, earlier));
            if !is_repeated && self.consider(now, may_renew, believed.len(), &claim) {
                believed.push(claim);
            }
        }
        if !self.detector.believe(&Packet { header, claims: believed }) {
            self.misbehaved(&from, Misbehaviour::Malformed);
        }
    }

    /// True if foca may have the claim; if not, does what it is worth. `fresh` claims of the same
    /// packet may already be about members that are new.
    fn consider(&mut self, now: Duration, may_renew: bool, fresh: usize, claim: &Claim) -> bool {
        let name = &claim.id().node.name;
        if is_about(&self.us.id.name, claim) {
            return judge_about_us(self.detector.us(), may_renew, claim) == Verdict::Believe;
        }
        let Some(peer) = self.peers.get_mut(name) else {
            return self.make_room(fresh);
        };
        match judge(peer, self.detector.find(name), claim) {
            Verdict::Believe => true,
            Verdict::Drop => false,
            Verdict::Ask => {
                let name = name.clone();
                if peer.may_check(now, &self.config) {
                    self.ask(&name);
                }
                false
            }
            Verdict::Dial => {
                self.out.extend(peer.hint(now, claim.id(), DIAL_EVERY));
                false
            }
        }
    }

    fn misbehaved(&mut self, peer: &NodeId, what: Misbehaviour) {
        self.out.push_back(Output::Misbehaved { peer: peer.clone(), what });
    }
}
