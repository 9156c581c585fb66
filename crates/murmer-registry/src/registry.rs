//! The machine: this node's log on one side, a copy of every peer's on the other.
//!
//! Decides whom to tell what and what to believe. A peer is believed about its own log only, and told
//! of ours once it said how much of it it holds.
//!
//! ```text
//! Unknown ── PeerLinked ─▶ Linked ── its Versions ─▶ Sending ── PeerUnlinked ─▶ Kept
//!    ▲                                                                           │
//!    └───────────────────────────── PeerDown, from anywhere ─────────────────────┘
//! ```
//!
//! Doesn't know how messages travel, who is a member, or what time it is.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use murmer_wire::{ActorNumber, NodeId};

use crate::lamport::Lamport;
use crate::link::{Context, Link};
use crate::log::Log;
use crate::mark::{Mark, Place};
use crate::outbox::Outbox;
use crate::replica::Replica;
use crate::{
    Input, LAMPORT_MAX, Lag, Message, Misbehaviour, Output, RegistryConfig, RegistryStats, Versions,
};

/// Keeps this node's registrations and copies of all peers'.
///
/// Give it every [`Input`] with [`handle`](Self::handle), take every [`Output`] with
/// [`poll`](Self::poll) before the next, and give it [`Input::Timeout`] when
/// [`deadline`](Self::deadline) has passed. `now` is the time since any fixed point.
#[derive(Debug)]
pub struct Registry {
    us: NodeId,
    config: RegistryConfig,
    lamport: Lamport,
    log: Log,
    replicas: BTreeMap<NodeId, Replica>,
    links: BTreeMap<NodeId, Link>,
    /// How many links there have been.
    sessions: u64,
    /// How often changes have been given positions.
    commits: u64,
    committed_at: Option<Duration>,
    commit_at: Option<Duration>,
    counters: Counters,
    out: Outbox,
}

/// What happened since the start that should happen rarely, or never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages of a peer's log that arrived without what goes before them. 0 over links that keep
    /// their promises.
    pub gaps: u64,
    /// Copies that differed from their original. 0, or there is a defect.
    pub divergences: u64,
    /// Of those, how many a snapshot has replaced since.
    pub divergences_healed: u64,
    /// Whole snapshots applied.
    pub snapshots_applied: u64,
}

impl Registry {
    /// The registry of the process `us`, with nothing registered and nobody linked.
    pub fn new(us: NodeId, config: RegistryConfig) -> Self {
        let log = Log::new(us.clone(), &config);
        Self {
            us,
            config,
            lamport: Lamport::default(),
            log,
            replicas: BTreeMap::new(),
            links: BTreeMap::new(),
            sessions: 0,
            commits: 0,
            committed_at: None,
            commit_at: None,
            counters: Counters::default(),
            out: Outbox::default(),
        }
    }

    /// Takes note of `input`. All outputs of the previous one must have been taken.
    pub fn handle(&mut self, now: Duration, input: Input) {
        debug_assert!(self.out.is_empty(), "poll until None between two inputs");
        match input {
            Input::Register(registration) => {
                let number = registration.number;
                if registration.attributes.visibility.is_told() && !self.log.register(registration) {
                    self.out.push(Output::Refused(number));
                }
                self.handle_change(now);
            }
            Input::Update { number, attributes } => {
                if !attributes.visibility.is_told() {
                    self.log.deregister(number);
                } else if !self.log.update(number, attributes) {
                    self.out.push(Output::Refused(number));
                }
                self.handle_change(now);
            }
            Input::Deregister(number) => {
                self.log.deregister(number);
                self.handle_change(now);
            }
            Input::PeerLinked(peer) => self.handle_linked(now, peer),
            Input::PeerUnlinked(peer) => {
                self.links.remove(&peer);
            }
            Input::PeerDown(peer) => {
                self.links.remove(&peer);
                if let Some(mut replica) = self.replicas.remove(&peer) {
                    replica.clear(&mut self.out);
                }
            }
            Input::Message { from, message } => self.handle_message(now, &from, message),
            Input::Leave => {
                self.log.leave();
                self.handle_change(now);
            }
            Input::Timeout => self.handle_timeout(now),
        }
    }

