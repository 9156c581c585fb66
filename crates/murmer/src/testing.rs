//! Clusters for tests: real systems with actors of your own, on one thread, over a network in memory and on a
//! clock that only waiting moves. What goes wrong, and when, is up to a seed.
//!
//! [`check`] runs a test once for each seed. A failure names its seed, and that seed alone fails again in the
//! same way: the network's dice, the nodes' own chance and all their timers come from it.
//!
//! ```
//! use std::time::Duration;
//! use murmer::prelude::*;
//! use murmer::testing::{Disturbance, check};
//!
//! struct Counter;
//! impl Actor for Counter {
//!     type State = u64;
//! }
//!
//! #[handlers]
//! impl Counter {
//!     #[handler]
//!     fn add(&mut self, count: &mut u64, by: u64) -> u64 {
//!         *count += by;
//!         *count
//!     }
//! }
//!
//! check(0..3, async |cluster| {
//!     cluster.add("alpha", |system| drop(system.start("counter", Counter, 0)));
//!     cluster.add("beta", |_| {});
//!     cluster.start("alpha").await;
//!     let beta = cluster.start("beta").await;
//!
//!     let counting = async {
//!         let mut counted = 0;
//!         for _ in 0..50 {
//!             tokio::time::sleep(Duration::from_millis(200)).await;
//!             let Some(counter) = beta.lookup::<Counter>("counter") else { continue };
//!             counted += u64::from(counter.add(1).timeout(Duration::from_secs(1)).await.is_ok());
//!         }
//!         counted
//!     };
//!     let faults = Disturbance { crashes: false, ..Disturbance::default() };
//!     let (counted, ()) = tokio::join!(counting, cluster.disturb(faults, Duration::from_secs(10)));
//!     cluster.settled().await;
//!
//!     let counter = beta.lookup::<Counter>("counter").expect("it is found once all is mended");
//!     assert!(counter.add(0).await.unwrap() >= counted, "what was answered has been counted");
//! });
//! ```
//!
//! Needs the feature `testing`. `docs/guide/testing.md` finds a mistake in an actor with it.
//!
//! Doesn't make what runs outside of tokio's tasks repeatable: threads, `spawn_blocking`, the real clock, and maps
//! that are iterated in an order of their own.

mod check;
mod cluster;
mod disturbance;
mod journal;
mod settled;

pub use self::check::check;
pub use self::cluster::TestCluster;
pub use self::disturbance::Disturbance;
