//! Whole nodes together.

mod addresses;
mod discovery;
mod hostile;
mod identity;
mod joining;
mod leaving;
mod losing;
mod quarantine;
mod reticence;
mod seeds;
mod watching;
