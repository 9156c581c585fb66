//! Whole nodes together.

mod hostile;
mod identity;
mod joining;
mod leaving;
mod losing;
mod seeds;
