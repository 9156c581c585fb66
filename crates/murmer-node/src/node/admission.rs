//! Who may speak under a name: an authenticated connection says who it is, and is let in, turned away,
//! or has to wait until the name's holder was asked.
//!
//! What it says of where it is reached is held against where it was seen: a node that doesn't know its
//! address says that it is at the loopback one, which means somebody else on every other machine.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use alloc::vec::Vec;

use murmer_membership::{MEMBERS_MAX, Member, MemberState, Membership};
use murmer_wire::NodeId;

use super::challenge::Challenge;
use super::{CloseReason, DialTarget, LinkId, Node, Output, Peer, Withdrawal};
use crate::handshake::{Refusal, Verdict};
use crate::protocol::{Control, Introduction, Welcome};
use crate::watch::WatchingInput;

impl<M: Membership> Node<M> {
    pub(super) fn introduced(&mut self, now: Duration, link: LinkId, mut peer: Peer) {
        peer.who.addr = reached_at(&peer);
        for member in &mut peer.members {
            member.addr = beside(member.addr, peer.seen_at);
        }
        if self.is_withdrawn || self.leaving.has_begun() {
            return self.out.push_back(Output::Close { link, reason: CloseReason::Leaving });
        }
        if peer.who.id.name == self.us.id.name {
            return self.introduced_as_us(now, link, &peer);
        }
        if let Some(at_least) = self.quarantine.refuses(&peer.who.id) {
            return self.refuse(now, link, &peer, Refusal::Quarantined { at_least });
        }
        let holder = self.membership.members().find(|(member, _)| member.id.name == peer.who.id.name);
        let Some((holder, state)) = holder.map(|(member, state)| (member.id.clone(), state)) else {
            // Those that are over make room.
            if self.membership.members().filter(|(_, state)| !state.is_over()).count() >= MEMBERS_MAX {
                return self.refuse(now, link, &peer, Refusal::Full);
            }
            return self.accept(now, link, peer);
        };
        let at_least = holder.incarnation;
        if peer.who.id.incarnation < at_least && !self.membership.has_met(&holder) {
            // That there is a later life is hearsay: a reason to go and look. Turning away who is here for it
            // would let one forged packet take the name from whoever bears it.
            return if state.is_over() {
                self.accept(now, link, peer)
            } else {
                self.put_off(now, link, &peer)
            };
        }
        if peer.who.id.incarnation < at_least || (peer.who.id == holder && state == MemberState::Left) {
            return self.refuse(now, link, &peer, Refusal::Stale { at_least });
        }
        let holds_on = peer.who.id != holder && !state.is_over();
        match self.links.current(&holder).filter(|_| holds_on) {
            // Alive as far as its link knows: let it speak for itself.
            Some(asked) => {
                let ping = self.challenges.begin(now, asked, holder, link, peer);
                self.out.push_back(Output::Control { link: asked, message: Control::Ping(ping) });
            }
            None => self.accept(now, link, peer),
        }
    }

    /// Ourselves, dialed through some address of ours; or a second process with our name.
    fn introduced_as_us(&mut self, now: Duration, link: LinkId, peer: &Peer) {
        if peer.who.id == self.us.id {
            if peer.dialed {
                return self.out.push_back(Output::Close { link, reason: CloseReason::Ourselves });
            }
            // The end that dialed has to learn whom it reached, or it dials that address for ever.
            let welcome = Welcome { node: self.us.clone(), members: Vec::new() };
            return self.out.push_back(Output::Verdict { link, verdict: Verdict::Welcome(welcome) });
        }
        let is_alone = self.membership.members().all(|(_, state)| state.is_over());
        if is_alone && peer.who.id.incarnation < self.us.id.incarnation {
            // The newcomer is us. A refusal would make the one that holds the name withdraw.
            let reason = CloseReason::Refused(Refusal::NameInUse);
            self.out.push_back(Output::Close { link, reason });
            return self.withdraw(Withdrawal::NameInUse);
        }
        self.refuse(now, link, peer, Refusal::NameInUse);
    }

    pub(super) fn accept(&mut self, now: Duration, link: LinkId, peer: Peer) {
        if !peer.dialed {
            let members = self.reachable_but(&peer.who.id);
            let welcome = Welcome { node: self.us.clone(), members };
            self.out.push_back(Output::Verdict { link, verdict: Verdict::Welcome(welcome) });
        }
        for member in peer.members.iter().filter(|_| self.gossip).take(MEMBERS_MAX) {
            if member.id.name != self.us.id.name && !self.links.has_as_late(&member.id) {
                self.dials.want(now, member);
                self.join.expect(&member.id);
            }
        }
        let who = peer.who.clone();
        self.dials.linked(&who.id, peer.found_at());
        let change = self.links.add(link, peer, &self.us.id);
        self.out.push_back(Output::Linked { link, peer: who.clone() });
        for (link, reason) in change.close {
            self.out.push_back(Output::Close { link, reason });
        }
        let member = Member { id: who.id.clone(), addr: who.addr };
        self.tell_membership(now, murmer_membership::Input::Linked { member });
        if change.is_new_current {
            self.current_changed(now, &who.id);
        }
        if let Some(winner) = change.probe.filter(|winner| self.links.peer(*winner).is_some()) {
            // The link that lost is closed by its dialer once the winner has carried a word both ways.
            self.out.push_back(Output::Control { link: winner, message: Control::Ping(0) });
        }
    }

