//! What actors of this node watch on others: one set per peer, under one version.
//!
//! A watch is in its set until it is told of or given up, whichever comes first: so it is never told of twice,
//! nor after it was given up.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use murmer_wire::{ActorId, ActorNumber, NodeId};

use super::unmet::Unmet;
use super::{
    Standing, UNMET_WAIT, WATCHES_MAX, WATCHES_PER_WORD_MAX, WORDS_UNHEARD_MAX, WatchEnd, WatchingOutput,
};
use crate::node::LinkId;
use crate::protocol::{EndCause, Notice, WatchEntry, WatchWord};

type Out = VecDeque<WatchingOutput>;

#[derive(Debug, Clone, Default)]
pub(super) struct Ours {
    peers: BTreeMap<NodeId, Set>,
    /// Whose set each watch is in.
    nodes: BTreeMap<u64, NodeId>,
    /// Of the last change of any set. So no two sets of one peer, however far apart, are of one version.
    version: u64,
}

/// What is watched at one peer.
#[derive(Debug, Clone, Default)]
struct Set {
    watches: BTreeMap<u64, WatchEntry>,
    /// 0 before anything was ever watched there.
    version: u64,
    /// Those that are held for a while only, since the peer was never met.
    unmet: Unmet,
    last_session: u64,
    session: Option<Session>,
}

/// How far the peer has been told, over the link that it chose.
#[derive(Debug, Clone)]
struct Session {
    number: u64,
    link: LinkId,
    /// The next piece is the first of the whole set.
    is_afresh: bool,
    unsaid: BTreeSet<u64>,
    /// Watches that were said and are no more.
    dropped: BTreeSet<u64>,
    unheard: usize,
}

impl Ours {
    pub(super) fn watch(
        &mut self,
        now: Duration,
        watch: u64,
        target: ActorId,
        watcher: Option<ActorNumber>,
        standing: Standing,
        out: &mut Out,
    ) {
        let ActorId { node, number: target } = target;
        let is_full = self.peers.get(&node).is_some_and(|set| set.watches.len() >= WATCHES_MAX);
        let over = match standing {
            Standing::Member | Standing::Unmet if is_full => Some(WatchEnd::NodeDown),
            Standing::Member | Standing::Unmet => None,
            Standing::Down => Some(WatchEnd::NodeDown),
            Standing::Left => Some(WatchEnd::NodeLeft),
            Standing::Ourselves => Some(WatchEnd::Ended(EndCause::NeverExisted.into())),
        };
        if let Some(reason) = over {
            if is_full {
                let what = "more of its actors are watched than can be";
                out.push_back(WatchingOutput::Misbehaved { peer: node, what });
            }
            return out.push_back(WatchingOutput::Told { watch, reason });
        }
        if self.nodes.insert(watch, node.clone()).is_some() {
            debug_assert!(false, "watch {watch} was there before");
            return;
        }
        self.version += 1;
        let set = self.peers.entry(node).or_default();
        if standing == Standing::Unmet {
            set.unmet.add(watch, now.saturating_add(UNMET_WAIT));
        }
        set.version = self.version;
        set.watches.insert(watch, WatchEntry { watch, target, watcher });
        if let Some(session) = &mut set.session {
            session.unsaid.insert(watch);
        }
        set.say(out);
    }

    pub(super) fn unwatch(&mut self, watch: u64, out: &mut Out) {
        let Some(node) = self.nodes.remove(&watch) else { return };
        self.version += 1;
        if let Some(set) = self.peers.get_mut(&node) {
            set.drop_watch(watch, self.version);
            set.say(out);
        }
        self.forget_if_unused(&node);
    }

    /// The peer tells where to. True if that is news.
    pub(super) fn begin(
        &mut self,
        peer: &NodeId,
        link: LinkId,
        number: u64,
        version: Option<u64>,
        out: &mut Out,
    ) -> bool {
        let set = self.peers.entry(peer.clone()).or_default();
        // One of a link that has been replaced since, and is slow.
        if number <= set.last_session {
            return false;
        }
        set.last_session = number;
        let is_known = version == Some(set.version);
        let unsaid = if is_known { BTreeSet::new() } else { set.watches.keys().copied().collect() };
        let (is_afresh, dropped) = (!is_known, BTreeSet::new());
        set.session = Some(Session { number, link, is_afresh, unsaid, dropped, unheard: 0 });
        set.say(out);
        true
    }

