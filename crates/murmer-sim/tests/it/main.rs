//! Whole clusters, under all that can go wrong.
#![cfg(test)]

mod regressions;
mod seeds;
mod trace;
