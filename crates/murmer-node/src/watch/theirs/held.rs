//! What one peer watches here, and which of those it is still to be told of.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

use murmer_wire::ActorNumber;

use crate::node::LinkId;
use crate::protocol::{EndCause, EndReason, Notice, WatchEntry, WatchWord};
use crate::watch::{NOTICE_BYTES_PER_WORD_MAX, WATCHES_PER_WORD_MAX, WORDS_UNHEARD_MAX, WatchingOutput};

/// One peer's side of things.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) session: Option<Session>,
    /// As of which version `watches` is the peer's set; `None` in the middle of a transfer.
    pub(super) version: Option<u64>,
    pub(super) watches: BTreeMap<u64, Held>,
    /// Those that the set on its way has not named yet.
    pub(super) unconfirmed: BTreeSet<u64>,
    /// Those that wait for the end of each actor.
    waiting: BTreeMap<ActorNumber, BTreeSet<u64>>,
    /// Those that are over while messages to their watcher are under way.
    flushes: BTreeMap<ActorNumber, Flush>,
    /// Those that the peer is to be told of, and has not been in this session.
    unsaid: BTreeSet<u64>,
}

#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) number: u64,
    pub(super) link: LinkId,
    pub(super) unheard: usize,
    /// The peer has heard of it.
    pub(super) is_answered: bool,
}

/// One watch.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) target: ActorNumber,
    watcher: Option<ActorNumber>,
    pub(super) end: Option<End>,
}

#[derive(Debug, Clone)]
pub(super) struct End {
    reason: Arc<EndReason>,
    /// What the target sent to the watcher is there.
    is_flushed: bool,
}

/// Of the notices to one watcher: those that wait for what is being waited for, and those for which there may
/// be more.
#[derive(Debug, Clone, Default)]
struct Flush {
    now: Vec<u64>,
    next: Vec<u64>,
}

impl Default for Peer {
    fn default() -> Self {
        Self {
            session: None,
            // Nothing, as long as nothing was ever watched.
            version: Some(0),
            watches: BTreeMap::new(),
            unconfirmed: BTreeSet::new(),
            waiting: BTreeMap::new(),
            flushes: BTreeMap::new(),
            unsaid: BTreeSet::new(),
        }
    }
}

impl Peer {
    pub(super) fn add(&mut self, entry: WatchEntry) {
        let WatchEntry { watch, target, watcher } = entry;
        self.watches.insert(watch, Held { target, watcher, end: None });
        self.waiting.entry(target).or_default().insert(watch);
    }

    pub(super) fn remove(&mut self, watch: u64) -> Option<Held> {
        let held = self.watches.remove(&watch)?;
        self.unsaid.remove(&watch);
        self.unconfirmed.remove(&watch);
        if let Some(waiting) = self.waiting.get_mut(&held.target) {
            waiting.remove(&watch);
            if waiting.is_empty() {
                self.waiting.remove(&held.target);
            }
        }
        Some(held)
    }

    /// That actor is over. Returns the watchers whose messages are to be waited for from now on.
    pub(super) fn ended(&mut self, actor: ActorNumber, reason: &Arc<EndReason>) -> Vec<ActorNumber> {
        let mut begun = Vec::new();
        for watch in self.waiting.remove(&actor).unwrap_or_default() {
            let Some(held) = self.watches.get_mut(&watch) else { continue };
            held.end = Some(End { reason: reason.clone(), is_flushed: held.watcher.is_none() });
            let Some(watcher) = held.watcher else {
                self.unsaid.insert(watch);
                continue;
            };
            let is_new = !self.flushes.contains_key(&watcher);
            self.flushes.entry(watcher).or_default().next.push(watch);
            if is_new {
                begun.push(watcher);
            }
        }
        begun
    }

    /// What is under way to `watcher` is being waited for.
    pub(super) fn flushing(&mut self, watcher: ActorNumber) {
        if let Some(flush) = self.flushes.get_mut(&watcher) {
            flush.now = core::mem::take(&mut flush.next);
        }
    }

    /// It is there. True if there are notices that came after it was looked at.
    pub(super) fn flushed(&mut self, watcher: ActorNumber) -> bool {
        let Some(flush) = self.flushes.get_mut(&watcher) else { return false };
        for watch in core::mem::take(&mut flush.now) {
            if let Some(end) = self.watches.get_mut(&watch).and_then(|held| held.end.as_mut()) {
                end.is_flushed = true;
                self.unsaid.insert(watch);
            }
        }
        let has_more = !flush.next.is_empty();
        if !has_more {
            self.flushes.remove(&watcher);
        }
        has_more
    }

    /// In a new session nothing has been said.
    fn say_again(&mut self) {
        let is_due = |held: &Held| held.end.as_ref().is_some_and(|end| end.is_flushed);
        self.unsaid = self.watches.iter().filter(|(_, held)| is_due(held)).map(|(watch, _)| *watch).collect();
    }

    /// Says what there is to say, a few words ahead of what has been heard.
    pub(super) fn say(&mut self, out: &mut VecDeque<WatchingOutput>) {
        let Some(session) = &mut self.session else { return };
        while session.unheard < WORDS_UNHEARD_MAX && !self.unsaid.is_empty() {
            let (mut notices, mut bytes) = (Vec::new(), 0);
            while notices.len() < WATCHES_PER_WORD_MAX && bytes < NOTICE_BYTES_PER_WORD_MAX {
                let Some(watch) = self.unsaid.pop_first() else { break };
                let Some(end) = self.watches.get(&watch).and_then(|held| held.end.as_ref()) else { continue };
                bytes += size(&end.reason);
                notices.push(Notice { watch, reason: EndReason::clone(&end.reason) });
            }
            session.unheard += 1;
            let word = WatchWord::Notices { session: session.number, notices };
            out.push_back(WatchingOutput::Send { link: session.link, word });
        }
    }

    /// Says that there is a session, and all that is to be said in it, unless the peer has heard of it.
    pub(super) fn begin(&mut self, out: &mut VecDeque<WatchingOutput>) {
        if let Some(session) = self.session.as_mut().filter(|session| !session.is_answered) {
            session.unheard = 0;
            let word = WatchWord::Begin { session: session.number, version: self.version };
            out.push_back(WatchingOutput::Send { link: session.link, word });
            self.say_again();
            self.say(out);
        }
    }

    /// The peer speaks in that session. Where it is, if it is the one there is.
    pub(super) fn answered(&mut self, session: u64) -> Option<LinkId> {
        let session = self.session.as_mut().filter(|held| held.number == session)?;
        session.is_answered = true;
        Some(session.link)
    }
}

impl Held {
    pub(super) fn is(&self, entry: &WatchEntry) -> bool {
        (self.target, self.watcher) == (entry.target, entry.watcher)
    }
}

/// What a notice takes, about.
fn size(reason: &EndReason) -> usize {
    let text = match &reason.cause {
        EndCause::Panicked(text) | EndCause::StartFailed(text) => text.len(),
        EndCause::Stopped | EndCause::Killed | EndCause::NeverExisted => 0,
    };
    text + reason.wraps.len() + 16
}
