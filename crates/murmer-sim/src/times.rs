//! What the driver of a real node, or the world, has for times.

use std::time::Duration;

/// From the first packet to being let in.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a connection may be silent, its keep-alives included.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a connection that lost against another goes on.
pub(crate) const DUPLICATE_FOR: Duration = Duration::from_millis(250);
/// Some day of our time, in milliseconds since 1970.
pub(crate) const EPOCH_MS: u64 = 1_750_000_000_000;
