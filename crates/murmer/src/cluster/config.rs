//! The settings of a node.

mod builder;

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use murmer_membership::SwimConfig;
use murmer_wire::{NameError, NodeName};

use super::Seed;

pub use self::builder::ClusterConfigBuilder;

/// How a node takes part in its cluster. Made by [`ClusterConfig::builder`], checked by
/// [`build`](ClusterConfigBuilder::build).
#[derive(Clone)]
pub struct ClusterConfig {
    pub(crate) name: Option<NodeName>,
    pub(crate) cluster: String,
    pub(crate) listen: SocketAddr,
    pub(crate) advertise: Option<SocketAddr>,
    /// The current one first, then the previous one.
    pub(crate) cookies: Vec<String>,
    pub(crate) seeds: Vec<Seed>,
    pub(crate) gossip: bool,
    pub(crate) network: NetworkProfile,
    pub(crate) join_wait: Duration,
    pub(crate) ask_timeout: Duration,
    pub(crate) mailbox_wait: Duration,
    pub(crate) message_bytes_max: usize,
}

impl ClusterConfig {
    /// A builder with nothing set.
    pub fn builder() -> ClusterConfigBuilder {
        ClusterConfigBuilder::default()
    }
}

/// Never shows a cookie.
impl fmt::Debug for ClusterConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterConfig")
            .field("name", &self.name)
            .field("cluster", &self.cluster)
            .field("listen", &self.listen)
            .field("advertise", &self.advertise)
            .field("seeds", &self.seeds)
            .finish_non_exhaustive()
    }
}

/// How far apart the nodes are, which sets the pace of failure detection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkProfile {
    /// One site: a crashed node is noticed within about 3 s and pruned within about 5 s.
    #[default]
    Lan,
    /// Several sites: slower, and calmer when the line is bad.
    Wan,
}

impl NetworkProfile {
    pub(crate) fn swim(self) -> SwimConfig {
        match self {
            Self::Lan => SwimConfig::lan(),
            Self::Wan => SwimConfig::wan(),
        }
    }
}

/// Which setting is wrong, and what it should be.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The name is not a node name.
    #[error("name {given:?} can't be a node's name")]
    Name {
        /// What was given.
        given: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// No cookie was set: nodes without one could not tell friend from stranger.
    #[error("cookie is not set: every node of the cluster needs the same .cookie(…)")]
    NoCookie,
    /// A setting is out of its range.
    #[error("{setting} must be {range}, not {given}")]
    Range {
        /// The builder's method.
        setting: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        given: String,
    },
}
