//! Who is meant: a process, and one actor in it.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::NodeName;

/// Which life of a node: minted at boot, larger for a later boot as far as clocks can tell.
///
/// Unix milliseconds shifted left by 20 bits, with 20 random bits below, so that two processes
/// started in one millisecond still differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Incarnation(u64);

impl Incarnation {
    const RANDOM_BITS: u32 = 20;

    /// The incarnation of a process that boots at `unix_millis`; only 20 bits of `random` are used.
    pub const fn mint(unix_millis: u64, random: u64) -> Self {
        Self((unix_millis << Self::RANDOM_BITS) | (random & ((1 << Self::RANDOM_BITS) - 1)))
    }

    /// The next incarnation above `self`, for a process whose clock went back.
    pub const fn above(self, random: u64) -> Self {
        Self::mint((self.0 >> Self::RANDOM_BITS) + 1, random)
    }

    /// The number that is compared and sent.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl From<u64> for Incarnation {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

/// One life of one process: a name and the incarnation that holds it.
///
/// Ordered by name, then incarnation. This order breaks ties between nodes wherever one is needed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId {
    /// The cluster-unique slot.
    pub name: NodeName,
    /// Which life of it.
    pub incarnation: Incarnation,
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{:x}", self.name, self.incarnation.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An actor's number in its process: given at start, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActorNumber(pub u64);

impl fmt::Display for ActorNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One actor, wherever it is: never reused, not even by a successor under the same label.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActorId {
    /// The process it lives in.
    pub node: NodeId,
    /// Its number there.
    pub number: ActorNumber,
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.node, self.number)
    }
}

impl fmt::Debug for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