    /// Neither lets the peer in nor tells it why: it is to try again.
    fn put_off(&mut self, now: Duration, link: LinkId, peer: &Peer) {
        if peer.dialed {
            self.dials.failed(now, &DialTarget::Peer(peer.who.clone()));
        }
        self.out.push_back(Output::Close { link, reason: CloseReason::Superseded });
    }

    pub(super) fn refuse(&mut self, now: Duration, link: LinkId, peer: &Peer, refusal: Refusal) {
        if peer.dialed {
            // It hears the reason as a close.
            self.dials.failed(now, &DialTarget::Peer(peer.who.clone()));
            self.join.unreachable(&peer.who.id);
            self.out.push_back(Output::Close { link, reason: CloseReason::Refused(refusal) });
        } else {
            self.out.push_back(Output::Verdict { link, verdict: Verdict::Refused(refusal) });
        }
        self.out.push_back(Output::Refused { peer: peer.who.clone(), refusal });
    }

    /// The holder of a name was silent, or its link ended: the newcomer takes over, unless meanwhile
    /// another did.
    pub(super) fn supersede(&mut self, now: Duration, lost: Challenge) {
        let holder = &lost.holder;
        if self.cut_off(now, holder, Some(CloseReason::Superseded)) {
            self.registry_hears(now, murmer_registry::Input::PeerUnlinked(holder.clone()));
            self.tell_membership(now, murmer_membership::Input::Unlinked(holder.clone()));
        }
        self.leaving.forget(holder);
        self.introduced_again(now, lost);
    }

    /// A newcomer waits no longer; if it is in now, what it has said meanwhile is heard.
    pub(super) fn introduced_again(&mut self, now: Duration, freed: Challenge) {
        let Challenge { link, peer, early, .. } = freed;
        self.introduced(now, link, peer);
        for word in early {
            self.word(now, link, word);
        }
    }

    /// Forgets all links of a peer, and closes them if there is a reason to. True if it had any.
    pub(super) fn cut_off(&mut self, now: Duration, peer: &NodeId, reason: Option<CloseReason>) -> bool {
        let links = self.links.all_of(peer);
        for link in &links {
            if let Some(reason) = reason {
                self.out.push_back(Output::Close { link: *link, reason });
            }
            self.links.remove(*link);
            self.watching_hears(now, WatchingInput::Unlinked(*link));
        }
        if !links.is_empty() {
            self.watching_hears(now, WatchingInput::Current { peer: peer.clone(), link: None });
            self.out.push_back(Output::Current { peer: peer.clone(), link: None });
        }
        !links.is_empty()
    }

    fn reachable_but(&self, peer: &NodeId) -> Vec<Introduction> {
        if !self.gossip {
            return Vec::new();
        }
        let up = self.membership.members().filter(|(member, state)| {
            member.id.name != peer.name && matches!(state, MemberState::Up | MemberState::Suspect)
        });
        up.take(MEMBERS_MAX)
            .map(|(member, _)| Introduction { id: member.id.clone(), addr: member.addr })
            .collect()
    }
}

/// Where `peer` can be reached from here: where it says, unless it was seen to be on another machine than
/// that would mean.
fn reached_at(peer: &Peer) -> SocketAddr {
    let addr = beside(peer.who.addr, peer.seen_at);
    // A dial has led there, port and all; what dialed us came from a port that may lead nowhere.
    if peer.dialed && addr != peer.who.addr { peer.seen_at } else { addr }
}

/// What the address `said` means coming from one `seen_at` there.
fn beside(said: SocketAddr, seen_at: SocketAddr) -> SocketAddr {
    let ip = if reach(seen_at.ip()) > reach(said.ip()) { seen_at.ip() } else { said.ip() };
    SocketAddr::new(ip, said.port())
}

/// How far an address leads: nowhere, not beyond its own machine, further.
fn reach(ip: IpAddr) -> u8 {
    let ip = ip.to_canonical();
    if ip.is_unspecified() {
        0
    } else if ip.is_loopback() {
        1
    } else {
        2
    }
}
