//! The transports through their doors.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod bed;
mod contract;
mod families;
mod faults;
mod network;
mod quic;
