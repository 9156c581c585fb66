//! Setting by setting; checked at the end, in `build`.

mod build;
mod detection;
mod discovery;
mod patience;
mod sources;

use core::fmt;
use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;

use murmer_transport::QuicConfig;

use super::Profile;
use super::detection::Detection;
use crate::cluster::Seed;
use crate::cluster::discovery::Discovery;

use self::sources::Origins;

pub(super) use self::build::in_range;
pub(crate) use self::sources::Misspelt;
pub use self::sources::{Origin, SourceError};

/// Collects the settings of a node.
///
/// # Examples
///
/// ```
/// use murmer::cluster::config::ClusterConfig;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = ClusterConfig::builder()
///     .name("alpha")
///     .listen("0.0.0.0:7100".parse()?)
///     .cookie("my-cluster-secret")
///     .seed_nodes(["192.168.1.1:7100".parse()?])
///     .build()?;
/// assert!(format!("{config:?}").contains("192.168.1.1:7100"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until build() is called"]
pub struct ClusterConfigBuilder {
    name: Option<String>,
    cluster: String,
    listen: SocketAddr,
    advertise: Option<SocketAddr>,
    cookie: Option<String>,
    previous_cookie: Option<String>,
    seeds: Vec<Seed>,
    discoveries: Vec<Discovery>,
    #[cfg(feature = "mdns")]
    mdns: Option<String>,
    gossip: bool,
    profile: Profile,
    detection: Detection,
    join_wait: Duration,
    ask_timeout: Duration,
    mailbox_wait: Duration,
    message_bytes_max: usize,
    quic: QuicConfig,
    origins: Origins,
    misspelt: Vec<Misspelt>,
}

impl Default for ClusterConfigBuilder {
    fn default() -> Self {
        Self {
            name: None,
            cluster: "murmer".to_owned(),
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            advertise: None,
            cookie: None,
            previous_cookie: None,
            seeds: Vec::new(),
            discoveries: Vec::new(),
            #[cfg(feature = "mdns")]
            mdns: None,
            gossip: true,
            profile: Profile::Lan,
            detection: Detection::default(),
            join_wait: Duration::from_secs(3),
            ask_timeout: Duration::from_secs(30),
            mailbox_wait: Duration::from_secs(5),
            message_bytes_max: 4 << 20,
            quic: QuicConfig::default(),
            origins: Origins::default(),
            misspelt: Vec::new(),
        }
    }
}

