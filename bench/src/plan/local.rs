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
    Round { name: "tell", workload: "tell", actors: 1, who: Who::All, quantities: &[rate("tell", 2.5)] },
    Round {
        name: "tell8",
        workload: "tell8",
        actors: 1,
        who: Who::All,
        quantities: &[rate("tell, 8 senders", 1.5)],
    },
    Round {
        name: "ask",
        workload: "ask",
        actors: 1,
        who: Who::All,
        quantities: &[
            Quantity::new("ask, mean", "mean_ns", Unit::Nanoseconds, Target::RatioTo(0.95)),
            Quantity::new("ask, p50", "p50_ns", Unit::Nanoseconds, Target::RatioTo(0.95)),
        ],
    },
    Round {
        name: "idle",
        workload: "idle",
        actors: MANY,
        who: Who::All,
        quantities: &[
            Quantity::new("idle actor, of 100,000", "bytes", Unit::Bytes, Target::UpTo(800.0)),
            Quantity::new("100,000 started", "start_s", Unit::Seconds, Target::Open),
        ],
    },
    Round {
        name: "idle-million",
        workload: "idle",
        actors: MILLION,
        who: Who::NotPeers,
        quantities: &[
            Quantity::new("idle actor, of a million", "bytes", Unit::Bytes, Target::UpTo(800.0)),
            Quantity::new("a million started", "start_s", Unit::Seconds, Target::UpTo(2.0)),
        ],
    },
    Round {
        name: "lookup",
        workload: "lookup",
        actors: MANY,
        who: Who::All,
        quantities: &[find("look-up among 100,000")],
    },
    Round {
        name: "lookup-million",
        workload: "lookup",
        actors: MILLION,
        who: Who::NotPeers,
        quantities: &[find("look-up among a million")],
    },
];

const fn rate(title: &'static str, times_raw: f64) -> Quantity {
    Quantity::new(title, "rate", Unit::MillionsPerSecond, Target::RatioFrom(times_raw))
}

const fn find(title: &'static str) -> Quantity {
    Quantity::new(title, "find_ns", Unit::Nanoseconds, Target::RatioTo(3.0))
}

const MANY: usize = 100_000;
const MILLION: usize = 1_000_000;
