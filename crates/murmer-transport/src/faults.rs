//! What a network may do to packets: the same words for the one in memory and the one of real sockets.

use std::time::Duration;

use crate::dice::Dice;

/// What happens to every packet of a [`MemNetwork`](crate::MemNetwork) or a [`QuicNetwork`](crate::QuicNetwork).
/// Nothing by default; what is out of range is taken as the nearest that is not.
///
/// # Examples
///
/// ```
/// use murmer_transport::{Faults, MemNetwork};
/// use std::time::Duration;
///
/// let network = MemNetwork::new(4711); // the seed decides all dice
/// let bad_line = Faults { delay: Duration::from_millis(20), loss: 0.05, ..Faults::default() };
/// network.set_faults(bad_line);
/// // …
/// network.set_faults(Faults::default());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Faults {
    /// How long a packet takes. Up to a minute.
    pub delay: Duration,
    /// How much longer it may take, by the dice: up to so much, a minute at most. So packets overtake each other.
    pub jitter: Duration,
    /// The share of packets that are lost, 0 to 1.
    pub loss: f64,
    /// The share of packets that arrive twice, 0 to 1.
    pub duplication: f64,
    /// Bytes per second that pass from one address to another, 1,000 at least; `None` is without limit. What
    /// finds 64 KiB waiting before it is lost.
    pub bandwidth: Option<u64>,
}

impl Faults {
    pub(crate) fn in_range(self) -> Self {
        let minute = Duration::from_secs(60);
        Self {
            delay: self.delay.min(minute),
            jitter: self.jitter.min(minute),
            loss: self.loss.clamp(0.0, 1.0),
            duplication: self.duplication.clamp(0.0, 1.0),
            bandwidth: self.bandwidth.map(|bytes| bytes.max(1_000)),
        }
    }

    /// The average.
    pub(crate) fn round_trip(&self) -> Duration {
        2 * self.delay + self.jitter
    }

    pub(crate) fn loses(&self, dice: &mut Dice) -> bool {
        self.loss > 0.0 && dice.share() < self.loss
    }

    pub(crate) fn duplicates(&self, dice: &mut Dice) -> bool {
        self.duplication > 0.0 && dice.share() < self.duplication
    }

    /// How long one packet takes.
    pub(crate) fn travel(&self, dice: &mut Dice) -> Duration {
        if self.jitter.is_zero() { self.delay } else { self.delay + self.jitter.mul_f64(dice.share()) }
    }
}
