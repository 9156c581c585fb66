//! Whether and when a failed actor begins another life.
//!
//! ```text
//! a life ends ─▶ may it be restarted? ─▶ too often of late? ─▶ wait, twice as long each time ─▶ next life
//! ```
//!
//! [`Restarts`] decides and knows no clock; the actor's task waits.

use core::time::Duration;
use std::collections::VecDeque;

use crate::StopReason;

/// After which ends an actor is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Never.
    Temporary,
    /// After a failure: a panic or a failed start-up. Not after a stop.
    Transient,
    /// Also when it stopped of its own accord, by [`ActorContext::stop`](crate::ActorContext::stop). Not
    /// when it was told to by others.
    Permanent,
}

/// How an actor is kept alive. Restarting keeps its label, endpoints, mailbox and watches; the state is
/// made anew by its factory.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use murmer_core::Supervision;
///
/// let patient = Supervision::transient()
///     .limit(10, Duration::from_secs(60))
///     .backoff(Duration::from_millis(50), Duration::from_secs(5));
/// ```
#[derive(Debug, Clone)]
pub struct Supervision {
    restart: Restart,
    limit: usize,
    window: Duration,
    backoff: (Duration, Duration),
    pub(crate) escalates: bool,
}

impl Supervision {
    /// Never restarted: what a plain start does.
    pub const fn temporary() -> Self {
        Self::new(Restart::Temporary)
    }

    /// Restarted after a failure.
    pub const fn transient() -> Self {
        Self::new(Restart::Transient)
    }

    /// Restarted after a failure, and when it stops itself.
    pub const fn permanent() -> Self {
        Self::new(Restart::Permanent)
    }

    pub(crate) const fn restart(&self) -> Restart {
        self.restart
    }

    const fn new(restart: Restart) -> Self {
        Self {
            restart,
            limit: 5,
            window: Duration::from_secs(30),
            backoff: (Duration::from_millis(100), Duration::from_secs(10)),
            escalates: false,
        }
    }

    /// Gives up when it would be restarted more than `restarts` times within `window`.
    ///
    /// The default, 5 within 30 s, tells a fault that passes from one that stays. 0 never restarts; up to
    /// 1,000, each of which is remembered for a window.
    pub const fn limit(mut self, restarts: usize, window: Duration) -> Self {
        self.limit = if restarts > RESTARTS_MAX { RESTARTS_MAX } else { restarts };
        self.window = window;
        self
    }

    /// How long to wait before a restart: `first`, then twice as long after each failure up to `most`, less
    /// up to half of it at random, so that actors that failed together don't come back together.
    ///
    /// Begins anew after a life as long as the window of [`limit`](Self::limit). The default is 100 ms to
    /// 10 s.
    pub const fn backoff(mut self, first: Duration, most: Duration) -> Self {
        self.backoff = (first, most);
        self
    }

    /// When it fails for good, its parent fails with it: for parents that are no use without this child.
    pub const fn escalate(mut self) -> Self {
        self.escalates = true;
        self
    }
}

/// What is to be done about a life that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Restart { after: Duration },
    End(StopReason),
}

/// The lives of one actor so far.
#[derive(Debug)]
pub(crate) struct Restarts {
    supervision: Supervision,
    /// When it was restarted, within the window.
    recent: VecDeque<Duration>,
    /// Failures in a row.
    failures: u32,
    chance: u64,
    pub(crate) count: u64,
}

impl Restarts {
    pub(crate) const fn new(supervision: Supervision, random_seed: u64) -> Self {
        Self { supervision, recent: VecDeque::new(), failures: 0, chance: random_seed, count: 0 }
    }

