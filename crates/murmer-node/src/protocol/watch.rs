//! What two nodes say to each other of watches: which there are, and how what is watched has ended.
//!
//! Of a pair of nodes each may watch actors of the other, so each says both kinds of words. One session is one
//! current link: its words arrive in order or not at all, and those of an earlier one count for nothing.

use alloc::string::String;
use alloc::vec::Vec;

use murmer_wire::{ActorNumber, at_most};
use serde::{Deserialize, Serialize};

use crate::watch::WATCHES_PER_WORD_MAX;

/// One word about watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WatchWord {
    /// From the node of the watched: from now on, tell me here.
    Begin {
        /// Rises with each that the process begins, whoever with.
        session: u64,
        /// As of which version the sender holds the set; `None` for nothing to build on.
        version: Option<u64>,
    },
    /// From the node of the watchers: a piece of the set, or a change of it.
    Set {
        /// As the other end has begun it.
        session: u64,
        /// What is held and isn't said again by the last piece is not watched any more.
        is_afresh: bool,
        /// Watches there are: at most 256.
        #[serde(deserialize_with = "at_most::<_, _, WATCHES_PER_WORD_MAX>")]
        added: Vec<WatchEntry>,
        /// Watches there are no more, given up or told of: at most 256.
        #[serde(deserialize_with = "at_most::<_, _, WATCHES_PER_WORD_MAX>")]
        dropped: Vec<u64>,
        /// With this piece the set is whole, as of this version.
        version: Option<u64>,
    },
    /// One `Set` was applied.
    SetHeard {
        /// In this session.
        session: u64,
    },
    /// From the node of the watched: these are over. Said again in each session until the watch is dropped.
    Notices {
        /// In this session.
        session: u64,
        /// One per watch: at most 256.
        #[serde(deserialize_with = "at_most::<_, _, WATCHES_PER_WORD_MAX>")]
        notices: Vec<Notice>,
    },
    /// One `Notices` was applied.
    NoticesHeard {
        /// In this session.
        session: u64,
    },
}

/// One watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchEntry {
    /// Its number, never used twice by the watchers' process.
    pub watch: u64,
    /// The watched actor of the node that is told.
    pub target: ActorNumber,
    /// The actor that watches, if it is one: the notice goes behind what the target sent it.
    pub watcher: Option<ActorNumber>,
}

/// How one watch ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its number.
    pub watch: u64,
    /// Why.
    pub reason: EndReason,
}

/// Why an actor is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndReason {
    /// What happened last comes first; at most 16. A list, since what contains itself could be nested without
    /// end.
    #[serde(deserialize_with = "at_most::<_, _, WRAPS_MAX>")]
    pub wraps: Vec<EndWrap>,
    /// What happened first.
    pub cause: EndCause,
}

/// What came of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndWrap {
    /// It failed that way more often than its supervision allows.
    RestartLimit,
    /// A child ended that way, and took it along.
    ChildFailed,
}

/// What happened to the actor, or to one that took it along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndCause {
    /// It was told to, or told itself to.
    Stopped,
    /// It was told to at once.
    Killed,
    /// A handler or hook panicked.
    Panicked(String),
    /// Its start-up failed.
    StartFailed(String),
    /// There is no such actor, and none is remembered.
    NeverExisted,
}

impl From<EndCause> for EndReason {
    fn from(cause: EndCause) -> Self {
        Self { wraps: Vec::new(), cause }
    }
}

impl EndReason {
    /// The same, cut to what is sent at the most.
    pub(crate) fn cut(mut self) -> Self {
        self.wraps.truncate(WRAPS_MAX);
        match &mut self.cause {
            EndCause::Panicked(text) | EndCause::StartFailed(text) => {
                let end = text.floor_char_boundary(REASON_BYTES_MAX);
                text.truncate(end);
                text.shrink_to_fit();
            }
            EndCause::Stopped | EndCause::Killed | EndCause::NeverExisted => {}
        }
        self
    }
}

/// The most bytes of a panic's or an error's text that another node is told: some lines of a log.
pub const REASON_BYTES_MAX: usize = 1_024;
/// How often a reason is wrapped at the most, as another node is told it: deeper families are none.
const WRAPS_MAX: usize = 16;
