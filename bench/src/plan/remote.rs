//! Two processes on one machine. The targets are those of the issue that asked for this table.

use super::{Quantity, Round, Suite, Target, Unit, Who};
use crate::subject::Subject;

pub(super) const SUITE: Suite = Suite {
    name: "remote",
    rounds: &ROUNDS,
    subjects: &[
        Subject::RemoteQuic,
        Subject::RemoteMurmer,
        Subject::RemoteQuicThread,
        Subject::RemoteTcp,
        Subject::RemoteReleased,
        Subject::RemoteRactor,
        Subject::RemoteKameo,
    ],
};

const ROUNDS: [Round; 11] = [
    one_actor(
        "ask1",
        &[
            Quantity::new("one ask at a time, p50", "p50_ns", Unit::Microseconds, Target::RatioTo(1.05)),
            Quantity::new("the same, p99", "p99_ns", Unit::Microseconds, Target::Open),
        ],
    ),
    one_actor("ask64", &[asks("64 asks in flight", Target::RatioFrom(1.2))]),
    one_actor("ask512", &[asks("512 asks in flight", Target::RatioFrom(1.5))]),
    Round {
        costs: &COSTS,
        ..actors(
            "ask512x1000",
            1_000,
            &[asks("512 asks over 1,000 actors", Target::OwnRatioFrom(0.5, "ask512"))],
        )
    },
    one_actor("tell", &[Quantity::new("tells", "rate", Unit::ThousandsPerSecond, Target::RatioFrom(0.6))]),
    one_actor("payload64k", &[payload("64 KiB payloads", Target::RatioFrom(0.95))]),
    one_actor("payload1m", &[payload("1 MiB payloads", Target::RatioFrom(0.95))]),
    jumbo(
        "payload64k-jumbo",
        "payload64k",
        &[payload("64 KiB payloads, MTU 6,000", Target::RatioFromIn(1.8, "payload64k"))],
    ),
    jumbo(
        "payload1m-jumbo",
        "payload1m",
        &[payload("1 MiB payloads, MTU 6,000", Target::RatioFromIn(1.8, "payload1m"))],
    ),
    actors(
        "appear",
        MANY,
        &[
            Quantity::new("10,000 appear and answer", "all_s", Unit::Seconds, Target::UpTo(0.1)),
            Quantity::new("of them answered", "answered", Unit::Actors, Target::From(MANY as f64)),
        ],
    ),
    actors(
        "known",
        MANY,
        &[
            Quantity::new("known actor, here", "here_bytes", Unit::Bytes, Target::UpTo(500.0)),
            Quantity::new("the same, at its host", "there_bytes", Unit::Bytes, Target::Open),
            Quantity::new("once asked, here", "here_asked_bytes", Unit::Bytes, Target::Open),
            Quantity::new("the same, at its host", "there_asked_bytes", Unit::Bytes, Target::Open),
        ],
    ),
];

const COSTS: [Quantity; 3] = [
    Quantity::new("CPU of both", "cpu_ns", Unit::Microseconds, Target::Open),
    Quantity::new("CPU of the client", "cpu_client_ns", Unit::Microseconds, Target::Open),
    Quantity::new("packets of both", "packets", Unit::Packets, Target::Open),
];

const fn one_actor(name: &'static str, quantities: &'static [Quantity]) -> Round {
    Round { name, workload: name, actors: 1, who: Who::All, mtu: None, quantities, costs: &COSTS }
}

const fn actors(name: &'static str, actors: usize, quantities: &'static [Quantity]) -> Round {
    Round { actors, who: Who::NotRaw, costs: &[], ..one_actor(name, quantities) }
}

const fn jumbo(name: &'static str, workload: &'static str, quantities: &'static [Quantity]) -> Round {
    Round { workload, who: Who::WithMtu, mtu: Some(JUMBO_BYTES), ..one_actor(name, quantities) }
}

const fn asks(title: &'static str, target: Target) -> Quantity {
    Quantity::new(title, "rate", Unit::ThousandsPerSecond, target)
}

const fn payload(title: &'static str, target: Target) -> Quantity {
    Quantity::new(title, "bytes_rate", Unit::MegabytesPerSecond, target)
}

const MANY: usize = 10_000;
/// Jumbo frames carry 9,000, but ten segments of more than 6,500 are more than the kernel takes at once.
const JUMBO_BYTES: u16 = 6_000;