    pub(super) fn heard(&mut self, peer: &NodeId, session: u64, out: &mut Out) {
        let Some(set) = self.peers.get_mut(peer) else { return };
        if let Some(session) = set.session.as_mut().filter(|held| held.number == session) {
            session.unheard = session.unheard.saturating_sub(1);
            set.say(out);
        }
    }

    pub(super) fn notices(&mut self, peer: &NodeId, session: u64, notices: Vec<Notice>, out: &mut Out) {
        let Some(set) = self.peers.get_mut(peer) else { return };
        // What was said in an earlier session is said again.
        let Some(link) = set.session.as_ref().filter(|held| held.number == session).map(|held| held.link)
        else {
            return;
        };
        out.push_back(WatchingOutput::Send { link, word: WatchWord::NoticesHeard { session } });
        for Notice { watch, reason } in notices {
            // Given up, or told of, it is in no set: the peer is or was told so, and drops its notice.
            if set.watches.contains_key(&watch) {
                self.version += 1;
                set.drop_watch(watch, self.version);
                self.nodes.remove(&watch);
                out.push_back(WatchingOutput::Told { watch, reason: WatchEnd::Ended(reason.cut()) });
            }
        }
        set.say(out);
    }

    pub(super) fn unlinked(&mut self, link: LinkId) {
        for set in self.peers.values_mut() {
            set.session.take_if(|session| session.link == link);
        }
    }

    pub(super) fn met(&mut self, peer: &NodeId) {
        if let Some(set) = self.peers.get_mut(peer) {
            set.unmet = Unmet::default();
        }
    }

    /// Nothing more will come from there: what is watched there has found its end.
    pub(super) fn over(&mut self, peer: &NodeId, reason: WatchEnd, out: &mut Out) {
        let Some(set) = self.peers.remove(peer) else { return };
        for watch in set.watches.into_keys() {
            self.nodes.remove(&watch);
            out.push_back(WatchingOutput::Told { watch, reason: reason.clone() });
        }
    }

    pub(super) fn timeout(&mut self, now: Duration, out: &mut Out) {
        let is_due = |set: &Set| set.unmet.deadline().is_some_and(|until| until <= now);
        let due: Vec<_> =
            self.peers.iter().filter(|(_, set)| is_due(set)).map(|(peer, _)| peer.clone()).collect();
        for peer in due {
            let Some(set) = self.peers.get_mut(&peer) else { continue };
            while let Some(watch) = set.unmet.pop_due(now) {
                self.version += 1;
                set.drop_watch(watch, self.version);
                self.nodes.remove(&watch);
                out.push_back(WatchingOutput::Told { watch, reason: WatchEnd::NodeDown });
            }
            set.say(out);
            self.forget_if_unused(&peer);
        }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.peers.values().filter_map(|set| set.unmet.deadline()).min()
    }

    /// Of a peer that never was there, nothing has to be known once nothing is watched.
    fn forget_if_unused(&mut self, peer: &NodeId) {
        if self.peers.get(peer).is_some_and(|set| set.watches.is_empty() && set.last_session == 0) {
            self.peers.remove(peer);
        }
    }

    pub(super) fn peers(&self) -> usize {
        self.peers.len()
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }
}

impl Set {
    fn drop_watch(&mut self, watch: u64, version: u64) {
        self.watches.remove(&watch);
        self.unmet.remove(watch);
        self.version = version;
        if let Some(session) = &mut self.session
            && !session.unsaid.remove(&watch)
        {
            session.dropped.insert(watch);
        }
    }

    /// Says what there is to say, a few words ahead of what has been heard.
    fn say(&mut self, out: &mut Out) {
        let Some(session) = &mut self.session else { return };
        while session.unheard < WORDS_UNHEARD_MAX && session.has_more() {
            let added = take(&mut session.unsaid).filter_map(|watch| self.watches.get(&watch).cloned());
            let (added, dropped) = (added.collect(), take(&mut session.dropped).collect());
            let is_afresh = core::mem::take(&mut session.is_afresh);
            let version = (!session.has_more()).then_some(self.version);
            let number = session.number;
            let word = WatchWord::Set { session: number, is_afresh, added, dropped, version };
            session.unheard += 1;
            out.push_back(WatchingOutput::Send { link: session.link, word });
        }
    }
}

impl Session {
    fn has_more(&self) -> bool {
        self.is_afresh || !self.unsaid.is_empty() || !self.dropped.is_empty()
    }
}

/// Takes the lowest numbers, as many as fit one word.
fn take(numbers: &mut BTreeSet<u64>) -> impl Iterator<Item = u64> {
    core::iter::from_fn(|| numbers.pop_first()).take(WATCHES_PER_WORD_MAX)
}
