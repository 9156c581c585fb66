//! What a sender does after its stream was shed: it waits, and then tries with one message.
//!
//! The actor took nothing for long, or too many others didn't. Sent again at once, messages would cross the network
//! for nothing, again and again, and take from those that are taken: senders are to be slowed, not their neighbours.

use std::time::Duration;

/// Of one actor on another node.
#[derive(Debug, Default)]
pub(super) enum Shed {
    /// Messages are taken, as far as is known.
    #[default]
    No,
    /// Nothing is sent until then.
    Waits { until: Duration, pause: Duration },
    /// One message is under way, in a stream of its own, until the actor's mailbox takes it.
    Tries { pause: Duration },
}

impl Shed {
    /// A stream was shed; returns until when nothing is to be sent.
    pub(super) fn shed(&mut self, now: Duration) -> Duration {
        let pause = match self {
            Self::No => PAUSE_MIN,
            Self::Waits { until, .. } => return *until,
            Self::Tries { pause } => pause.saturating_mul(2).min(PAUSE_MAX),
        };
        let until = now.saturating_add(pause);
        *self = Self::Waits { until, pause };
        until
    }

    /// Whether a stream may be opened.
    pub(super) fn may_open(&mut self, now: Duration) -> bool {
        match self {
            Self::Waits { until, .. } if now < *until => false,
            Self::Waits { pause, .. } => {
                *self = Self::Tries { pause: *pause };
                true
            }
            Self::No | Self::Tries { .. } => true,
        }
    }

    /// Whether a message may be written into the open stream, of whose messages some `is_written` or even
    /// `is_accepted`.
    pub(super) fn may_write(&mut self, is_written: bool, is_accepted: bool) -> bool {
        if is_accepted {
            *self = Self::No;
        }
        !is_written || matches!(self, Self::No)
    }
}

/// A mailbox may have been full for a moment.
const PAUSE_MIN: Duration = Duration::from_millis(500);
/// As long as senders wait for room, unless told otherwise.
const PAUSE_MAX: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn pauses_grow_while_nothing_is_taken_and_are_forgotten_when_something_is() {
        let mut shed = Shed::default();
        assert!(shed.may_open(at(0)) && shed.may_write(true, false), "nothing was shed");
        let mut now = at(0);
        for pause in [500, 1_000, 2_000, 4_000, 5_000, 5_000] {
            let until = shed.shed(now);
            assert_eq!(until, now + at(pause));
            assert_eq!(shed.shed(now), until, "a second stream that ends is no second refusal");
            assert!(!shed.may_open(until - at(1)) && shed.may_open(until));
            assert!(shed.may_write(false, false) && !shed.may_write(true, false), "one message");
            now = until;
        }
        assert!(shed.may_write(true, true) && shed.may_write(true, false));
        assert_eq!(shed.shed(now), now + at(500));
    }
}
