//! What happens between this node's actors and those of others, counted where it happens.
//!
//! Plain numbers: adding to one takes a few nanoseconds, and nobody needs to read them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use murmer_core::{Delivery, SendError};
use murmer_membership::MemberState;
use murmer_node::RefuseReason;

/// Of one node. Rises only.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Asks of other nodes that have ended, as [`Answer`] numbers them.
    answers: [AtomicU64; Answer::ALL.len()],
    /// What senders here were refused.
    refused_here: [AtomicU64; Refusal::ALL.len()],
    /// What senders elsewhere were.
    refused_there: [AtomicU64; Refusal::ALL.len()],
    /// Streams that this node has opened, and those that others have opened to it.
    opened: [AtomicU64; 2],
    /// Those of them that were shed.
    shed: [AtomicU64; 2],
    /// States that members came to.
    changes: [AtomicU64; STATES.len()],
    pub(crate) latency: Latency,
}

/// How an ask of another node has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Answered,
    Never,
    Maybe,
    Handled,
    /// Its asker has stopped waiting: its time was over, or it was dropped.
    GivenUp,
}

/// Why a message was turned away before any handler ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Overloaded,
    TooLarge,
    SchemaMismatch,
    Unreachable,
    Stopped,
}

/// Which end of a stream this node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Asking,
    Serving,
}

/// How many asks have ended how, of those that one look at a stream has settled.
#[derive(Debug, Default)]
pub(crate) struct Settled([u64; Answer::ALL.len()]);

/// How long answers of other nodes take: of one in [`SAMPLED`].
#[derive(Debug, Default)]
pub(crate) struct Latency {
    /// By the first of [`BOUNDS`] that they don't exceed, and last those that exceed all of them.
    buckets: [Bucket; BOUNDS.len() + 1],
    /// Answers since the last one that was looked at.
    skipped: AtomicU64,
}

#[derive(Debug, Default)]
struct Bucket {
    count: AtomicU64,
    nanos: AtomicU64,
}

impl Counters {
    pub(crate) fn settled(&self, settled: &Settled) {
        for (counter, count) in self.answers.iter().zip(settled.0).filter(|(_, count)| *count > 0) {
            add(counter, count);
        }
    }

    pub(crate) fn given_up(&self) {
        add(&self.answers[Answer::GivenUp as usize], 1);
    }

    /// A sender here gets this error although nothing was sent.
    pub(crate) fn refused_here(&self, error: &SendError) {
        if let Some(refusal) = Refusal::of(error) {
            add(&self.refused_here[refusal as usize], 1);
        }
    }

    pub(crate) fn refused_there(&self, reason: RefuseReason) {
        let refusal = match reason {
            RefuseReason::NoActor | RefuseReason::WrongActor => Refusal::Stopped,
            RefuseReason::UnknownMessage | RefuseReason::Malformed => Refusal::SchemaMismatch,
            RefuseReason::Overloaded => Refusal::Overloaded,
            // Its asker has set that limit.
            RefuseReason::Expired => return,
        };
        add(&self.refused_there[refusal as usize], 1);
    }

    pub(crate) fn opened(&self, side: Side) {
        add(&self.opened[side as usize], 1);
    }

    pub(crate) fn shed(&self, side: Side) {
        add(&self.shed[side as usize], 1);
    }

    pub(crate) fn changed(&self, to: MemberState) {
        if let Some(at) = STATES.iter().position(|(state, _)| *state == to) {
            add(&self.changes[at], 1);
        }
    }
}

#[cfg(feature = "metrics")]
impl Counters {
    pub(crate) fn answers(&self) -> impl Iterator<Item = (Answer, u64)> {
        Answer::ALL.into_iter().zip(self.answers.iter().map(read))
    }

    pub(crate) fn refusals(&self, side: Side) -> impl Iterator<Item = (Refusal, u64)> {
        let counters = match side {
            Side::Asking => &self.refused_here,
            Side::Serving => &self.refused_there,
        };
        Refusal::ALL.into_iter().zip(counters.iter().map(read))
    }

    pub(crate) fn streams(&self, side: Side) -> [u64; 2] {
        [read(&self.opened[side as usize]), read(&self.shed[side as usize])]
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        STATES.into_iter().map(|(_, name)| name).zip(self.changes.iter().map(read))
    }
}

impl Settled {
    pub(crate) const fn add(&mut self, answer: Answer) {
        self.0[answer as usize] += 1;
    }
}

impl Latency {
    /// An answer is there; `took` is only asked of those that are looked at.
    pub(crate) fn answered(&self, took: impl FnOnce() -> Duration) {
        // Written by one task as a rule; two at once miss a turn, which does no harm.
        let skipped = self.skipped.load(Ordering::Relaxed) + 1;
        if skipped < SAMPLED {
            return self.skipped.store(skipped, Ordering::Relaxed);
        }
        self.skipped.store(0, Ordering::Relaxed);
        let took = took();
        let bucket = &self.buckets[BOUNDS.partition_point(|bound| *bound < took)];
        add(&bucket.count, 1);
        add(&bucket.nanos, u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Answers in each bucket, and the seconds that they took together.
    #[cfg(feature = "metrics")]
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (u64, f64)> {
        self.buckets.iter().map(|bucket| {
            // In this order: an answer that comes in between is in the sum at most.
            let count = read(&bucket.count);
            (count, Duration::from_nanos(read(&bucket.nanos)).as_secs_f64())
        })
    }
}

impl Answer {
    const ALL: [Self; 5] = [Self::Answered, Self::Never, Self::Maybe, Self::Handled, Self::GivenUp];

    pub(crate) const fn of<T>(result: &Result<T, SendError>) -> Self {
        match result {
            Ok(_) => Self::Answered,
            Err(error) => match error.delivery() {
                Delivery::Never => Self::Never,
                Delivery::Maybe => Self::Maybe,
                Delivery::Handled => Self::Handled,
            },
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Never => "never",
            Self::Maybe => "maybe",
            Self::Handled => "handled",
            Self::GivenUp => "given_up",
        }
    }
}

impl Refusal {
    const ALL: [Self; 5] =
        [Self::Overloaded, Self::TooLarge, Self::SchemaMismatch, Self::Unreachable, Self::Stopped];

    const fn of(error: &SendError) -> Option<Self> {
        match error {
            SendError::Overloaded { .. } => Some(Self::Overloaded),
            SendError::TooLarge { .. } => Some(Self::TooLarge),
            SendError::SchemaMismatch { .. } => Some(Self::SchemaMismatch),
            SendError::Unreachable { .. } => Some(Self::Unreachable),
            SendError::Stopped => Some(Self::Stopped),
            _ => None,
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::TooLarge => "too_large",
            Self::SchemaMismatch => "schema_mismatch",
            Self::Unreachable => "unreachable",
            Self::Stopped => "stopped",
        }
    }
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

#[cfg(feature = "metrics")]
fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// What the states of members are called where they are counted.
pub(crate) const STATES: [(MemberState, &str); 5] = [
    (MemberState::Up, "up"),
    (MemberState::Suspect, "suspect"),
    (MemberState::Unreachable, "unreachable"),
    (MemberState::Down, "down"),
    (MemberState::Left, "left"),
];

/// One answer in so many is looked at: what a look costs is then less than a nanosecond of each.
pub(crate) const SAMPLED: u64 = 8;

/// Answers that take so long at the most are counted together: from a round trip on one machine to the time limit of
/// asks, 2 to 2.5 times apart.
pub(crate) const BOUNDS: [Duration; 17] = [
    Duration::from_micros(100),
    Duration::from_micros(250),
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

#[cfg(test)]
mod tests;
