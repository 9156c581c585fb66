//! The checks of this repository, as `cargo xtask` runs them: each a function from what was read to
//! what is wrong with it, so that each rule can be tested against a planted violation.
//!
//! Doesn't know anything about actors: it reads other crates, it imports none.

pub mod ci;
pub mod docker;
mod environment;
mod finding;
pub mod layers;
pub mod mutants;
pub mod scenario;
mod source;
pub mod tidy;
mod tree;

pub use environment::forget_us;
pub use finding::Finding;
pub use tree::{File, read_tree};
