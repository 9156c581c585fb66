//! The line from one address to another, as narrow as the faults make it.

use std::time::Duration;

use tokio::time::Instant;

/// When the line is free again.
#[derive(Debug, Default)]
pub(crate) struct Line {
    busy_until: Option<Instant>,
}

impl Line {
    /// When the last of `len` bytes that come now are on their way.
    pub(crate) fn pass(&mut self, now: Instant, len: usize, bandwidth: Option<u64>) -> Instant {
        let Some(bandwidth) = bandwidth else {
            self.busy_until = None;
            return now;
        };
        let begins_at = self.busy_until.map_or(now, |at| at.max(now));
        let ends_at = begins_at + Duration::from_secs_f64(len as f64 / bandwidth as f64);
        self.busy_until = Some(ends_at);
        ends_at
    }

    /// The same, unless too much waits already.
    pub(crate) fn pass_or_drop(
        &mut self,
        now: Instant,
        len: usize,
        bandwidth: Option<u64>,
    ) -> Option<Instant> {
        let waits = self.busy_until.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        let is_full =
            bandwidth.is_some_and(|bandwidth| waits.as_secs_f64() * bandwidth as f64 > WAITING_BYTES_MAX);
        (!is_full).then(|| self.pass(now, len, bandwidth))
    }

    pub(crate) fn is_free(&self, now: Instant) -> bool {
        self.busy_until.is_none_or(|at| at <= now)
    }
}

/// As much as the queue of a small router.
const WAITING_BYTES_MAX: f64 = 65_536.0;