impl ClusterConfigBuilder {
    /// The node's place in the cluster: 1 to 63 letters, digits, `.`, `_`, `-`. One live process at a
    /// time holds it. Unset, it is made of the advertised address.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let transport = MemNetwork::new(1).bind("10.0.0.1:7100".parse()?)?;
    /// let config = ClusterConfig::builder().name("alpha").cookie("my-cluster-secret");
    /// let system = System::clustered_on(config.build()?, transport).await?;
    /// assert_eq!(system.node().name.as_str(), "alpha");
    /// # Ok(()) }
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self.origins.forget("name");
        self
    }

    /// Which cluster: 1 to 255 bytes, `murmer` unless set. Nodes of different clusters refuse each
    /// other even with one cookie.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// let alpha = System::clustered_on(config.clone().cluster("production").build()?, one).await?;
    ///
    /// let config = config.cluster("staging").seed_nodes(["10.0.0.1:7100".parse()?]);
    /// let beta = System::clustered_on(config.build()?, two).await?; // after `join_wait`, in vain
    /// assert!(alpha.members().is_empty() && beta.members().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.cluster = name.into();
        self.origins.forget("cluster");
        self
    }

    /// The UDP address to bind. Unset, all IPv4 interfaces and a port the system picks, which
    /// [`local_addr`](crate::Clustering::local_addr) tells.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::{ClusterError, config::ClusterConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let taken = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// let config = ClusterConfig::builder().listen(taken.local_addr()?).cookie("my-cluster-secret");
    /// assert!(matches!(System::clustered(config.build()?).await, Err(ClusterError::Bind(_))));
    /// # Ok(()) }
    /// ```
    pub fn listen(mut self, addr: SocketAddr) -> Self {
        self.listen = addr;
        self.origins.forget("listen");
        self
    }

    /// The address others reach this node at. Unset, the listening address if that names an interface;
    /// else the local address that leads to the first seed; else loopback.
    ///
    /// Nodes that see this one on another machine than loopback would mean take the address they see
    /// instead. So it needs to be set only where others reach it at neither, as behind a NAT. It can be
    /// neither unspecified, as `0.0.0.0` is, nor of port 0.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let transport = MemNetwork::new(1).bind("10.0.0.1:7100".parse()?)?;
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// let config = config.listen("0.0.0.0:7100".parse()?).advertise("192.0.2.7:17100".parse()?);
    /// let system = System::clustered_on(config.build()?, transport).await?;
    /// assert_eq!(system.node().name.as_str(), "192.0.2.7-17100"); // it has no other name
    /// # Ok(()) }
    /// ```
    pub fn advertise(mut self, addr: SocketAddr) -> Self {
        self.advertise = Some(addr);
        self.origins.forget("advertise");
        self
    }

    /// What every node of the cluster knows and nobody else: 1 to 1,024 bytes. It never crosses the wire; a
    /// long random one can't be guessed, one shorter than 16 bytes is warned about.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::config::ClusterConfig;
    ///
    /// let config = ClusterConfig::builder();
    /// assert!(config.clone().build().is_err()); // nobody could be told from a stranger
    /// let config = config.cookie("my-cluster-secret").build()?;
    /// assert!(!format!("{config:?}").contains("secret"));
    /// # Ok::<(), murmer::cluster::config::ConfigError>(())
    /// ```
    pub fn cookie(mut self, secret: impl Into<String>) -> Self {
        self.cookie = Some(secret.into());
        self.origins.forget("cookie");
        self
    }

    /// A cookie that is still accepted while the nodes change over to the new one: 1 to 1,024 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// // One that is yet to change over, and one that has.
    /// let config = ClusterConfig::builder().cookie("hunter2hunter2hunter2");
    /// let alpha = System::clustered_on(config.build()?, one).await?;
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// let config = config.previous_cookie("hunter2hunter2hunter2").seed_nodes(["10.0.0.1:7100".parse()?]);
    /// let beta = System::clustered_on(config.build()?, two).await?;
    /// assert_eq!((alpha.members().len(), beta.members().len()), (1, 1));
    /// # Ok(()) }
    /// ```
    pub fn previous_cookie(mut self, secret: impl Into<String>) -> Self {
        self.previous_cookie = Some(secret.into());
        self.origins.forget("previous_cookie");
        self
    }

    /// Nodes to try first; at most 64. Any one that answers will do, later ones are found through it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// let beta = config.seed_nodes(["10.0.0.1:7100".parse()?, "10.0.0.9:7100".parse()?]).build()?;
    /// let beta = System::clustered_on(beta, two).await?; // one of them is there
    /// assert_eq!(beta.members()[0].0.id, *alpha.node());
    /// # Ok(()) }
    /// ```
    pub fn seed_nodes(mut self, seeds: impl IntoIterator<Item = Seed>) -> Self {
        self.seeds = seeds.into_iter().collect();
        self.origins.forget("seed_nodes");
        self
    }

    /// Whether members learnt from other nodes are dialed, and newcomers told whom to dial. On unless set.
    ///
    /// Off, this node is connected to its seeds and to those that dial it: to see everybody, it needs all others
    /// as seeds. [`members`](crate::Clustering::members) lists the rest all the same, in the state that those
    /// who watch them report; but their actors are not found here, nor this node's there. It doesn't keep this
    /// node from being heard of: others, with gossip on, may dial it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # struct Clerk; impl Actor for Clerk { type State = (); }
    /// # #[handlers] impl Clerk { #[handler] fn work(&self) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let bind = |host: u8| network.bind((([10, 0, 0, host]), 7_100).into());
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret").gossip(false);
    /// let alpha = System::clustered_on(config.clone().build()?, bind(1)?).await?;
    /// let config = config.seed_nodes(["10.0.0.1:7100".parse()?]);
    /// let beta = System::clustered_on(config.clone().build()?, bind(2)?).await?;
    /// let gamma = System::clustered_on(config.build()?, bind(3)?).await?;
    /// beta.start("clerk", Clerk, ());
    /// assert!(alpha.lookup_wait::<Clerk>("clerk", Duration::from_secs(9)).await.is_some());
    /// assert!(gamma.lookup_wait::<Clerk>("clerk", Duration::from_secs(9)).await.is_none());
    /// # Ok(()) }
    /// ```
    pub fn gossip(mut self, on: bool) -> Self {
        self.gossip = on;
        self.origins.forget("gossip");
        self
    }

    /// How far apart the nodes are: [`Lan`](Profile::Lan) unless set. All nodes of a cluster should have the same.
    /// What is set besides, before or after, counts more.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::{ClusterConfig, Profile};
    /// # use murmer::transport::MemNetwork;
    /// # struct Clerk; impl Actor for Clerk { type State = (); }
    /// # #[handlers] impl Clerk { #[handler] fn work(&self) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().profile(Profile::Wan);
    /// # let config = config.cookie("my-cluster-secret");
    /// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// # alpha.start("clerk", Clerk, ());
    /// # let beta = config.seed_nodes(["10.0.0.1:7100".parse()?]).build()?;
    /// # let clerk = System::clustered_on(beta, two).await?.lookup::<Clerk>("clerk").ok_or("no clerk")?;
    /// network.crash("10.0.0.1:7100".parse()?); // where the clerk is
    /// let crashed_at = tokio::time::Instant::now();
    /// assert_eq!(clerk.ended().await, StopReason::NodeDown);
    /// assert!(crashed_at.elapsed().as_secs() > 7); // a LAN's takes about 5 s
    /// # Ok(()) }
    /// ```
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self.origins.forget("profile");
        self
    }

    /// Windows, MTU, segmentation offload, keep-alive, idle timeout and socket buffers of the connections: see
    /// there for the unit, range and reason of each. Unset, as it suits a LAN.
    ///
    /// A stable key is made from the cookie if there is none. Means nothing to a node over [a transport of your
    /// own](crate::Clustering::clustered_on), which brings its settings along.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// use murmer::transport::{Limits, QuicConfig};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // Two sites, ten gigabits, 30 ms: large windows, and patience.
    /// let limits = Limits { stream_window: 4 << 20, connection_window: 256 << 20, ..Limits::default() };
    /// let quic = QuicConfig { limits, send_window: 64 << 20, ..QuicConfig::default() };
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret").quic(quic.clone());
    /// let system = System::clustered(config.clone().build()?).await?;
    /// # system.shutdown().await;
    ///
    /// let refused = config.quic(QuicConfig { mtu_max: 9_000, ..quic }).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "mtu_max", .. })));
    /// # Ok(()) }
    /// ```
    pub fn quic(mut self, quic: QuicConfig) -> Self {
        self.quic = quic;
        self.origins.forget_quic();
        self
    }
}

/// Never shows a cookie.
impl fmt::Debug for ClusterConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterConfigBuilder")
            .field("name", &self.name)
            .field("listen", &self.listen)
            .field("advertise", &self.advertise)
            .field("seeds", &self.seeds)
            .finish_non_exhaustive()
    }
}
