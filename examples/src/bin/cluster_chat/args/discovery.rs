//! Finding other nodes without being told of any.

use murmer::cluster::config::ClusterConfigBuilder;

/// Those that run this program on the local network.
#[cfg(feature = "mdns")]
pub(super) fn on_this_network(config: ClusterConfigBuilder) -> anyhow::Result<ClusterConfigBuilder> {
    Ok(config.mdns("cluster_chat"))
}

#[cfg(not(feature = "mdns"))]
pub(super) fn on_this_network(_: ClusterConfigBuilder) -> anyhow::Result<ClusterConfigBuilder> {
    anyhow::bail!("--mdns: this program was built without it; build it with --features mdns")
}
