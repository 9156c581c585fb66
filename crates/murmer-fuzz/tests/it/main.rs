//! The fuzz targets without a fuzzer: over the kept seeds, over what once went wrong, and over seeded chance.

#![cfg(test)]

mod chance;
mod seeds;
