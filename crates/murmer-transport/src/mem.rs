//! A network in memory, with faults, that keeps the same contract as QUIC.
//!
//! Time is tokio's, so a paused clock drives it; dice are seeded. Everything that happens is decided by
//! one value behind one lock (`state`), which is told the time and never waits; transports,
//! connections and halves are handles to it. Each transport has one task, for what is due later.
//!
//! Doesn't encrypt, and doesn't model congestion: a packet takes its delay, or is lost.

mod connection;
mod end;
mod halves;
mod link;
mod network;
mod state;
mod trace;
mod transport;
mod wakes;

pub use connection::MemConnection;
pub use halves::{MemReceiver, MemSender};
pub use network::{MemConfig, MemNetwork};
pub use transport::MemTransport;
