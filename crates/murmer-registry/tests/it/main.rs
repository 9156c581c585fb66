//! The registry through its doors.

// Helpers of tests are tests too, which the lint can't see.
#![allow(clippy::unwrap_used)]

mod attributes;
mod hostile;
mod lag;
mod laws;
mod loss;
mod net;
mod properties;
mod push;
mod snapshot;
mod sync;
mod view;
