//! Whole clusters, under all that can go wrong.
#![cfg(test)]

mod regressions;
mod scale;
mod seeds;
mod trace;
