//! The checks, each with the violation it is there for.

#![cfg(test)]

mod ci;
mod command_line;
mod documents;
mod examples;
mod layers;
mod mutants;
mod purity;
mod tidy;
mod tree;
