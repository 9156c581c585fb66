//! A cluster of whole nodes in one thread, on virtual time, driven by one seed.
//!
//! The nodes are the very machines that production runs; only the world around them is made up. It
//! delays, loses, partitions, kills and restarts as the seed says, and after each step compares what the
//! nodes have said with what really happened. The same seed gives the same trace.
//!
//! ```text
//! sim        the loop: the next event, one node's turn, what it wants done
//! links      connections: set-up, two ordered lanes and datagrams, how they end
//! faults     what goes wrong, and the work that goes on meanwhile
//! checks     what must hold after each step, and after healing
//! ```
//!
//! Doesn't know about the handshake's proofs, streams to actors, or bytes: words travel as values.

mod cable;
mod process;
mod scale;
mod sim;
mod trace;

pub use scale::{Bytes, Scale, Tally};
pub use sim::{Happened, Sim};
