//! A cluster of whole nodes in one thread, on virtual time, driven by one seed.
//!
//! The nodes are the very machines that production runs; only the world around them is made up. It
//! delays, loses, partitions, kills, restarts, pauses and forges as the seed says, and after each step
//! compares what the nodes have said with what really happened. The same seed gives the same trace.
//!
//! ```text
//! menu       which faults a seed has drawn, and how strong they are
//! sim        the loop: the next event, one node's turn, what it wants done
//! paths      cuts, losses, delays; cable and sim/links: connections over them, and how they end
//! sim/*      what goes wrong, the work that goes on meanwhile, what must hold
//! origin     each node's log as the world knows it, to hold every copy against
//! run        one recipe; a failing one is had again with words, and made as small as it gets
//! explore    many, on all cores; ledger: which have been run
//! scale      another world, plain and large, for figures
//! ```
//!
//! Doesn't know about the handshake's proofs, streams to actors, or bytes: words travel as values.

mod cable;
mod dice;
mod explore;
mod fault;
mod happened;
mod ledger;
mod menu;
mod origin;
mod paths;
mod process;
mod queue;
mod recipe;
mod run;
mod scale;
mod sim;
mod times;
mod trace;
mod violation;

pub use explore::{Explored, explore};
pub use fault::Fault;
pub use happened::Happened;
pub use ledger::{Ledger, Plan, Row};
pub use menu::Menu;
pub use recipe::Recipe;
pub use run::{Passed, check, run, shrink};
pub use scale::{Bytes, Scale, Tally};
pub use sim::Sim;
pub use violation::{Failure, Violation};
