//! Membership through its doors: one contract for all of it, then SWIM in a small world.

mod bench;
mod contract;
mod downing;
mod forge;
mod hostile;
mod mesh;
mod trust;
mod world;
