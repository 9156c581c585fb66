//! What must hold whatever bytes a peer sends, as one function per target: it panics when something doesn't.
//!
//! A fuzzer calls them with bytes it invents (`fuzz/`, which needs a nightly compiler), and this crate's
//! tests with the seeds kept in `fuzz/seeds` and with random bytes (which need nothing). docs/fuzzing.md
//! says what each target holds.
//!
//! Doesn't know where the bytes come from.

mod actor_header;
mod bounded_postcard;
mod control;
mod frame;
mod registry;
mod script;
mod target;

pub use target::{TARGETS, Target};
