//! The settings of a node.

mod builder;
mod detection;

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use murmer_membership::SwimConfig;
use murmer_transport::QuicConfig;
use murmer_wire::{NameError, NodeName};

use super::Seed;
use super::discovery::Discovery;

pub(crate) use self::builder::Misspelt;
pub use self::builder::{ClusterConfigBuilder, Origin, SourceError};
pub use murmer_membership::Downing;

/// How a node takes part in its cluster. Made by [`ClusterConfig::builder`], checked by
/// [`build`](ClusterConfigBuilder::build).
///
/// # Examples
///
/// ```
/// use murmer::cluster::config::ClusterConfig;
/// use murmer::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config: ClusterConfig = ClusterConfig::builder()
///     .name("alpha")
///     .listen("127.0.0.1:0".parse()?)
///     .cookie("correct horse battery staple")
///     .build()?;
/// let system = System::clustered(config).await?;
/// assert_eq!(system.node().name.as_str(), "alpha");
/// # system.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClusterConfig {
    pub(crate) name: Option<NodeName>,
    pub(crate) cluster: String,
    pub(crate) listen: SocketAddr,
    pub(crate) advertise: Option<SocketAddr>,
    /// The current one first, then the previous one.
    pub(crate) cookies: Vec<String>,
    /// Those of all discoveries.
    pub(crate) seeds: Vec<Seed>,
    pub(crate) discoveries: Vec<Discovery>,
    pub(crate) gossip: bool,
    pub(crate) swim: SwimConfig,
    pub(crate) join_wait: Duration,
    pub(crate) ask_timeout: Duration,
    pub(crate) mailbox_wait: Duration,
    pub(crate) message_bytes_max: usize,
    pub(crate) quic: QuicConfig,
    /// Variables that were not read; to be told when there is a log.
    pub(crate) misspelt: Vec<Misspelt>,
}

impl ClusterConfig {
    /// A builder with nothing set.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::config::ClusterConfig;
    ///
    /// let builder = ClusterConfig::builder();
    /// assert!(builder.clone().build().is_err()); // there is no cookie yet
    /// assert!(builder.cookie("correct horse battery staple").build().is_ok());
    /// ```
    pub fn builder() -> ClusterConfigBuilder {
        ClusterConfigBuilder::default()
    }

    /// Whether others may be found of whom nothing is known yet.
    pub(crate) fn searches(&self) -> bool {
        self.discoveries.iter().any(Discovery::searches)
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

/// How far apart the nodes are, which sets the pace of failure detection: where each of its settings begins.
///
/// | setting | [`Lan`](Self::Lan) | [`Wan`](Self::Wan) |
/// |---|---|---|
/// | [`probe_every`](ClusterConfigBuilder::probe_every) | 500 ms | 2 s |
/// | [`probe_rtt`](ClusterConfigBuilder::probe_rtt) | 200 ms | 800 ms |
/// | [`indirect_probes`](ClusterConfigBuilder::indirect_probes) | 3 | 3 |
/// | [`suspect_timeout`](ClusterConfigBuilder::suspect_timeout) | 2 s | 12 s |
/// | [`down_after`](ClusterConfigBuilder::down_after) | 2 s | 10 s |
/// | [`veto_max`](ClusterConfigBuilder::veto_max) | 30 s | 30 s |
/// | [`announce_every`](ClusterConfigBuilder::announce_every) | 10 s | 30 s |
/// | [`announce_down_every`](ClusterConfigBuilder::announce_down_every) | 10 s | 30 s |
/// | [`announce_down_count`](ClusterConfigBuilder::announce_down_count) | 2 | 3 |
/// | [`gossip_every`](ClusterConfigBuilder::gossip_every) | 200 ms | 500 ms |
/// | [`gossip_count`](ClusterConfigBuilder::gossip_count) | 3 | 4 |
/// | [`transmissions_min`](ClusterConfigBuilder::transmissions_min) | 8 | 8 |
/// | [`forget_after`](ClusterConfigBuilder::forget_after) | 24 h | 24 h |
///
/// # Examples
///
/// ```
/// use murmer::cluster::config::{ClusterConfig, Profile};
/// use murmer::prelude::*;
///
/// # use murmer::transport::MemNetwork;
/// # struct Clerk;
/// # impl Actor for Clerk { type State = (); }
/// # #[handlers]
/// # impl Clerk {
/// #     #[handler]
/// #     fn work(&self) {}
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = MemNetwork::new(1);
/// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
/// let config = ClusterConfig::builder().profile(Profile::Lan);
/// # let config = config.cookie("correct horse battery staple");
/// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
/// # alpha.start("clerk", Clerk, ());
/// # let config = config.seed_nodes(["10.0.0.1:7100".parse()?]);
/// # let beta = System::clustered_on(config.build()?, two).await?;
/// // In beta, which has joined alpha.
/// let clerk = beta.lookup::<Clerk>("clerk").ok_or("no clerk")?;
/// network.crash("10.0.0.1:7100".parse()?);
/// let crashed_at = tokio::time::Instant::now();
/// assert_eq!(clerk.ended().await, StopReason::NodeDown);
/// assert!(crashed_at.elapsed().as_secs() < 10);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// One site: a crashed node is noticed within about 3 s and pruned within about 5 s.
    #[default]
    Lan,
    /// Several sites: calmer when the line is bad, so a crashed node is noticed within about 16 s and pruned
    /// within about 26 s.
    Wan,
}

impl Profile {
    pub(crate) fn swim(self) -> SwimConfig {
        match self {
            Self::Lan => SwimConfig::lan(),
            Self::Wan => SwimConfig::wan(),
        }
    }
}

/// Which setting is wrong, and what it should be; and which line of a file or which variable said it, if one did.
///
/// # Examples
///
/// ```
/// use murmer::cluster::config::{ClusterConfig, ConfigError};
///
/// let config = ClusterConfig::builder().name("no spaces").cookie("correct horse battery staple");
/// match config.build() {
///     Err(ConfigError::Name { given, source, .. }) => assert_eq!(given, "no spaces", "{source}"),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The name is not a node name.
    #[error("{} {given:?} can't be a node's name", Origin::subject(.origin.as_ref(), "name"))]
    Name {
        /// What was given.
        given: String,
        /// What is wrong with it.
        source: NameError,
        /// Where it was given, if it wasn't in code.
        origin: Option<Origin>,
    },
    /// No cookie was set: nodes without one could not tell friend from stranger.
    #[error("cookie is not set: every node of the cluster needs the same .cookie(…)")]
    NoCookie,
    /// A setting is out of its range.
    #[error("{} must be {range}, not {given}{}", Origin::subject(.origin.as_ref(), setting),
        Origin::aside(.origin.as_ref(), setting))]
    Range {
        /// The builder's method, or the field of what was given to [`quic`](ClusterConfigBuilder::quic).
        setting: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        given: String,
        /// Where it was given, if it wasn't in code; or where another setting was that the range depends on.
        origin: Option<Origin>,
    },
}
