//! The settings of a registry.

use core::time::Duration;

/// How a [`Registry`](crate::Registry) batches, remembers and paces.
///
/// All nodes of a cluster may differ in these; none changes what is agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryConfig {
    /// How long a change may wait for company, unless 256 changes or 32 KiB wait already. The first
    /// change after a quiet spell never waits.
    ///
    /// 0 to 50 ms. The default of 5 ms is a tenth of the time in which a registration should be
    /// visible elsewhere.
    pub batch_after: Duration,
    /// How long an applied change may go unacknowledged, unless 256 have been applied.
    ///
    /// 10 ms to 1 s. The default of 50 ms keeps a window of 4,096 changes from ever being the brake
    /// on a LAN.
    pub ack_after: Duration,
    /// How often each peer is told what it should hold by now.
    ///
    /// 1 s to 5 min. The default of 10 s costs a 100-node cluster 0.4 KB/s per node.
    pub digest_every: Duration,
    /// How many changes are kept for peers that missed them; beyond it they get a snapshot.
    ///
    /// The default of 65,536 is a minute at 1,000 changes a second.
    pub ring_ops_max: usize,
    /// The same limit in bytes; the default is 8 MiB.
    pub ring_bytes_max: usize,
    /// How far the ring may grow, in bytes, for the sake of a peer that is being sent a snapshot.
    ///
    /// At least `ring_bytes_max`; the default is 64 MiB. A peer that is slower than this starts over.
    pub pinned_bytes_max: usize,
    /// How many changes a peer may be sent ahead of its acknowledgement; at least 1, by default 4,096.
    pub window_ops_max: usize,
    /// The same limit in bytes, for changes and for chunks of a snapshot; 1 MiB by default. One
    /// message is always let through.
    pub window_bytes_max: usize,
    /// How large one chunk of a snapshot may be, in bytes.
    ///
    /// 1 to 256 KiB, well below the largest frame; the default of 64 KiB lets a chunk be acknowledged
    /// while the next ones are under way.
    pub chunk_bytes_max: usize,
}

impl Default for RegistryConfig {
    fn default() -> Self {
        Self {
            batch_after: Duration::from_millis(5),
            ack_after: Duration::from_millis(50),
            digest_every: Duration::from_secs(10),
            ring_ops_max: 65_536,
            ring_bytes_max: 8 << 20,
            pinned_bytes_max: 64 << 20,
            window_ops_max: 4_096,
            window_bytes_max: 1 << 20,
            chunk_bytes_max: 64 << 10,
        }
    }
}
