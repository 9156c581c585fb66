//! `#[handlers]` through its doors: what it writes, and what it refuses.
// Actors are `pub` here as they are in a library.
#![allow(unreachable_pub)]
// Also in what several tests share.
#![allow(clippy::unwrap_used)]

mod bytes_fields;
mod generated;
mod handlers;
mod lints;
mod names;
mod refusals;
mod remote;
