//! How a registry is doing, in figures for whoever operates the node.

use crate::Counters;

/// See [`Registry::stats`](crate::Registry::stats).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegistryStats {
    /// The last position of our log: how many changes there have been.
    pub head: u64,
    /// How many of our actors others are told of.
    pub live: u64,
    /// Changes that are kept for those who are not far behind.
    pub kept_ops: u64,
    /// And how many bytes these take, encoded, at the most.
    pub kept_bytes: u64,
    /// What should happen rarely.
    pub counters: Counters,
}

/// How far a linked peer's registry and ours are apart. See [`Registry::lag`](crate::Registry::lag).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lag {
    /// How many changes of ours the peer has not said that it holds.
    pub unheard: u64,
    /// How many changes of the peer's are known to exist and are not applied here.
    pub missing: u64,
    /// All that the peer had registered when the link began is applied, and nothing that it said of its log since is
    /// missing or doubted.
    pub is_synced: bool,
}
