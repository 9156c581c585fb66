//! The node's machines through their doors.
#![cfg(test)]

mod frames;
mod handshake;
mod links;
mod node;
mod stream;
mod watch;
mod world;
