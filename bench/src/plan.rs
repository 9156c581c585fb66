//! What is measured: the rounds, what comes out of each, and what murmer is to reach.

use crate::subject::Subject;

/// One workload at one size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) name: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) actors: usize,
    pub(crate) quantities: &'static [Quantity],
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
    Nanoseconds,
    Bytes,
    Seconds,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// At least so many times what raw does.
    RatioFrom(f64),
    /// At most so many times what raw takes.
    RatioTo(f64),
    /// At most so much, whatever raw takes.
    UpTo(f64),
    /// Measured to be seen.
    Open,
}

impl Round {
    /// Some peers need eight kilobytes an actor, or forty seconds for a million: they are compared at
    /// a hundred thousand.
    pub(crate) fn has(&self, subject: Subject) -> bool {
        !self.is_long() || !subject.is_peer()
    }

    pub(crate) const fn is_long(&self) -> bool {
        self.actors > MANY
    }
}

pub(crate) const ROUNDS: [Round; 7] = [
    Round { name: "tell", workload: "tell", actors: 1, quantities: &[rate("tell", 2.5)] },
    Round { name: "tell8", workload: "tell8", actors: 1, quantities: &[rate("tell, 8 senders", 1.5)] },
    Round {
        name: "ask",
        workload: "ask",
        actors: 1,
        quantities: &[
            Quantity::new("ask, mean", "mean_ns", Unit::Nanoseconds, Target::RatioTo(0.95)),
            Quantity::new("ask, p50", "p50_ns", Unit::Nanoseconds, Target::RatioTo(0.95)),
        ],
    },
    Round {
        name: "idle",
        workload: "idle",
        actors: MANY,
        quantities: &[
            Quantity::new("idle actor, of 100,000", "bytes", Unit::Bytes, Target::UpTo(800.0)),
            Quantity::new("100,000 started", "start_s", Unit::Seconds, Target::Open),
        ],
    },
    Round {
        name: "idle-million",
        workload: "idle",
        actors: MILLION,
        quantities: &[
            Quantity::new("idle actor, of a million", "bytes", Unit::Bytes, Target::UpTo(800.0)),
            Quantity::new("a million started", "start_s", Unit::Seconds, Target::UpTo(2.0)),
        ],
    },
    Round { name: "lookup", workload: "lookup", actors: MANY, quantities: &[find("look-up among 100,000")] },
    Round {
        name: "lookup-million",
        workload: "lookup",
        actors: MILLION,
        quantities: &[find("look-up among a million")],
    },
];

const fn rate(title: &'static str, times_raw: f64) -> Quantity {
    Quantity::new(title, "rate", Unit::MillionsPerSecond, Target::RatioFrom(times_raw))
}

const fn find(title: &'static str) -> Quantity {
    Quantity::new(title, "find_ns", Unit::Nanoseconds, Target::RatioTo(3.0))
}

impl Quantity {
    const fn new(title: &'static str, figure: &'static str, unit: Unit, target: Target) -> Self {
        Self { title, figure, unit, target }
    }
}

const MANY: usize = 100_000;
const MILLION: usize = 1_000_000;
