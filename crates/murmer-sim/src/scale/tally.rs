//! Sets of actors as a number and a hash, and bytes by what they were sent for.

use murmer_wire::ActorId;

use crate::dice::mixed;

/// How many actors, and which: the wrapping sum of their hashes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    count: u64,
    sum: u64,
}

impl Tally {
    /// One more.
    pub fn add(&mut self, id: &ActorId) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash(id));
    }

    /// One less, which was there.
    pub fn remove(&mut self, id: &ActorId) {
        self.count -= 1;
        self.sum = self.sum.wrapping_sub(hash(id));
    }

    /// True if it is `all` without `own`.
    pub fn is_rest_of(&self, all: &Self, own: &Self) -> bool {
        self.count + own.count == all.count && self.sum.wrapping_add(own.sum) == all.sum
    }
}

/// Bytes sent, without what QUIC adds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bytes {
    /// On registry streams.
    pub registry: u64,
    /// In SWIM packets.
    pub swim: u64,
    /// On control streams, handshakes excluded.
    pub control: u64,
}

impl Bytes {
    /// All of it.
    pub const fn sum(self) -> u64 {
        self.registry + self.swim + self.control
    }

    /// What was sent since.
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            registry: self.registry - earlier.registry,
            swim: self.swim - earlier.swim,
            control: self.control - earlier.control,
        }
    }
}

fn hash(id: &ActorId) -> u64 {
    mixed(id.node.incarnation.as_u64().rotate_left(32) ^ id.number.0)
}
