//! The examples as their users meet them: real processes, real sockets on loopback, typed lines.

#![cfg(test)]

mod bank;
mod builds;
mod cluster;
mod command_line;
mod custom_transport;
mod deploy;
#[cfg(feature = "mdns")]
mod discovery;
mod health;
#[cfg(feature = "mdns")]
mod namespaces;
mod output;
mod ports;
mod process;
mod settings;
mod signals;
