//! Whether and when a failed actor begins another life.
//!
//! ```text
//! a life ends ─▶ may it be restarted? ─▶ too often of late? ─▶ wait, twice as long each time ─▶ next life
//! ```
//!
//! [`Restarts`] decides and knows no clock; the actor's task waits.

mod restart;

use core::time::Duration;
use std::collections::VecDeque;

pub use self::restart::Restart;
use crate::StopReason;
use crate::dice::Dice;

/// How an actor is kept alive. Restarting keeps its label, endpoints, mailbox and watches; the state is
/// made anew by its factory.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use murmer::Supervision;
/// use murmer::prelude::*;
///
/// # struct Parser;
/// # impl Actor for Parser { type State = (); }
/// # #[handlers]
/// # impl Parser {
/// #     #[handler]
/// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let patient = Supervision::transient()
///     .limit(10, Duration::from_secs(60))
///     .backoff(Duration::from_millis(50), Duration::from_secs(5));
/// let parser = system.supervise("parser", patient, || (Parser, ()));
/// assert!(matches!(parser.parse("two".into()).await, Err(SendError::Panicked)));
/// assert_eq!(parser.parse("2".into()).await?, 2); // by its next life
/// # Ok(())
/// # }
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
    /// Restarted after such ends, with the default limit and back-off: for a mode that is only known when
    /// the program runs. [`temporary`](Self::temporary) and the other two are short for it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{Restart, Supervision};
    /// # struct Parser;
    /// # impl Actor for Parser { type State = (); }
    /// # #[handlers]
    /// # impl Parser {
    /// #     #[handler]
    /// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (system, is_debugged) = (System::local(), true);
    /// let restart = if is_debugged { Restart::Temporary } else { Restart::Transient };
    /// let parser = system.supervise("parser", Supervision::new(restart).escalate(), || (Parser, ()));
    /// assert!(parser.parse("two".into()).await.is_err());
    /// assert!(matches!(parser.ended().await, StopReason::Panicked(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub const fn new(restart: Restart) -> Self {
        Self {
            restart,
            limit: 5,
            window: Duration::from_secs(30),
            backoff: (Duration::from_millis(100), Duration::from_secs(10)),
            escalates: false,
        }
    }

    /// Never restarted: what a plain start does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Supervision;
    /// # struct Parser;
    /// # impl Actor for Parser { type State = (); }
    /// # #[handlers]
    /// # impl Parser {
    /// #     #[handler]
    /// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let parser = system.supervise("parser", Supervision::temporary(), || (Parser, ()));
    /// assert!(matches!(parser.parse("two".into()).await, Err(SendError::Panicked)));
    /// assert!(matches!(parser.ended().await, StopReason::Panicked(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub const fn temporary() -> Self {
        Self::new(Restart::Temporary)
    }

    /// Restarted after a failure.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Supervision;
    /// # struct Parser;
    /// # impl Actor for Parser { type State = (); }
    /// # #[handlers]
    /// # impl Parser {
    /// #     #[handler]
    /// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let parser = system.supervise("parser", Supervision::transient(), || (Parser, ()));
    /// assert!(matches!(parser.parse("two".into()).await, Err(SendError::Panicked)));
    /// assert_eq!(parser.parse("2".into()).await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub const fn transient() -> Self {
        Self::new(Restart::Transient)
    }

    /// Restarted after a failure, and when it stops itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Supervision;
    /// # struct Counter;
    /// # impl Actor for Counter { type State = u64; }
    /// # #[handlers]
    /// # impl Counter {
    /// #     #[handler]
    /// #     fn next(&mut self, count: &mut u64) -> u64 { *count += 1; *count }
    /// /// A handler of `Counter`.
    /// #[handler]
    /// fn reset(&self, ctx: &ActorContext<Self>) {
    ///     ctx.stop();
    /// }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let counter = system.supervise("counter", Supervision::permanent(), || (Counter, 0));
    /// assert_eq!(counter.next().await?, 1);
    /// counter.reset().await?;
    /// assert_eq!(counter.next().await?, 1); // anew
    /// # Ok(())
    /// # }
    /// ```
    pub const fn permanent() -> Self {
        Self::new(Restart::Permanent)
    }

    /// Gives up when it would be restarted more than `restarts` times within `window`.
    ///
    /// The default, 5 within 30 s, tells a fault that passes from one that stays. 0 never restarts; up to
    /// 1,000, each of which is remembered for a window.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::Supervision;
    /// # struct Parser;
    /// # impl Actor for Parser { type State = (); }
    /// # #[handlers]
    /// # impl Parser {
    /// #     #[handler]
    /// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let once_a_minute = Supervision::transient().limit(1, Duration::from_secs(60));
    /// let parser = system.supervise("parser", once_a_minute, || (Parser, ()));
    /// for _ in 0..2 {
    ///     assert!(parser.parse("two".into()).await.is_err());
    /// }
    /// assert!(matches!(parser.ended().await, StopReason::RestartLimit(_)));
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::Supervision;
    /// # use tokio::time::Instant;
    /// # struct Parser;
    /// # impl Actor for Parser { type State = (); }
    /// # #[handlers]
    /// # impl Parser {
    /// #     #[handler]
    /// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let slowly = Supervision::transient().backoff(Duration::from_secs(4), Duration::from_secs(60));
    /// let parser = system.supervise("parser", slowly, || (Parser, ()));
    /// assert!(parser.parse("two".into()).await.is_err());
    /// let failed_at = Instant::now();
    /// assert_eq!(parser.parse("2".into()).await?, 2);
    /// assert!(failed_at.elapsed() >= Duration::from_secs(2)); // at least half of it
    /// # Ok(())
    /// # }
    /// ```
    pub const fn backoff(mut self, first: Duration, most: Duration) -> Self {
        self.backoff = (first, most);
        self
    }

    /// When it fails for good, its parent fails with it: for parents that are no use without this child.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::Supervision;
    /// # struct Office;
    /// # struct Parser;
    /// # impl Actor for Parser { type State = (); }
    /// # #[handlers]
    /// # impl Parser {
    /// #     #[handler]
    /// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
    /// # }
    /// # impl Actor for Office {
    /// #     type State = ();
    /// /// A hook of `Office`, which can do nothing without its parser.
    /// async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut ()) -> Result<(), StartFailure> {
    ///     ctx.supervise_child(Some("parser"), Supervision::temporary().escalate(), || (Parser, ()));
    ///     Ok(())
    /// }
    /// # }
    /// # #[handlers]
    /// # impl Office {
    /// #     #[handler]
    /// #     fn ready(&self) {}
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let office = system.start("office", Office, ());
    /// # office.ready().await?;
    /// let parser = system.lookup::<Parser>("parser").ok_or("no parser")?;
    /// assert!(parser.parse("two".into()).await.is_err());
    /// assert!(matches!(office.ended().await, StopReason::ChildFailed(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub const fn escalate(mut self) -> Self {
        self.escalates = true;
        self
    }

    /// After which ends the actor is started again.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use murmer::{Restart, Supervision};
    ///
    /// let patient = Supervision::permanent().limit(100, Duration::from_secs(60));
    /// assert_eq!(patient.restart(), Restart::Permanent);
    /// assert_eq!(Supervision::new(patient.restart()).restart(), Restart::Permanent);
    /// ```
    pub const fn restart(&self) -> Restart {
        self.restart
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
    dice: Dice,
    pub(crate) count: u64,
}

impl Restarts {
    pub(crate) const fn new(supervision: Supervision, random_seed: u64) -> Self {
        Self { supervision, recent: VecDeque::new(), failures: 0, dice: Dice::new(random_seed), count: 0 }
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
        let after = longest / 2 + longest.mul_f64(self.dice.share()) / 2;
        Verdict::Restart { after }
    }
}

const RESTARTS_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::Error as ValueError;

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
    fn a_mode_makes_what_its_short_form_does_and_is_read_by_its_name() {
        for (supervision, restart, name) in [
            (Supervision::temporary(), Restart::Temporary, "temporary"),
            (Supervision::transient(), Restart::Transient, "transient"),
            (Supervision::permanent(), Restart::Permanent, "permanent"),
        ] {
            assert_eq!(supervision.restart(), restart);
            assert_eq!(format!("{:?}", Supervision::new(restart)), format!("{supervision:?}"));
            let read: Result<_, ValueError> = Restart::deserialize(name.into_deserializer());
            assert_eq!(read.unwrap(), restart);
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
