//! One node's control plane, whole: links, dials, membership, registry.
//!
//! Membership decides first, the registry follows, the shell hears last: `settle` moves what one
//! decided to the next until nothing moves. A broken link is not a death, and a death is never
//! inferred from one; a link only says where the next word to a peer can go.
//!
//! Doesn't know how a connection is made, nor what an actor is.

mod challenge;
mod dials;
mod input;
mod join;
mod leaving;
mod links;
mod output;
mod settle;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use murmer_membership::{MEMBERS_MAX, Member, MemberState, Membership};
use murmer_registry::{Registry, RegistryConfig};
use murmer_wire::NodeId;

use self::challenge::Challenges;
use self::dials::Dials;
use self::join::Join;
use self::leaving::Leaving;
use self::links::Links;
use crate::handshake::{Refusal, Verdict};
use crate::protocol::{Control, Introduction, Welcome};

pub use self::dials::DialTarget;
pub use self::input::{Input, LinkId, Peer};
pub use self::output::{CloseReason, JoinEnd, Output, Withdrawal};

/// Settings of a [`Node`].
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// How many seeds the shell can dial; they are named by their position.
    pub seeds: usize,
    /// How long joining may take before it is said to have ended, though it goes on.
    ///
    /// Seconds; the default is 3 s. Only a node with seeds waits at all.
    pub join_wait: Duration,
    /// Whether members learnt from others are dialed, and others told of members. Default: yes.
    pub gossip: bool,
    /// How the registry batches and paces.
    pub registry: RegistryConfig,
    /// Where the jitter of dials comes from.
    pub random_seed: u64,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            seeds: 0,
            join_wait: Duration::from_secs(3),
            gossip: true,
            registry: RegistryConfig::default(),
            random_seed: 0,
        }
    }
}

/// One node's decisions.
#[derive(Debug)]
pub struct Node<M> {
    us: Introduction,
    gossip: bool,
    membership: M,
    registry: Registry,
    links: Links,
    dials: Dials,
    challenges: Challenges,
    join: Join,
    leaving: Leaving,
    is_withdrawn: bool,
    out: VecDeque<Output>,
}

impl<M: Membership> Node<M> {
    /// A node that boots at `now`.
    pub fn new(now: Duration, us: Introduction, membership: M, config: NodeConfig) -> Self {
        let mut node = Self {
            registry: Registry::new(us.id.clone(), config.registry),
            us,
            gossip: config.gossip,
            membership,
            links: Links::default(),
            dials: Dials::new(now, config.seeds, config.random_seed),
            challenges: Challenges::default(),
            join: Join::new(now, config.seeds, config.join_wait),
            leaving: Leaving::default(),
            is_withdrawn: false,
            out: VecDeque::new(),
        };
        node.settle(now);
        node
    }

    /// Applies one input. Drain [`poll`](Self::poll) before the next one.
    pub fn handle(&mut self, now: Duration, input: Input) {
        debug_assert!(self.out.is_empty(), "drain the outputs first");
        match input {
            Input::Introduced { link, peer } => self.introduced(now, link, peer),
            Input::Unlinked(link) => self.unlinked(now, link),
            Input::Control { link, message } => self.control(now, link, message),
            Input::Registry { link, message } => {
                if let Some(peer) = self.links.peer(link) {
                    let from = peer.id.clone();
                    self.registry.handle(now, murmer_registry::Input::Message { from, message });
                }
            }
            Input::Datagram { link, packet } => {
                if let Some(peer) = self.links.peer(link).filter(|_| !self.leaving.has_begun()) {
                    let from = peer.id.clone();
                    self.tell_membership(now, murmer_membership::Input::Packet { from, packet });
                }
            }
            Input::DialFailed { target, refusal } => self.dial_failed(now, target, refusal),
            Input::SeedIs { seed, id } => self.dials.seed_answered(seed, id == self.us.id),
            Input::Register(registration) => {
                self.registry.handle(now, murmer_registry::Input::Register(registration));
            }
            Input::Deregister(number) => {
                self.registry.handle(now, murmer_registry::Input::Deregister(number));
            }
            Input::Leave => self.leave(now),
            Input::Timeout => self.timeout(now),
        }
        self.settle(now);
    }

