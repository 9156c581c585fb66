//! The whole of murmer through its public door: one process, and clusters of several nodes.

#![cfg(test)]

mod actors;
mod failing;
mod local;
mod snippets;
mod suite;
mod wait;
