//! What is measured: suites of rounds, what comes out of each, and what murmer is to reach.

mod local;
mod remote;

use crate::subject::Subject;

/// Rounds that go into one table.
#[derive(Debug)]
pub(crate) struct Suite {
    /// As the command line has it.
    pub(crate) name: &'static str,
    pub(crate) rounds: &'static [Round],
    /// What ratios are taken to first, then murmer, then all others.
    pub(crate) subjects: &'static [Subject],
}

/// One workload at one size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) name: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) actors: usize,
    pub(crate) who: Who,
    /// The largest datagram, in bytes of UDP payload; as each subject has it, if `None`.
    pub(crate) mtu: Option<u16>,
    pub(crate) quantities: &'static [Quantity],
    /// What an operation takes to be done, for a table of its own.
    pub(crate) costs: &'static [Quantity],
}

/// Who takes part in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    All,
    /// Some peers need eight kilobytes an actor, or forty seconds for a million: they are compared at a
    /// hundred thousand. Left out of quick runs.
    NotPeers,
    /// What has one stream has no thousand actors.
    NotRaw,
    /// Whoever can be told how large a datagram may be.
    WithMtu,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Quantity {
    /// As the row is called.
    pub(crate) title: &'static str,
    /// As the subject's program calls it.
    pub(crate) figure: &'static str,
    pub(crate) unit: Unit,
    pub(crate) target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    MillionsPerSecond,
    ThousandsPerSecond,
    MegabytesPerSecond,
    Nanoseconds,
    Microseconds,
    Bytes,
    Seconds,
    Actors,
    Packets,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// At least so many times what raw does.
    RatioFrom(f64),
    /// At most so many times what raw takes.
    RatioTo(f64),
    /// At least so many times what murmer itself does in the round of that name, for which raw has no
    /// counterpart.
    OwnRatioFrom(f64, &'static str),
    /// At least so many times what raw does in the round of that name.
    RatioFromIn(f64, &'static str),
    /// At most so much, whatever raw takes.
    UpTo(f64),
    /// At least so much.
    From(f64),
    /// Measured to be seen.
    Open,
}

impl Suite {
    pub(crate) const ALL: [Self; 2] = [local::SUITE, remote::SUITE];

    /// What ratios are taken to.
    pub(crate) const fn raw(&self) -> Subject {
        self.subjects[0]
    }

    pub(crate) const fn murmer(&self) -> Subject {
        self.subjects[1]
    }
}

impl Round {
    pub(crate) fn has(&self, subject: Subject) -> bool {
        match self.who {
            Who::All => true,
            Who::NotPeers => !subject.is_peer(),
            Who::NotRaw => !subject.is_raw(),
            Who::WithMtu => subject.takes_mtu(),
        }
    }

    pub(crate) fn is_long(&self) -> bool {
        self.who == Who::NotPeers
    }
}

impl Quantity {
    const fn new(title: &'static str, figure: &'static str, unit: Unit, target: Target) -> Self {
        Self { title, figure, unit, target }
    }
}