    /// The next thing to do, in order; `None` when all has been taken.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop()
    }

    /// When to give [`Input::Timeout`] if nothing else happens.
    pub fn deadline(&self) -> Option<Duration> {
        self.links.values().filter_map(Link::deadline).chain(self.commit_at).min()
    }

    /// How much of each known peer's log is applied.
    pub fn versions(&self) -> impl Iterator<Item = (&NodeId, u64)> {
        self.replicas.iter().map(|(origin, replica)| (origin, replica.applied()))
    }

    /// The last position of our own log. Changes that were told to nobody have none yet.
    pub fn head(&self) -> u64 {
        self.log.head()
    }

    /// True if `peer` said that it holds everything registered, deregistered or left here so far.
    pub fn is_acknowledged_by(&self, peer: &NodeId) -> bool {
        let link = self.links.get(peer);
        !self.log.has_pending() && link.is_some_and(|link| link.sending.is_acked(self.log.head()))
    }

    /// All that has been said of this node's actors by now.
    pub fn mark(&self) -> Mark {
        if self.log.has_pending() {
            Mark(Place::AfterCommits(self.commits + 1))
        } else {
            Mark(Place::At(self.log.head()))
        }
    }

    /// True if `peer` said that it holds everything up to `mark`; what was said later doesn't count. To be
    /// asked after each input: else what came meanwhile may count, too.
    pub fn is_held(&self, mark: &mut Mark, peer: &NodeId) -> bool {
        if let Place::AfterCommits(commits) = mark.0
            && (commits <= self.commits || !self.log.has_pending())
        {
            // With nothing waiting, all that did has been taken back.
            mark.0 = Place::At(self.log.head());
        }
        match (mark.0, self.links.get(peer)) {
            (Place::At(position), Some(link)) => link.sending.is_acked(position),
            (Place::AfterCommits(_), _) | (_, None) => false,
        }
    }

    /// When the local actor `number` was first told to anyone, to be compared with
    /// [`Entry::lamport`](crate::Entry::lamport); `None` if it wasn't yet.
    pub fn lamport_of(&self, number: ActorNumber) -> Option<u64> {
        self.log.lamport_of(number)
    }

    /// What should happen rarely.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How our log is doing, and what should happen rarely.
    pub fn stats(&self) -> RegistryStats {
        let (kept_ops, kept_bytes) = self.log.kept();
        RegistryStats {
            head: self.log.head(),
            live: self.log.live() as u64,
            kept_ops: kept_ops as u64,
            kept_bytes: kept_bytes as u64,
            counters: self.counters,
        }
    }

    /// How far `peer` and we are apart; `None` if it isn't linked.
    pub fn lag(&self, peer: &NodeId) -> Option<Lag> {
        let (link, replica) = (self.links.get(peer)?, self.replicas.get(peer)?);
        Some(Lag {
            unheard: link.sending.unacked(self.log.head()),
            missing: link.receiving.missing(replica),
            is_synced: link.receiving.is_in_sync(replica),
        })
    }

    fn handle_change(&mut self, now: Duration) {
        // Nobody to tell: without a position yet, an actor that goes again leaves no trace.
        if !self.log.has_pending() || !self.links.values().any(|link| link.sending.is_started()) {
            return;
        }
        let quiet_at = self.committed_at.map_or(now, |at| at + self.config.batch_after);
        if quiet_at <= now || self.log.is_urgent() {
            self.commit(now);
        } else {
            self.commit_at = Some(quiet_at);
        }
    }

    fn handle_linked(&mut self, now: Duration, peer: NodeId) {
        if peer == self.us {
            return;
        }
        self.sessions += 1;
        self.links.insert(peer.clone(), Link::new(self.sessions));
        self.replicas.entry(peer.clone()).or_insert_with(|| Replica::new(peer.clone()));
        self.send_versions(now, &peer);
    }

    fn handle_message(&mut self, now: Duration, from: &NodeId, message: Message) {
        let (Some(link), Some(replica)) = (self.links.get_mut(from), self.replicas.get_mut(from)) else {
            return;
        };
        let origin = match &message {
            Message::Ops { origin, .. } => origin,
            Message::Snapshot(chunk) => &chunk.origin,
            Message::Versions(_) | Message::Ack { .. } | Message::ChunkAck { .. } => from,
            Message::Again { .. } | Message::Digest(_) => from,
        };
        if origin != from {
            return self.out.misbehaved(from, Misbehaviour::NotItsOrigin);
        }
        let cx = &mut Context {
            now,
            ack_after: self.config.ack_after,
            replica,
            lamport: &mut self.lamport,
            counters: &mut self.counters,
            out: &mut self.out,
        };
        match message {
            Message::Versions(versions) => self.handle_versions(now, from, &versions),
            Message::Ops { first, ops, .. } => link.receiving.handle_ops(first, ops, cx),
            Message::Snapshot(chunk) => link.receiving.handle_chunk(chunk, cx),
            Message::Digest(digest) => {
                link.is_answered = true;
                link.receiving.handle_digest(&digest, cx);
            }
            // Before its Versions, a peer can only mean what an earlier link sent it.
            Message::Ack { .. } | Message::ChunkAck { .. } | Message::Again { .. } if link.heard == 0 => {}
            Message::Ack { applied } if applied > self.log.head() => {
                self.out.misbehaved(from, Misbehaviour::Ahead);
            }
            Message::Ack { applied } => {
                link.sending.acked(now, applied);
                self.pump(now, from);
            }
            Message::ChunkAck { upto, index } => {
                link.sending.chunk_acked(now, upto, index);
                self.pump(now, from);
            }
            Message::Again { after } => self.handle_again(now, from, after),
        }
    }

    fn handle_versions(&mut self, now: Duration, from: &NodeId, versions: &Versions) {
        let &Versions { session, heard, applied, lamport, waiting } = versions;
        let what = if session == 0 {
            Some(Misbehaviour::Malformed)
        } else if applied > self.log.head() {
            Some(Misbehaviour::Ahead)
        } else if lamport > LAMPORT_MAX || waiting > LAMPORT_MAX {
            Some(Misbehaviour::LamportTooLarge)
        } else {
            None
        };
        if let Some(what) = what {
            return self.out.misbehaved(from, what);
        }
        self.lamport.see(lamport);
        // Two nodes that never met anyone both have actors without a time. The older process counts
        // as having been there first, so the younger one's come behind all of them.
        if (from.incarnation, &from.name) < (self.us.incarnation, &self.us.name) {
            self.lamport.see(lamport + waiting);
        }
        let Some(link) = self.links.get_mut(from) else { return };
        if link.heard != session {
            link.heard = session;
            link.sending.start(now, applied);
        }
        let is_heard = heard == link.session;
        self.commit_positions(now);
        self.send_digest(now, from);
        if !is_heard {
            self.send_versions(now, from);
        }
        self.pump_all(now);
    }

    fn handle_again(&mut self, now: Duration, from: &NodeId, after: Option<u64>) {
        let Some(link) = self.links.get_mut(from) else { return };
        if after.is_some_and(|after| after > self.log.head()) {
            return self.out.misbehaved(from, Misbehaviour::Ahead);
        }
        link.sending.rewind(now, after);
        self.pump(now, from);
    }

    fn handle_timeout(&mut self, now: Duration) {
        if self.commit_at.is_some_and(|at| at <= now) {
            self.commit_at = None;
            self.handle_change(now);
        }
        let (mut repeats, mut digests) = (Vec::new(), Vec::new());
        for (peer, link) in &mut self.links {
            let Some(replica) = self.replicas.get_mut(peer) else { continue };
            link.receiving.tick(&mut Context {
                now,
                ack_after: self.config.ack_after,
                replica,
                lamport: &mut self.lamport,
                counters: &mut self.counters,
                out: &mut self.out,
            });
            if link.sending.tick(now) {
                digests.push(peer.clone());
            }
            if link.repeat_at.is_some_and(|at| at <= now) {
                link.repeat_at = None;
                if !link.is_answered || link.heard == 0 {
                    repeats.push(peer.clone());
                }
            }
        }
        digests.iter().for_each(|peer| self.send_digest(now, peer));
        repeats.iter().for_each(|peer| self.send_versions(now, peer));
        self.pump_all(now);
    }

    fn commit(&mut self, now: Duration) {
        self.commit_positions(now);
        self.pump_all(now);
    }

    fn commit_positions(&mut self, now: Duration) {
        if self.log.has_pending() {
            self.log.commit(&mut self.lamport);
            self.commits += 1;
            self.committed_at = Some(now);
        }
        self.commit_at = None;
    }

    fn pump_all(&mut self, now: Duration) {
        for (peer, link) in &mut self.links {
            while let Some(message) = link.sending.next(now, &mut self.log, &self.config) {
                self.out.send(peer, message);
            }
        }
    }

    fn pump(&mut self, now: Duration, peer: &NodeId) {
        let Some(link) = self.links.get_mut(peer) else { return };
        while let Some(message) = link.sending.next(now, &mut self.log, &self.config) {
            self.out.send(peer, message);
        }
    }

    fn send_versions(&mut self, now: Duration, peer: &NodeId) {
        let Some(link) = self.links.get_mut(peer) else { return };
        link.repeat_at = Some(now + VERSIONS_EVERY);
        let versions = Versions {
            session: link.session,
            heard: link.heard,
            applied: self.replicas.get(peer).map_or(0, Replica::applied),
            lamport: self.lamport.now(),
            waiting: self.log.waiting() as u64,
        };
        self.out.send(peer, Message::Versions(versions));
    }

    fn send_digest(&mut self, now: Duration, peer: &NodeId) {
        let Some(link) = self.links.get_mut(peer) else { return };
        let digest = link.sending.digest(now, &self.log, &self.config);
        self.out.send(peer, digest);
    }
}

/// How often `Versions` are repeated until they are answered and the peer's own have come.
const VERSIONS_EVERY: Duration = Duration::from_secs(1);
