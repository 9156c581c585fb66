//! Actors within one process.

use super::{Quantity, Round, Suite, Target, Unit, Who};
use crate::subject::Subject;

pub(super) const SUITE: Suite = Suite {
    name: "local",
    rounds: &ROUNDS,
    subjects: &[
        Subject::Raw,
        Subject::Murmer,
        Subject::Kameo,
        Subject::Ractor,
        Subject::Actix,
        Subject::Released,
    ],
};

const ROUNDS: [Round; 7] = [
    all("tell", 1, &[rate("tell", 2.5)]),
    all("tell8", 1, &[rate("tell, 8 senders", 1.5)]),
    all(
        "ask",
        1,
        &[
            Quantity::new("ask, mean", "mean_ns", Unit::Nanoseconds, Target::RatioTo(0.95)),
            Quantity::new("ask, p50", "p50_ns", Unit::Nanoseconds, Target::RatioTo(0.95)),
        ],
    ),
    all(
        "idle",
        MANY,
        &[
            Quantity::new("idle actor, of 100,000", "bytes", Unit::Bytes, Target::UpTo(800.0)),
            Quantity::new("100,000 started", "start_s", Unit::Seconds, Target::Open),
        ],
    ),
    not_peers(
        "idle-million",
        "idle",
        &[
            Quantity::new("idle actor, of a million", "bytes", Unit::Bytes, Target::UpTo(800.0)),
            Quantity::new("a million started", "start_s", Unit::Seconds, Target::UpTo(2.0)),
        ],
    ),
    all("lookup", MANY, &[find("look-up among 100,000")]),
    not_peers("lookup-million", "lookup", &[find("look-up among a million")]),
];

const fn all(workload: &'static str, actors: usize, quantities: &'static [Quantity]) -> Round {
    Round { name: workload, workload, actors, who: Who::All, mtu: None, quantities, costs: &[] }
}

const fn not_peers(name: &'static str, workload: &'static str, quantities: &'static [Quantity]) -> Round {
    Round { name, who: Who::NotPeers, ..all(workload, MILLION, quantities) }
}

const fn rate(title: &'static str, times_raw: f64) -> Quantity {
    Quantity::new(title, "rate", Unit::MillionsPerSecond, Target::RatioFrom(times_raw))
}

const fn find(title: &'static str) -> Quantity {
    Quantity::new(title, "find_ns", Unit::Nanoseconds, Target::RatioTo(3.0))
}

const MANY: usize = 100_000;
const MILLION: usize = 1_000_000;