    /// The next thing to do, oldest first.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call `handle` with `Timeout`.
    pub fn deadline(&self) -> Option<Duration> {
        if self.is_withdrawn {
            return None;
        }
        [
            self.membership.deadline(),
            self.registry.deadline(),
            self.dials.deadline(),
            self.challenges.deadline(),
            self.join.deadline(),
            self.leaving.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The other members, and how they are.
    pub fn members(&self) -> Vec<(Member, MemberState)> {
        self.membership.members().map(|(member, state)| (member.clone(), state)).collect()
    }

    /// Where the next word to `peer` goes.
    pub fn link_to(&self, peer: &NodeId) -> Option<LinkId> {
        self.links.current(peer)
    }

    /// A connection has proven the cookie and said who it is. Who may speak under that name?
    fn introduced(&mut self, now: Duration, link: LinkId, peer: Peer) {
        if self.is_withdrawn || self.leaving.has_begun() {
            return self.out.push_back(Output::Close { link, reason: CloseReason::Leaving });
        }
        if peer.who.id.name == self.us.id.name {
            // Ourselves, dialed through some address of ours; or a second process with our name.
            if peer.who.id == self.us.id {
                return self.out.push_back(Output::Close { link, reason: CloseReason::Ourselves });
            }
            return self.refuse(now, link, &peer, Refusal::NameInUse);
        }
        let holder = self.membership.members().find(|(m, _)| m.id.name == peer.who.id.name);
        let Some((member, state)) = holder.map(|(member, state)| (member.clone(), state)) else {
            if self.membership.members().count() + 1 >= MEMBERS_MAX {
                return self.refuse(now, link, &peer, Refusal::Full);
            }
            return self.accept(now, link, peer);
        };
        if peer.who.id.incarnation < member.id.incarnation {
            let at_least = member.id.incarnation;
            return self.refuse(now, link, &peer, Refusal::Stale { at_least });
        }
        let holds_on = peer.who.id != member.id && !matches!(state, MemberState::Down | MemberState::Left);
        match self.links.current(&member.id).filter(|_| holds_on) {
            // Alive as far as its link knows: let it speak for itself.
            Some(old) => {
                let ping = self.challenges.begin(now, old, member.id, link, peer);
                self.out.push_back(Output::Control { link: old, message: Control::Ping(ping) });
            }
            None => self.accept(now, link, peer),
        }
    }

    fn accept(&mut self, now: Duration, link: LinkId, peer: Peer) {
        if !peer.dialed {
            let welcome = Welcome { node: self.us.clone(), seen_as: peer.seen_at, members: self.reachable() };
            self.out.push_back(Output::Verdict { link, verdict: Verdict::Welcome(welcome) });
        }
        for member in peer.members.iter().filter(|_| self.gossip).take(MEMBERS_MAX) {
            if member.id.name != self.us.id.name {
                self.dials.want(now, member);
                self.join.expect(&member.id);
            }
        }
        let who = peer.who.clone();
        self.dials.linked(&who.id);
        let change = self.links.add(link, peer, &self.us.id);
        self.out.push_back(Output::Linked { link, peer: who.clone() });
        for (link, reason) in change.close {
            self.out.push_back(Output::Close { link, reason });
        }
        self.join.linked(&who.id);
        let member = Member { id: who.id.clone(), addr: who.addr };
        self.tell_membership(now, murmer_membership::Input::Linked { member });
        if change.is_new_current {
            self.current_changed(now, &who.id);
        }
        if let Some(ping) = change.probe {
            // The link that lost is closed by its dialer once the winner has carried a word both ways.
            self.out.push_back(Output::Control { link: ping, message: Control::Ping(0) });
        }
    }

    /// The place where words to `peer` go is a new one: both registries start over there.
    fn current_changed(&mut self, now: Duration, peer: &NodeId) {
        if let Some(link) = self.links.current(peer) {
            self.out.push_back(Output::Current { peer: peer.clone(), link: Some(link) });
            self.registry.handle(now, murmer_registry::Input::PeerLinked(peer.clone()));
        } else {
            self.out.push_back(Output::Current { peer: peer.clone(), link: None });
            self.registry.handle(now, murmer_registry::Input::PeerUnlinked(peer.clone()));
        }
        self.drain_registry();
    }

    fn refuse(&mut self, now: Duration, link: LinkId, peer: &Peer, refusal: Refusal) {
        if peer.dialed {
            // It hears the reason as a close.
            self.dials.failed(now, &DialTarget::Peer(peer.who.clone()));
            self.out.push_back(Output::Close { link, reason: CloseReason::Refused(refusal) });
        } else {
            self.out.push_back(Output::Verdict { link, verdict: Verdict::Refused(refusal) });
        }
        self.out.push_back(Output::Refused { peer: peer.who.clone(), refusal });
    }

    fn unlinked(&mut self, now: Duration, link: LinkId) {
        if let Some(freed) = self.challenges.link_lost(link) {
            self.supersede(now, freed.holder, freed.link, freed.peer);
        }
        let Some(gone) = self.links.remove(link) else { return };
        self.leaving.forget(&gone.peer);
        if gone.was_current {
            self.current_changed(now, &gone.peer);
        }
        if self.links.current(&gone.peer).is_none() {
            self.tell_membership(now, murmer_membership::Input::Unlinked(gone.peer.clone()));
            self.want_if_member(now, &gone.peer);
        }
    }

    fn control(&mut self, now: Duration, link: LinkId, message: Control) {
        let Some(peer) = self.links.peer(link).cloned() else { return };
        match message {
            Control::Ping(number) => {
                self.out.push_back(Output::Control { link, message: Control::Pong(number) });
            }
            Control::Pong(number) => {
                if let Some(defended) = self.challenges.answered(number, link) {
                    self.refuse(now, defended.link, &defended.peer, Refusal::NameInUse);
                }
                for (link, reason) in self.links.carried_both_ways(link) {
                    self.out.push_back(Output::Close { link, reason });
                }
                self.tell_membership(now, murmer_membership::Input::Alive(peer.id));
            }
            Control::Leave => {
                self.out.push_back(Output::Control { link, message: Control::LeaveAck });
                self.tell_membership(now, murmer_membership::Input::PeerLeft(peer.id));
            }
            Control::LeaveAck => self.leaving.acknowledged(&peer.id),
            Control::Manifest(manifest) => {
                self.out.push_back(Output::Manifest { peer: peer.id, manifest });
            }
        }
    }

    fn dial_failed(&mut self, now: Duration, target: DialTarget, refusal: Option<Refusal>) {
        match refusal {
            Some(Refusal::NameInUse) => self.withdraw(Withdrawal::NameInUse),
            Some(Refusal::Stale { at_least }) => self.withdraw(Withdrawal::Stale { at_least }),
            Some(Refusal::Full) | None => {}
        }
        if let DialTarget::Peer(peer) = &target {
            self.join.unreachable(&peer.id);
        }
        self.dials.failed(now, &target);
    }

    /// This process is not, or no longer, the one that holds its name.
    fn withdraw(&mut self, why: Withdrawal) {
        if !self.is_withdrawn && !self.leaving.has_begun() {
            self.is_withdrawn = true;
            self.out.push_back(Output::Withdraw(why));
        }
    }

    /// The holder of a name was silent, or its link ended: the newcomer takes over.
    fn supersede(&mut self, now: Duration, holder: NodeId, link: LinkId, peer: Peer) {
        for old in self.links.all_of(&holder) {
            self.out.push_back(Output::Close { link: old, reason: CloseReason::Superseded });
            self.links.remove(old);
        }
        self.accept(now, link, peer);
    }

    fn timeout(&mut self, now: Duration) {
        for lost in self.challenges.expired(now) {
            self.supersede(now, lost.holder, lost.link, lost.peer);
        }
        if due(self.membership.deadline(), now) {
            self.tell_membership(now, murmer_membership::Input::Timeout);
        }
        if due(self.registry.deadline(), now) {
            self.registry.handle(now, murmer_registry::Input::Timeout);
            self.drain_registry();
        }
        self.leaving.timeout(now);
        self.join.timeout(now);
        while let Some(target) = self.dials.due(now) {
            self.out.push_back(Output::Dial(target));
        }
    }

    fn reachable(&self) -> Vec<Introduction> {
        if !self.gossip {
            return Vec::new();
        }
        let members = self.membership.members();
        let up = members.filter(|(_, state)| matches!(state, MemberState::Up | MemberState::Suspect));
        up.map(|(member, _)| Introduction { id: member.id.clone(), addr: member.addr }).collect()
    }
}

fn due(deadline: Option<Duration>, now: Duration) -> bool {
    deadline.is_some_and(|at| at <= now)
}
