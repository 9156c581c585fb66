//! What is done to nodes and to the lines between them.

use murmer_transport::Faults;

use super::{Life, TestCluster};

impl TestCluster {
    /// A node's process dies: the others hear nothing more of it, and its actors end without a hook. Does nothing
    /// if it doesn't run, or not yet.
    ///
    /// # Panics
    ///
    /// If there is no such node.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::prelude::*;
    /// use murmer::cluster::MemberState;
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     for name in ["alpha", "beta"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     cluster.start("alpha").await;
    ///     let beta = cluster.start("beta").await;
    ///     cluster.crash("alpha");
    ///     tokio::time::sleep(std::time::Duration::from_secs(8)).await;
    ///     assert_eq!(beta.members()[0].1, MemberState::Down);
    /// });
    /// ```
    pub fn crash(&self, name: &str) {
        let (addr, system) = {
            let mut state = self.lock();
            let node = state.node(name);
            let (addr, system) = (node.addr, node.take(Life::Off));
            if system.is_some() {
                state.journal.note(format_args!("crash {name}"));
            }
            (addr, system)
        };
        if let Some(system) = system {
            self.inner.network.crash(addr);
            system.abandon();
            // Ends what still talks to a network that is gone.
            tokio::spawn(async move { system.shutdown().await });
        }
    }

    /// Shuts a node down in an orderly way, and returns when its address is free. Does nothing if it doesn't run.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves the node half shut down, which can't be started again.
    ///
    /// # Panics
    ///
    /// If there is no such node.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::prelude::*;
    /// use murmer::cluster::MemberState;
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     for name in ["alpha", "beta"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     cluster.start("alpha").await;
    ///     let beta = cluster.start("beta").await;
    ///     cluster.shut_down("alpha").await;
    ///     assert_eq!(beta.members()[0].1, MemberState::Left);
    /// });
    /// ```
    pub async fn shut_down(&self, name: &str) {
        let system = {
            let mut state = self.lock();
            state.journal.note(format_args!("shut down {name}"));
            state.node(name).take(Life::Stopping)
        };
        if let Some(system) = system {
            system.shutdown().await;
            self.lock().node(name).life = Life::Off;
        }
    }

    /// Cuts every path between the nodes of `these` and those of `others`, both ways.
    ///
    /// # Panics
    ///
    /// If there is no such node.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::prelude::*;
    /// use murmer::cluster::MemberState;
    /// use murmer::testing::check;
    ///
    /// check([7], async |cluster| {
    ///     for name in ["alpha", "beta"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     cluster.start("alpha").await;
    ///     let beta = cluster.start("beta").await;
    ///     cluster.partition(&["alpha"], &["beta"]);
    ///     tokio::time::sleep(std::time::Duration::from_secs(8)).await;
    ///     assert_eq!(beta.members()[0].1, MemberState::Down);
    ///     cluster.heal();
    ///     cluster.settled().await;
    ///     assert_eq!(beta.members()[0].1, MemberState::Up);
    /// });
    /// ```
    pub fn partition(&self, these: &[&str], others: &[&str]) {
        self.cut(these, others, true);
    }

    /// Cuts the paths from the nodes of `these` to those of `others`; the other way stays open.
    ///
    /// # Panics
    ///
    /// If there is no such node.
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
    ///     cluster.partition_one_way(&["alpha"], &["beta"]); // beta's words still arrive
    ///     tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    ///     cluster.heal();
    ///     cluster.settled().await;
    ///     # drop(beta);
    /// });
    /// ```
    pub fn partition_one_way(&self, these: &[&str], others: &[&str]) {
        self.cut(these, others, false);
    }

    /// Mends all paths.
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
    ///     cluster.partition(&["alpha"], &["beta"]);
    ///     cluster.heal();
    ///     cluster.settled().await;
    ///     # drop(beta);
    /// });
    /// ```
    pub fn heal(&self) {
        self.lock().journal.note(format_args!("heal"));
        self.inner.network.heal_all();
    }

    /// What happens to every packet from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use murmer::testing::check;
    /// use murmer::transport::Faults;
    ///
    /// check([7], async |cluster| {
    ///     for name in ["alpha", "beta"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     cluster.start("alpha").await;
    ///     let beta = cluster.start("beta").await;
    ///     cluster.set_faults(Faults { delay: Duration::from_millis(80), loss: 0.05, ..Faults::default() });
    ///     cluster.settled().await; // takes longer now
    ///     # drop(beta);
    /// });
    /// ```
    pub fn set_faults(&self, faults: Faults) {
        self.lock().journal.note(format_args!("{faults:?}"));
        self.inner.network.set_faults(faults);
    }

    /// A number that stands for all that the nodes have said to each other so far: two runs of one test and one
    /// seed give the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use murmer::testing::{Disturbance, check};
    ///
    /// let hashes = RefCell::new(Vec::new());
    /// check([7, 7, 8], async |cluster| {
    ///     for name in ["alpha", "beta"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     cluster.start("alpha").await;
    ///     cluster.start("beta").await;
    ///     cluster.disturb(Disturbance::default(), std::time::Duration::from_secs(20)).await;
    ///     hashes.borrow_mut().push(cluster.trace_hash());
    /// });
    /// let hashes = hashes.into_inner();
    /// assert_eq!(hashes[0], hashes[1]);
    /// assert_ne!(hashes[0], hashes[2]);
    /// ```
    pub fn trace_hash(&self) -> u64 {
        self.inner.network.trace_hash()
    }

    fn cut(&self, these: &[&str], others: &[&str], both_ways: bool) {
        let mut state = self.lock();
        let how = if both_ways { "and" } else { "to" };
        state.journal.note(format_args!("cut {these:?} {how} {others:?}"));
        for from in these {
            for to in others {
                let (from, to) = (state.node(from).addr, state.node(to).addr);
                match both_ways {
                    true => self.inner.network.partition(from, to),
                    false => self.inner.network.partition_one_way(from, to),
                }
            }
        }
    }
}
