//! A place where a node runs, and one life of one node there with what it has said so far.
//!
//! Doesn't know about the other nodes, nor whether what it says is true.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use murmer_membership::Swim;
use murmer_node::{Input, Introduction, LinkId, Node};
use murmer_registry::Attributes;
use murmer_wire::{ActorId, ActorNumber, Incarnation, Label, NodeId};

use crate::origin::Contents;

/// A place: the address of one process at a time.
#[derive(Debug, Default)]
pub(crate) struct Site {
    /// Whose name is used here: the site that bears it by rights.
    pub(crate) name: usize,
    pub(crate) port: u16,
    pub(crate) process: Option<Process>,
    /// How many have run here.
    pub(crate) lives: u64,
    /// How often it has moved.
    pub(crate) moves: u16,
    /// How far its clock is behind.
    pub(crate) clock_behind: Duration,
    /// The next process has to take an incarnation no smaller.
    pub(crate) at_least: Option<Incarnation>,
    /// When it is to be looked at, if nothing happens before.
    pub(crate) wake_at: Option<Duration>,
    /// Until then it does nothing.
    pub(crate) paused_until: Duration,
    /// How late it gets everything.
    pub(crate) lag: Duration,
    /// Until when what it got last was late.
    pub(crate) late_until: Duration,
    /// What it hasn't got yet, and when it will.
    pub(crate) inbox: VecDeque<(Duration, Input)>,
}

impl Site {
    /// What comes now has to wait: until when?
    pub(crate) fn waits_until(&self, now: Duration) -> Option<Duration> {
        let behind = self.inbox.back().map_or(now, |(at, _)| *at);
        let at = (now + self.lag).max(self.paused_until).max(behind);
        (at > now || !self.inbox.is_empty()).then_some(at)
    }
}

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) who: Introduction,
    pub(crate) node: Node<Swim>,
    /// The sites whose addresses it was given as seeds.
    pub(crate) seeds: Vec<usize>,
    pub(crate) dials: u64,
    /// The actors of others it has told of and not taken back.
    pub(crate) view: BTreeMap<NodeId, Contents>,
    /// Its own actors, as registered now.
    pub(crate) actors: BTreeMap<ActorNumber, (Label, Attributes)>,
    pub(crate) last_actor: u64,
    /// What its actors watch elsewhere and have not been told of.
    pub(crate) watches: BTreeMap<u64, ActorId>,
    pub(crate) last_watch: u64,
    /// Its actors whose end other nodes wait for.
    pub(crate) observed: BTreeSet<ActorNumber>,
    pub(crate) is_leaving: bool,
    /// The connections it has taken as links and not given up: whose, and whether it dialed.
    pub(crate) links: BTreeMap<LinkId, (NodeId, bool)>,
    /// Where it says that words to a peer go.
    pub(crate) current: BTreeMap<NodeId, LinkId>,
    /// Whose actors, or state, changed in this turn.
    pub(crate) touched: Vec<NodeId>,
    pub(crate) has_new_links: bool,
    /// It has said to others what no sound node says.
    pub(crate) has_forged: bool,
}

impl Process {
    /// What it holds of other nodes is all gone.
    pub(crate) fn forget_links(&mut self, peer: &NodeId) {
        self.links.retain(|_, (held, _)| held != peer);
        self.has_new_links = true;
    }
}
