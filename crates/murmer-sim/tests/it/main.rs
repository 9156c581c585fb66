//! Whole clusters, under all that can go wrong.
#![cfg(test)]

mod ledger;
mod regressions;
mod scale;
mod seeds;
mod shrinking;
mod trace;
