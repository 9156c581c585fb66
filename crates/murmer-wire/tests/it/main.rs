//! The wire crate through its doors.

mod codec;
mod frame;
mod name;
