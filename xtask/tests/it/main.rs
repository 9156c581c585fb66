//! The checks, each with the violation it is there for.

#![cfg(test)]

mod ci;
mod command_line;
mod docker;
mod documents;
mod examples;
mod layers;
mod mutants;
mod purity;
mod scenario;
mod tidy;
mod tree;
