//! A point in time in eight bytes, for what waits by the million.

use core::num::NonZeroI64;
use std::sync::OnceLock;

use tokio::time::Instant;

/// When nobody waits for an answer any more: nanoseconds from a point that the process has picked. Three
/// hundred years either way, which is without end for an ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline(NonZeroI64);

impl Deadline {
    /// None for a point that is further away than any ask waits.
    pub(crate) fn new(at: Instant) -> Option<Self> {
        let epoch = epoch();
        let nanos = match at.checked_duration_since(epoch) {
            Some(after) => i64::try_from(after.as_nanos()).ok()?,
            // Clocks of tests stand still, and this one may have been stopped before the epoch.
            None => -i64::try_from(epoch.duration_since(at).as_nanos()).ok()?,
        };
        Some(Self(NonZeroI64::new(nanos).unwrap_or(NonZeroI64::MIN)))
    }

    pub(crate) fn at(self) -> Instant {
        let span = core::time::Duration::from_nanos(self.0.get().unsigned_abs());
        if self.0 == NonZeroI64::MIN {
            epoch()
        } else if self.0.get() > 0 {
            epoch() + span
        } else {
            epoch() - span
        }
    }
}

fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[test]
    fn a_point_in_time_comes_back_as_it_was() {
        let epoch = epoch();
        let span = Duration::from_secs(3);
        for at in [epoch, epoch + span, epoch - span, epoch + Duration::from_nanos(1)] {
            assert_eq!(Deadline::new(at).map(Deadline::at), Some(at));
        }
        assert_eq!(Deadline::new(epoch + Duration::from_secs(400 * 365 * 86_400)), None);
    }
}
