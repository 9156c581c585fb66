//! What runs where: one log of registrations per node, copied to every other node.
//!
//! A node appends only to its own log, and a change enters another node only over the link proven to
//! be its origin's; so nothing a peer says can touch anybody else's actors. [`Registry`] is the
//! machine that keeps the copies, [`View`] is what lookups read.
//!
//! ```text
//! on link     both: Versions { how much of your log I hold, … }
//! origin      Digest { head, … }, then Ops, or a Snapshot if the ring no longer holds what is missing
//! on change   Ops at once, batched
//! receiver    next in line → apply · known → drop · gap → Again
//! ```
//!
//! Doesn't know about sockets, clocks or membership: it is told who is linked and who is down, and
//! trusts that. Doesn't know which actors may be called, or how.

#![no_std]

extern crate alloc;

mod attributes;
mod config;
mod entry;
mod fingerprint;
mod input;
mod interned;
mod lamport;
mod link;
mod log;
mod mark;
mod message;
mod outbox;
mod output;
mod registry;
mod replica;
mod stats;
mod view;

pub use attributes::Attributes;
pub use config::RegistryConfig;
pub use entry::Entry;
pub use input::{Input, Registration};
pub use lamport::LAMPORT_MAX;
pub use log::FROZEN_MAX;
pub use mark::Mark;
pub use message::{
    CHUNK_RECORDS_MAX, Chunk, Digest, Message, OPS_BYTES_MAX, OPS_PER_MESSAGE_MAX, Op, Record, Versions,
};
pub use output::{Misbehaviour, Output};
pub use registry::{Counters, Registry};
pub use replica::ENTRIES_PER_ORIGIN_MAX;
pub use stats::{Lag, RegistryStats};
pub use view::View;
