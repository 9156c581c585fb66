//! One connection: two ends, and what is under way to each.
//!
//! Doesn't know about paths and delays; the world says when a word arrives.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use murmer_node::{Control, DialTarget, LinkId, Refusal, Welcome};
use murmer_registry::Message;

/// One end of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pub(crate) is_open: bool,
    pub(crate) is_introduced: bool,
    /// Since when nothing can have come from the other end.
    pub(crate) silent_since: Option<Duration>,
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

    pub(crate) const fn is_open(&self) -> bool {
        self.sides[0].is_open || self.sides[1].is_open
    }
}
