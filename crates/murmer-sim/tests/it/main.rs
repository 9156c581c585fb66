//! Whole clusters, under all that can go wrong.
#![cfg(test)]

mod seeds;
mod trace;
