//! Who is meant: a process, and one actor in it.

use core::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::NodeName;

/// Which life of a node: minted at boot, larger for a later boot as far as clocks can tell.
///
/// Unix milliseconds shifted left by 20 bits, with 20 random bits below, so that two processes
/// started in one millisecond still differ. One above [`MAX`](Self::MAX) is not read from anybody.
///
/// # Examples
///
/// ```
/// use murmer_wire::Incarnation;
///
/// let first = Incarnation::mint(1_700_000_000_000, 7);
/// let rebooted = Incarnation::mint(1_700_000_000_001, 3);
/// assert!(rebooted > first);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Incarnation(u64);

impl Incarnation {
    /// The largest that a peer may name: of the first millisecond of the year 2200.
    ///
    /// Nobody boots later than that. Whoever could say more could take all room above every life of a name.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::{Incarnation, decode};
    ///
    /// assert!(Incarnation::MAX.above(0) > Incarnation::MAX); // there is room for a successor
    /// assert!(decode::<Incarnation>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).is_err());
    /// ```
    pub const MAX: Self = Self::mint(7_258_118_400_000, u64::MAX);
    const RANDOM_BITS: u32 = 20;

    /// The incarnation of a process that boots at `unix_millis`; only 20 bits of `random` are used, and 44
    /// of `unix_millis`: what is later than the year 2527 is taken for that.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::Incarnation;
    ///
    /// let (one, other) = (Incarnation::mint(1_000, 1), Incarnation::mint(1_000, 2));
    /// assert_ne!(one, other); // of one millisecond
    /// assert!(Incarnation::mint(1_001, 0) > one.max(other));
    /// ```
    pub const fn mint(unix_millis: u64, random: u64) -> Self {
        let last = u64::MAX >> Self::RANDOM_BITS;
        let millis = if unix_millis > last { last } else { unix_millis };
        Self((millis << Self::RANDOM_BITS) | (random & ((1 << Self::RANDOM_BITS) - 1)))
    }

    /// The next incarnation above `self`, for a process whose clock went back; the largest there is if none is
    /// above.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::Incarnation;
    ///
    /// let before = Incarnation::mint(2_000, 7);
    /// let now = Incarnation::mint(1_000, 7); // the clock went back
    /// assert!(now < before && before.above(7) > before);
    /// assert_eq!(Incarnation::from(u64::MAX).above(7), Incarnation::from(u64::MAX));
    /// ```
    pub const fn above(self, random: u64) -> Self {
        let millis = (self.0 >> Self::RANDOM_BITS) + 1;
        if millis >> (u64::BITS - Self::RANDOM_BITS) == 0 {
            Self::mint(millis, random)
        } else {
            Self(u64::MAX)
        }
    }

    /// The number that is compared and sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::Incarnation;
    ///
    /// let incarnation = Incarnation::mint(1, 1);
    /// assert_eq!(incarnation.as_u64(), (1 << 20) + 1);
    /// assert_eq!(Incarnation::from(incarnation.as_u64()), incarnation);
    /// ```
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Incarnation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Self(u64::deserialize(deserializer)?);
        if read > Self::MAX { Err(D::Error::custom("an incarnation of a time to come")) } else { Ok(read) }
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
///
/// # Examples
///
/// ```
/// use murmer_wire::{Incarnation, NodeId, NodeName};
///
/// let name = NodeName::new("alpha")?;
/// let node = NodeId { name: name.clone(), incarnation: Incarnation::from(0x2a) };
/// assert_eq!(node.to_string(), "alpha#2a");
/// assert!(node < NodeId { name, incarnation: Incarnation::from(0x2b) }); // its next life
/// # Ok::<(), murmer_wire::NameError>(())
/// ```
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
///
/// # Examples
///
/// ```
/// use murmer_wire::ActorNumber;
///
/// let (first, second) = (ActorNumber(1), ActorNumber(2));
/// assert!(first < second); // which was started later
/// assert_eq!(second.to_string(), "2");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActorNumber(pub u64);

impl fmt::Display for ActorNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One actor, wherever it is: never reused, not even by a successor under the same label.
///
/// # Examples
///
/// ```
/// use murmer_wire::{ActorId, ActorNumber, Incarnation, NodeId, NodeName};
///
/// let node = NodeId { name: NodeName::new("alpha")?, incarnation: Incarnation::from(0x2a) };
/// let actor = ActorId { node, number: ActorNumber(7) };
/// assert_eq!(actor.to_string(), "alpha#2a/7");
/// # Ok::<(), murmer_wire::NameError>(())
/// ```
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
