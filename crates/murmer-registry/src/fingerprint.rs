//! A number that stands for a set of records, whatever the order they came in.
//!
//! It finds mistakes, not forgeries: an origin that wants to lie about its own actors can.

use crate::Record;

/// The wrapping sum of the hashes of all records in a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn insert(&mut self, record: &Record) {
        self.0 = self.0.wrapping_add(hash(record));
    }

    pub(crate) fn remove(&mut self, record: &Record) {
        self.0 = self.0.wrapping_sub(hash(record));
    }

    pub(crate) fn as_u64(self) -> u64 {
        self.0
    }
}

fn hash(record: &Record) -> u64 {
    let numbers = [record.number.0, record.lamport];
    let numbers = numbers.iter().flat_map(|number| number.to_le_bytes());
    // 0xff occurs in no UTF-8, so the names can't run into each other.
    let names = record.label.as_str().bytes().chain([0xff]).chain(record.actor_type.as_str().bytes());
    let fnv =
        numbers.chain(names).fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
    mixed(fnv)
}

/// Spreads every bit over all others (the finalizer of SplitMix64): sums of plain FNV-1a would let
/// similar records cancel out.
fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
