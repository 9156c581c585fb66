//! Labels in a map cut into shards with a lock each, and nothing behind them.

use std::array;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock};

use anyhow::{Result, bail};
use bench_harness::Subject;

/// For look-ups.
pub struct Map {
    hasher: RandomState,
    shards: [RwLock<HashMap<Box<str>, u64>>; SHARDS],
}

impl Map {
    fn shard(&self, label: &str) -> &RwLock<HashMap<Box<str>, u64>> {
        &self.shards[self.hasher.hash_one(label) as usize % SHARDS]
    }
}

impl Subject for Map {
    type Actor = ();

    fn new() -> Result<Self> {
        Ok(Self { hasher: RandomState::new(), shards: array::from_fn(|_| RwLock::default()) })
    }

    async fn start(&self, label: &str) -> Result<()> {
        self.shard(label).write().unwrap_or_else(PoisonError::into_inner).insert(label.into(), 1);
        Ok(())
    }

    async fn tell(_actor: &(), _number: u64) -> Result<()> {
        bail!("is only looked up")
    }

    async fn ask(_actor: &()) -> Result<u64> {
        bail!("is only looked up")
    }

    fn find(&self, label: &str) -> Result<bool> {
        let shard = self.shard(label).read().unwrap_or_else(PoisonError::into_inner);
        Ok(shard.get(label).copied().is_some())
    }
}

const SHARDS: usize = 32;
