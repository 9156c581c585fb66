//! The wire crate through its doors.

#![cfg(test)]

mod codec;
mod frame;
mod name;
