//! Connections: two ends each, and what is under way to either.
//!
//! Doesn't know about paths and delays; the world says when a word arrives.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use murmer_node::{Control, DialTarget, LinkId, Refusal, Welcome};
use murmer_registry::Message;

/// One end of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct End {
    pub(crate) cable: usize,
    /// 0 dialed, 1 accepted.
    pub(crate) side: usize,
}

impl End {
    pub(crate) const fn other(self) -> Self {
        Self { cable: self.cable, side: 1 - self.side }
    }

    pub(crate) const fn link(self) -> LinkId {
        LinkId((self.cable * 2 + self.side) as u64)
    }

    pub(crate) const fn of(link: LinkId) -> Self {
        Self { cable: (link.0 / 2) as usize, side: (link.0 % 2) as usize }
    }
}

/// One word under way on a stream.
#[derive(Debug)]
pub(crate) enum Word {
    /// The dialer has proven itself and said who it is.
    Hello,
    Welcome(Welcome),
    Refusal(Refusal),
    Control(Control),
    Registry(Message),
    /// The connection was closed there.
    Ended,
}

/// A SWIM packet under way.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) to: End,
    pub(crate) packet: Bytes,
}

/// A stream in one direction: words, and when each arrives if the path is open.
pub(crate) type Lane = VecDeque<(Duration, Word)>;

/// How one end stands.
#[derive(Debug, Default)]
pub(crate) struct Side {
    pub(crate) site: usize,
    /// Where that site was then.
    pub(crate) port: u16,
    pub(crate) is_open: bool,
    pub(crate) is_introduced: bool,
    /// When something last came from the other end.
    pub(crate) heard_at: Duration,
    /// What is under way to this end, in order, but each for itself.
    pub(crate) control: Lane,
    pub(crate) registry: Lane,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Cable {
    pub(crate) target: DialTarget,
    pub(crate) dial: u64,
    pub(crate) sides: [Side; 2],
}

impl Cable {
    pub(crate) const fn sites(&self) -> [usize; 2] {
        [self.sides[0].site, self.sides[1].site]
    }

    /// True if it leads from one to the other, whoever dialed.
    pub(crate) const fn is_between(&self, one: usize, other: usize) -> bool {
        let [a, b] = self.sites();
        (a == one && b == other) || (a == other && b == one)
    }
}

/// All connections that are open at one end at least; a number is never given twice.
#[derive(Debug, Default)]
pub(crate) struct Cables {
    slots: Vec<Option<Box<Cable>>>,
    open: BTreeSet<usize>,
}

impl Cables {
    pub(crate) fn add(&mut self, cable: Cable) -> usize {
        let at = self.slots.len();
        self.slots.push(Some(Box::new(cable)));
        self.open.insert(at);
        at
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Cable> {
        self.slots.get(at)?.as_deref()
    }

    pub(crate) fn side(&self, end: End) -> Option<&Side> {
        Some(&self.get(end.cable)?.sides[end.side])
    }

    pub(crate) fn side_mut(&mut self, end: End) -> Option<&mut Side> {
        Some(&mut self.slots.get_mut(end.cable)?.as_deref_mut()?.sides[end.side])
    }

    pub(crate) fn is_open(&self, end: End) -> bool {
        self.side(end).is_some_and(|side| side.is_open)
    }

    /// Closes one end. A cable without an open end is forgotten.
    pub(crate) fn shut(&mut self, end: End) {
        if let Some(side) = self.side_mut(end) {
            side.is_open = false;
            side.control.clear();
            side.registry.clear();
        }
        if !self.is_open(end) && !self.is_open(end.other()) {
            self.open.remove(&end.cable);
            if let Some(slot) = self.slots.get_mut(end.cable) {
                *slot = None;
            }
        }
    }

    /// The cables that are open at one end at least, in the order they were dialed.
    pub(crate) fn open(&self) -> impl Iterator<Item = (usize, &Cable)> {
        self.open.iter().filter_map(|at| Some((*at, self.get(*at)?)))
    }

    /// The open ends at a site.
    pub(crate) fn ends_at(&self, site: usize) -> Vec<End> {
        let ends = self.open().flat_map(|(cable, _)| [End { cable, side: 0 }, End { cable, side: 1 }]);
        ends.filter(|end| self.side(*end).is_some_and(|side| side.is_open && side.site == site)).collect()
    }
}
