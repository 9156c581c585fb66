//! When to dial again: eagerly for ten minutes, patiently for a day, then never again.
//!
//! Doesn't know whom.

use core::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// What is to become of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing to do.
    Idle,
    /// To be dialed then.
    At(Duration),
    /// Being dialed, or being let in. If nothing has come of it by then, it is dialed again.
    UnderWay(Duration),
}

impl Plan {
    pub(super) const fn at(self) -> Option<Duration> {
        match self {
            Self::At(at) | Self::UnderWay(at) => Some(at),
            Self::Idle => None,
        }
    }

    pub(super) fn is_due(self, now: Duration) -> bool {
        self.at().is_some_and(|at| at <= now)
    }

    /// The same, but not to be dialed before `at`.
    pub(super) fn not_before(self, at: Duration) -> Self {
        match self {
            Self::At(planned) => Self::At(planned.max(at)),
            Self::Idle | Self::UnderWay(_) => self,
        }
    }
}

/// Since when a target is looked for, and in what hurry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    since: Duration,
    /// For how long eagerly.
    hurry: Duration,
}

impl Pace {
    pub(super) const fn eager(since: Duration) -> Self {
        Self { since, hurry: EAGER_FOR }
    }

    /// For what has left: mostly to be replaced at once, else for good.
    pub(super) const fn brief(since: Duration) -> Self {
        Self { since, hurry: BRIEF_FOR }
    }

    pub(super) const fn patient(since: Duration) -> Self {
        Self { since, hurry: Duration::ZERO }
    }

    /// Whether it differs in more than when it began.
    pub(super) fn is_like(self, other: Self) -> bool {
        self.hurry == other.hurry
    }

    /// The next dial of a seed, or of a member that is down.
    pub(super) fn next(self, now: Duration, jitter: &mut Jitter) -> Plan {
        self.next_within(now, EAGER_EVERY, jitter)
    }

    /// The same, for a target that has its own times to be dialed eagerly.
    pub(super) fn next_within(
        self,
        now: Duration,
        eager_every: (Duration, Duration),
        jitter: &mut Jitter,
    ) -> Plan {
        match now.saturating_sub(self.since) {
            age if age >= PATIENT_FOR => Plan::Idle,
            age if age < self.hurry => Plan::At(now + jitter.within(eager_every)),
            _ => Plan::At(now + jitter.within(PATIENT_EVERY)),
        }
    }
}

/// Keeps dials of many nodes apart.
#[derive(Debug)]
pub(super) struct Jitter(ChaCha8Rng);

impl Jitter {
    pub(super) fn new(random_seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(random_seed))
    }

    pub(super) fn within(&mut self, (from, to): (Duration, Duration)) -> Duration {
        let span = to.saturating_sub(from).as_micros() as u64;
        from + Duration::from_micros(self.0.random_range(0..=span))
    }

    /// One of `count` that are alike, of which there is at least one.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0.random_range(0..count)
    }
}

/// Seeds, and members that are down: between two dials.
pub(super) const EAGER_EVERY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));
const EAGER_FOR: Duration = Duration::from_secs(600);
const BRIEF_FOR: Duration = Duration::from_secs(60);
/// Half a minute, but not the same one for all nodes that lost the same member.
const PATIENT_EVERY: (Duration, Duration) = (Duration::from_secs(25), Duration::from_secs(35));
const PATIENT_FOR: Duration = Duration::from_secs(24 * 3_600);
