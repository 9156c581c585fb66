//! Rendezvous hashing: for each key every routee has a weight, and the heaviest gets it.
//!
//! When a routee goes, only its keys move, to those that were second; when one comes, it takes only those
//! for which it is the heaviest: one in n either way. Source: Thaler & Ravishankar, "Using name-based mappings
//! to increase hit rates", IEEE/ACM Transactions on Networking 6(1), 1998.
//!
//! Hashes are the same in every process, so that nodes which see the same routees choose the same ones.

use core::hash::{Hash, Hasher};

use crate::dice::mix;

/// How much routee `seat` wants `key`, both hashes of [`hash`].
pub(super) const fn weight(key: u64, seat: u64) -> u64 {
    mix(key ^ seat)
}

/// The same in every process and on every machine, as far as `value` feeds the hasher the same.
pub(super) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = Stable(FNV_OFFSET);
    value.hash(&mut hasher);
    hasher.finish()
}

/// FNV-1a, 64 bits, mixed at the end. Source: draft-eastlake-fnv. The standard library's hasher may differ
/// from one release to the next.
struct Stable(u64);

impl Hasher for Stable {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
        }
    }

    fn write_u16(&mut self, number: u16) {
        self.write(&number.to_le_bytes());
    }

    fn write_u32(&mut self, number: u32) {
        self.write(&number.to_le_bytes());
    }

    fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    fn write_u128(&mut self, number: u128) {
        self.write(&number.to_le_bytes());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        mix(self.0)
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::{FNV_OFFSET, Stable, hash, weight};
    use core::hash::Hasher;

    const KEYS: u64 = 10_000;

    fn seats(n: u64) -> Vec<u64> {
        (0..n).map(|seat| hash(&("node", format!("worker/{seat}")))).collect()
    }

    fn heaviest(key: u64, seats: &[u64]) -> u64 {
        let key = hash(&key);
        *seats.iter().max_by_key(|seat| weight(key, **seat)).unwrap()
    }

    #[test]
    fn each_routee_gets_its_share_of_the_keys() {
        for n in [2, 3, 10, 50] {
            let seats = seats(n);
            for seat in &seats {
                let share = (0..KEYS).filter(|key| heaviest(*key, &seats) == *seat).count() as u64;
                let fair = KEYS / n;
                assert!(share.abs_diff(fair) < fair / 3, "{share} of {KEYS} keys among {n}");
            }
        }
    }

    #[test]
    fn when_a_routee_comes_or_goes_only_its_own_keys_move() {
        for n in [2, 3, 10, 50] {
            let (all, mut fewer) = (seats(n), seats(n));
            let gone = fewer.swap_remove(n as usize / 2);
            let mut moved = 0;
            for key in 0..KEYS {
                let (before, after) = (heaviest(key, &all), heaviest(key, &fewer));
                assert_eq!(before != after, before == gone, "key {key} among {n}");
                moved += u64::from(before != after);
            }
            let fair = KEYS / n;
            assert!(moved.abs_diff(fair) < fair / 3, "{moved} of {KEYS} keys moved among {n}");
        }
    }

    #[test]
    fn hashes_are_the_same_everywhere() {
        let mut hasher = Stable(FNV_OFFSET);
        hasher.write(b"foobar");
        assert_eq!(hasher.0, 0x8594_4171_f739_67e8, "the test vector of FNV-1a");
        assert_eq!(hash("a"), hash(&String::from("a")));
        assert_eq!(hash(&7usize), hash(&7u64));
        assert_ne!(hash(&("ab", "c")), hash(&("a", "bc")));
    }
}