    /// A life that began at `began_at` has ended at `now`; `by_itself` if nobody else told it to.
    pub(crate) fn next(
        &mut self,
        began_at: Duration,
        now: Duration,
        reason: StopReason,
        by_itself: bool,
    ) -> Verdict {
        let is_wanted = match self.supervision.restart {
            Restart::Temporary => false,
            Restart::Transient => reason.is_failure(),
            Restart::Permanent => reason.is_failure() || (by_itself && reason == StopReason::Stopped),
        };
        if !is_wanted {
            return Verdict::End(reason);
        }
        let window = self.supervision.window;
        while self.recent.front().is_some_and(|at| now.saturating_sub(*at) >= window) {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.supervision.limit {
            return Verdict::End(StopReason::RestartLimit(Box::new(reason)));
        }
        if now.saturating_sub(began_at) >= window {
            self.failures = 0;
        }
        self.recent.push_back(now);
        self.count += 1;
        let (first, most) = self.supervision.backoff;
        let longest = first.saturating_mul(2u32.saturating_pow(self.failures)).min(most);
        self.failures = self.failures.saturating_add(1);
        // Anything between half of it and all.
        let after = longest / 2 + longest.mul_f64(self.share()) / 2;
        Verdict::Restart { after }
    }

    /// From 0 to 1. SplitMix64 (Steele, Lea and Flood, 2014): jitter needs no more.
    const fn share(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

const RESTARTS_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn failed() -> StopReason {
        StopReason::Panicked("on purpose".to_owned())
    }

    #[test]
    fn who_is_restarted_after_what() {
        use StopReason::{Killed, Stopped};
        for (supervision, reason, by_itself, is_restarted) in [
            (Supervision::temporary(), failed(), false, false),
            (Supervision::transient(), failed(), false, true),
            (Supervision::transient(), Stopped, true, false),
            (Supervision::permanent(), failed(), false, true),
            (Supervision::permanent(), Stopped, true, true),
            (Supervision::permanent(), Stopped, false, false),
            (Supervision::permanent(), Killed, false, false),
        ] {
            let shown = format!("{supervision:?} {reason:?} {by_itself}");
            let verdict = Restarts::new(supervision, 1).next(secs(0), secs(1), reason, by_itself);
            assert_eq!(matches!(verdict, Verdict::Restart { .. }), is_restarted, "{shown}");
        }
    }

    #[test]
    fn it_gives_up_at_its_limit_and_not_when_restarts_are_far_apart() {
        let supervision = Supervision::transient().limit(2, secs(10));
        let mut restarts = Restarts::new(supervision.clone(), 1);
        for now in [1, 2] {
            assert!(matches!(restarts.next(secs(0), secs(now), failed(), false), Verdict::Restart { .. }));
        }
        let end = Verdict::End(StopReason::RestartLimit(Box::new(failed())));
        assert_eq!(restarts.next(secs(0), secs(3), failed(), false), end);
        let mut restarts = Restarts::new(supervision, 1);
        for life in 0..100 {
            let verdict = restarts.next(secs(6 * life), secs(6 * life + 6), failed(), false);
            assert!(matches!(verdict, Verdict::Restart { .. }), "{life}");
        }
    }

    #[test]
    fn the_wait_doubles_up_to_its_most_and_begins_anew_after_a_healthy_life() {
        let supervision = Supervision::transient().limit(100, secs(10)).backoff(secs(1), secs(4));
        let mut restarts = Restarts::new(supervision, 1);
        let mut waits = |began_at, now| match restarts.next(secs(began_at), secs(now), failed(), false) {
            Verdict::Restart { after } => after,
            Verdict::End(reason) => panic!("{reason}"),
        };
        for (most, wait) in [(1, waits(0, 0)), (2, waits(0, 1)), (4, waits(1, 2)), (4, waits(2, 3))] {
            assert!(wait >= secs(most) / 2 && wait <= secs(most), "{wait:?} of {most}");
        }
        assert!(waits(3, 13) <= secs(1));
    }

    #[test]
    fn two_that_fail_together_come_back_apart() {
        let wait =
            |seed| Restarts::new(Supervision::transient(), seed).next(secs(0), secs(0), failed(), false);
        assert_ne!(wait(3), wait(5));
    }
}
