//! What other nodes watch here: held, with its end once that has come, until its watcher's node drops it.

mod held;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

use murmer_wire::{ActorId, ActorNumber, NodeId};

use self::held::{Held, Peer, Session};
use super::{WATCHES_MAX, WatchingOutput};
use crate::node::LinkId;
use crate::protocol::{EndReason, WatchEntry, WatchWord};

type Out = VecDeque<WatchingOutput>;

#[derive(Debug, Clone, Default)]
pub(super) struct Theirs {
    peers: BTreeMap<NodeId, Peer>,
    /// How many watches wait for the end of each actor.
    observed: BTreeMap<ActorNumber, usize>,
    /// For whom it is that messages are waited for.
    flushes: BTreeMap<u64, (NodeId, ActorNumber)>,
    last_ticket: u64,
    last_session: u64,
}

impl Theirs {
    pub(super) fn current(&mut self, peer: &NodeId, link: Option<LinkId>, out: &mut Out) {
        let Some(link) = link else {
            if let Some(peer) = self.peers.get_mut(peer) {
                peer.session = None;
            }
            return;
        };
        self.last_session += 1;
        let number = self.last_session;
        let peer = self.peers.entry(peer.clone()).or_default();
        peer.session = Some(Session { number, link, unheard: 0, is_answered: false });
        peer.begin(out);
    }

    /// It has the link by now, which it may not have had when it was told the same.
    pub(super) fn peer_has_begun(&mut self, peer: &NodeId, out: &mut Out) {
        if let Some(peer) = self.peers.get_mut(peer) {
            peer.begin(out);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one word")]
    pub(super) fn set(
        &mut self,
        peer: &NodeId,
        session: u64,
        is_afresh: bool,
        added: Vec<WatchEntry>,
        dropped: &[u64],
        version: Option<u64>,
        out: &mut Out,
    ) {
        let Some(held) = self.peers.get_mut(peer) else { return };
        let Some(link) = held.answered(session) else { return };
        out.push_back(WatchingOutput::Send { link, word: WatchWord::SetHeard { session } });
        if is_afresh {
            held.unconfirmed = held.watches.keys().copied().collect();
        }
        let mut wrong = None;
        for entry in added {
            if let Some(known) = held.watches.get(&entry.watch) {
                if !known.is(&entry) {
                    wrong = Some("it watches two actors under one number");
                }
                held.unconfirmed.remove(&entry.watch);
            } else if held.watches.len() >= WATCHES_MAX {
                wrong = Some("it watches more actors than a node may");
            } else {
                let waiting = self.observed.entry(entry.target).or_default();
                *waiting += 1;
                if *waiting == 1 {
                    out.push_back(WatchingOutput::Observe(entry.target));
                }
                held.add(entry);
            }
        }
        // Once for the word: it would be blamed hundreds of times for one mistake.
        out.extend(wrong.map(|what| WatchingOutput::Misbehaved { peer: peer.clone(), what }));
        let mut gone: Vec<u64> = dropped.to_vec();
        if version.is_some() {
            gone.extend(core::mem::take(&mut held.unconfirmed));
        }
        held.version = version;
        let over: Vec<_> = gone.into_iter().filter_map(|watch| held.remove(watch)).collect();
        for held in over {
            self.let_go(&held, out);
        }
    }

    pub(super) fn heard(&mut self, peer: &NodeId, session: u64, out: &mut Out) {
        let Some(peer) = self.peers.get_mut(peer) else { return };
        if let Some(session) = peer.session.as_mut().filter(|held| held.number == session) {
            session.is_answered = true;
            session.unheard = session.unheard.saturating_sub(1);
            peer.say(out);
        }
    }

    pub(super) fn ended(&mut self, actor: ActorNumber, reason: EndReason, out: &mut Out) {
        if self.observed.remove(&actor).is_none() {
            return;
        }
        let reason = Arc::new(reason.cut());
        for (node, peer) in &mut self.peers {
            for watcher in peer.ended(actor, &reason) {
                self.last_ticket += 1;
                flush(node, peer, watcher, self.last_ticket, &mut self.flushes, out);
            }
            peer.say(out);
        }
    }

    pub(super) fn flushed(&mut self, ticket: u64, out: &mut Out) {
        let Some((node, watcher)) = self.flushes.remove(&ticket) else { return };
        let Some(peer) = self.peers.get_mut(&node) else { return };
        if peer.flushed(watcher) {
            self.last_ticket += 1;
            flush(&node, peer, watcher, self.last_ticket, &mut self.flushes, out);
        }
        peer.say(out);
    }

    pub(super) fn over(&mut self, peer: &NodeId, out: &mut Out) {
        let Some(gone) = self.peers.remove(peer) else { return };
        self.flushes.retain(|_, (node, _)| node != peer);
        for held in gone.watches.values() {
            self.let_go(held, out);
        }
    }

    pub(super) fn peers(&self) -> usize {
        self.peers.len()
    }

    pub(super) fn len(&self) -> usize {
        self.peers.values().map(|peer| peer.watches.len()).sum()
    }

    fn let_go(&mut self, held: &Held, out: &mut Out) {
        let Some(waiting) = self.observed.get_mut(&held.target).filter(|_| held.end.is_none()) else {
            return;
        };
        *waiting -= 1;
        if *waiting == 0 {
            self.observed.remove(&held.target);
            out.push_back(WatchingOutput::Unobserve(held.target));
        }
    }
}

/// Has the messages to one watcher waited for, for all notices to it that there are by now.
fn flush(
    node: &NodeId,
    peer: &mut Peer,
    watcher: ActorNumber,
    ticket: u64,
    flushes: &mut BTreeMap<u64, (NodeId, ActorNumber)>,
    out: &mut Out,
) {
    peer.flushing(watcher);
    flushes.insert(ticket, (node.clone(), watcher));
    let watcher = ActorId { node: node.clone(), number: watcher };
    out.push_back(WatchingOutput::Flush { ticket, watcher });
}
