//! A map cut into shards with a lock each, so that look-ups don't wait for registrations.

use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash};
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(crate) struct Shards<K, V> {
    hasher: RandomState,
    shards: [RwLock<HashMap<K, V>>; SHARDS],
}

impl<K: Eq + Hash, V: Clone> Shards<K, V> {
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

    fn write<Q: Hash + ?Sized>(&self, key: &Q) -> RwLockWriteGuard<'_, HashMap<K, V>> {
        self.shards[self.index(key)].write().unwrap_or_else(PoisonError::into_inner)
    }

    fn index<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        self.hasher.hash_one(key) as usize % SHARDS
    }
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: core::array::from_fn(|_| RwLock::default()) }
    }
}

/// More than there are cores to contend on most machines; each costs a lock and an empty map.
const SHARDS: usize = 32;
