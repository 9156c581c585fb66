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

    /// The nodes of the local network that say the same `cluster`, as [`Discovery::mdns`] finds them: beside all
    /// other ways, but in place of what was given here before.
    ///
    /// With the feature `mdns`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// use murmer::cluster::config::ClusterConfig;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cluster = format!("the example of a setting of process {}", std::process::id());
    /// let config = ClusterConfig::builder()
    ///     .listen("127.0.0.1:0".parse()?) // 0.0.0.0 to be found by other machines
    ///     .cookie("my-cluster-secret")
    ///     .mdns(cluster);
    /// # let config = config.join_wait(std::time::Duration::from_secs(20));
    /// let (alpha, beta) = (config.clone().name("alpha").build()?, config.name("beta").build()?);
    /// let (alpha, beta) = tokio::try_join!(System::clustered(alpha), System::clustered(beta))?;
    /// assert_eq!(beta.members()[0].0.id, *alpha.node());
    /// # alpha.shutdown().await;
    /// # beta.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "mdns")]
    pub fn mdns(mut self, cluster: impl Into<String>) -> Self {
        self.mdns = Some(cluster.into());
        self.origins.forget("mdns");
        self
    }

    /// Has what `mdns` says among the discoveries.
    pub(super) fn search_by_mdns(&mut self) {
        #[cfg(feature = "mdns")]
        if let Some(cluster) = self.mdns.take() {
            self.discoveries.push(Discovery::mdns(cluster));
        }
    }
}
