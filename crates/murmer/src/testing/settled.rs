//! Waiting until all nodes agree again.

use std::fmt::Write;
use std::time::Duration;

use murmer_core::System;
use tokio::time::{Instant, sleep};

use super::TestCluster;
use crate::Clustering;
use crate::cluster::MemberState;

impl TestCluster {
    /// Waits until every node that runs holds exactly the others that run to be up, and knows all that they have
    /// registered. With nothing broken that takes seconds; after a node has left for good, half a minute.
    ///
    /// # Cancel safety
    ///
    /// Can be dropped and asked again.
    ///
    /// # Panics
    ///
    /// When it isn't so after two minutes: with what is missing where.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     for name in ["alpha", "beta"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     cluster.start("alpha").await;
    ///     let beta = cluster.start("beta").await;
    ///     cluster.crash("alpha");
    ///     cluster.settled().await; // beta is alone, and knows it
    ///     # drop(beta);
    /// });
    /// ```
    pub async fn settled(&self) {
        let until = Instant::now() + SETTLED_WITHIN;
        loop {
            let missing = self.missing();
            if missing.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "not settled after {SETTLED_WITHIN:?}:\n{missing}");
            sleep(LOOK_EVERY).await; // tidy: sleep there is no one event that says so
        }
    }

    /// What isn't as it should be, one thing a line.
    fn missing(&self) -> String {
        let running: Vec<_> = self.running().iter().filter_map(|name| self.system(name)).collect();
        let mut missing = String::new();
        for system in &running {
            for other in running.iter().filter(|other| other.node() != system.node()) {
                let state = state(system, other);
                if state != Some(MemberState::Up) {
                    let _ = writeln!(missing, "{}: {} is {state:?}", system.node(), other.node());
                } else if let Some(what) = crate::cluster::unknown_of(system, other) {
                    let _ = writeln!(missing, "{}: of {}, {what}", system.node(), other.node());
                }
            }
            for (member, state) in system.members() {
                let is_running = running.iter().any(|other| *other.node() == member.id);
                if !is_running && !state.is_over() {
                    let _ =
                        writeln!(missing, "{}: {} is {state:?}, and doesn't run", system.node(), member.id);
                }
            }
        }
        missing
    }
}

fn state(system: &System, other: &System) -> Option<MemberState> {
    let members = system.members();
    members.into_iter().find(|(member, _)| member.id == *other.node()).map(|(_, state)| state)
}

/// Longer than anything takes to be found out or found again: a seed that left is dialed each half minute.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);
