//! The chat as its users meet it: real processes, real sockets on loopback, typed lines.

#![cfg(test)]

mod cluster;
mod command_line;
mod output;
mod ports;
mod process;
mod signals;
