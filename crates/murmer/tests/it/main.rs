//! The whole of murmer through its public door: one process, and clusters of several nodes.

#![cfg(test)]

mod actors;
mod bad_line;
mod failing;
mod families;
mod health;
mod local;
mod settings;
mod snippets;
mod suite;
mod testing;
mod wait;
