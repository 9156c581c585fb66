//! The ways to find other nodes.

use super::ClusterConfigBuilder;
use crate::cluster::discovery::Discovery;

impl ClusterConfigBuilder {
    /// A way to find other nodes, beside [`seed_nodes`](Self::seed_nodes) and those given before; 8 at the most,
    /// with 64 seeds in all. See [`discovery`](crate::cluster::discovery).
    ///
    /// A node that has nobody to look for but by a search, as mDNS is one, and finds nobody within
    /// [`join_wait`](Self::join_wait), is the first of its cluster. Those that are found later, or find it,
    /// become one cluster with it all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// use murmer::cluster::discovery::Discovery;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// let here = Discovery::seeds(["10.0.0.9:7100".parse()?]); // nobody is there
    /// let there = Discovery::seeds(["10.0.0.1:7100".parse()?]);
    /// let beta = System::clustered_on(config.discovery(here).discovery(there).build()?, two).await?;
    /// assert_eq!(beta.members()[0].0.id, *alpha.node());
    /// # Ok(()) }
    /// ```
    pub fn discovery(mut self, discovery: Discovery) -> Self {
        self.discoveries.push(discovery);
        self
    }
}
