//! tokio channels and tasks as a subject: what actors are built from, with nothing around it.
//!
//! Each workload gets the least that does it, so no subject here does all of them.

mod answerer;
mod counter;
mod map;

pub use answerer::Answerers;
pub use counter::Counters;
pub use map::Map;
