//! A map cut into shards with a lock each, so that look-ups don't wait for registrations.

use core::borrow::Borrow;
use core::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(crate) struct Shards<K, V, S = RandomState> {
    shards: [RwLock<HashMap<K, V, S>>; SHARDS],
}

/// One whose keys are counted up here, so that nobody outside can choose them.
pub(crate) type Numbered<K, V> = Shards<K, V, BuildHasherDefault<Mixer>>;

impl<K: Eq + Hash, V: Clone, S: BuildHasher> Shards<K, V, S> {
    /// Puts `value` under `key` unless something is there; returns what is.
    pub(crate) fn insert_new(&self, key: K, value: V) -> Option<V> {
        match self.write(&key).entry(key) {
            Entry::Occupied(taken) => Some(taken.get().clone()),
            Entry::Vacant(free) => {
                free.insert(value);
                None
            }
        }
    }

    /// Takes out what is under `key` if `is_it` says so.
    pub(crate) fn remove_if<Q>(&self, key: &Q, is_it: impl FnOnce(&V) -> bool) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut shard = self.write(key);
        if is_it(shard.get(key)?) { shard.remove(key) } else { None }
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.shards[self.index(key)].read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Copies of all values, shard by shard: what comes or goes meanwhile may be among them or not.
    pub(crate) fn values(&self) -> Vec<V> {
        let mut values = Vec::new();
        for shard in &self.shards {
            let shard: RwLockReadGuard<'_, _> = shard.read().unwrap_or_else(PoisonError::into_inner);
            values.extend(shard.values().cloned());
        }
        values
    }

    /// Shows all entries, shard by shard, as [`values`](Self::values) does. `show` must not come back here.
    pub(crate) fn for_each(&self, mut show: impl FnMut(&K, &V)) {
        for shard in &self.shards {
            shard
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .for_each(|(key, value)| show(key, value));
        }
    }

    fn write<Q: Hash + ?Sized>(&self, key: &Q) -> RwLockWriteGuard<'_, HashMap<K, V, S>> {
        self.shards[self.index(key)].write().unwrap_or_else(PoisonError::into_inner)
    }

    fn index<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // Whoever chooses labels so that all are in one shard gains nothing but a wait at its lock.
        let hash = BuildHasherDefault::<Mixer>::default().hash_one(key);
        // Bits that the maps themselves have little use for.
        (hash >> 32) as usize % SHARDS
    }
}

impl<K, V, S: Default> Default for Shards<K, V, S> {
    fn default() -> Self {
        Self { shards: core::array::from_fn(|_| RwLock::default()) }
    }
}

/// Spreads what nobody chose to collide: one multiplication for eight bytes (Knuth, "The Art of Computer
/// Programming", volume 3, section 6.4), where a hash that withstands attackers takes dozens of steps.
#[derive(Debug, Default)]
pub(crate) struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0.rotate_left(5) ^ word).wrapping_mul(GOLDEN);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The golden ratio of 2^64, which spreads numbers that follow each other.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// More than there are cores to contend on most machines; each costs a lock and an empty map.
const SHARDS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_labels_that_follow_each_other_are_spread_over_all_shards() {
        let numbers = Numbered::<u64, ()>::default();
        let labels = Shards::<String, ()>::default();
        for number in 0..64_000 {
            numbers.insert_new(number, ());
            labels.insert_new(format!("actor/{number:07}"), ());
        }
        let sizes = |at: usize| {
            let numbers = numbers.shards[at].read().unwrap().len();
            [numbers, labels.shards[at].read().unwrap().len()]
        };
        for size in (0..SHARDS).flat_map(sizes) {
            assert!((1_500..2_500).contains(&size), "{size} of 2,000");
        }
    }
}
