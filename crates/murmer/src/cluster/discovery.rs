//! How a node comes to know where others may be: a seam, so that there can be more ways than those here.
//!
//! What a discovery says is a hint and nothing more. The node decides whether and when to dial, how often,
//! and how much of it to remember; and whoever is dialed proves the cookie like anybody else. So a discovery
//! may be as wrong as it likes, or be fed by a stranger.
//!
//! Doesn't know what becomes of a hint; `murmer-node` does.

mod hints;
#[cfg(feature = "mdns")]
mod mdns;
mod places;
mod search;
mod seeds;
mod whereabouts;

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::sync::Arc;

use super::Seed;

pub use self::hints::Hints;
pub(super) use self::hints::{Hint, News};
pub(super) use self::places::{Place, Places};
pub(super) use self::search::{Search, paced};
pub use self::whereabouts::Whereabouts;

/// A way to find nodes: one of those here, or [one of your own](Self::new). Given to
/// [`ClusterConfigBuilder::discovery`](super::config::ClusterConfigBuilder::discovery).
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
/// let beta = config.discovery(Discovery::seeds(["10.0.0.1:7100".parse()?]));
/// let beta = System::clustered_on(beta.build()?, two).await?;
/// assert_eq!(beta.members()[0].0.id, *alpha.node());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Discovery(Arc<dyn Discover>);

impl Discovery {
    /// Nodes that are known beforehand: addresses, or host names that are resolved anew at every try. What
    /// [`seed_nodes`](super::config::ClusterConfigBuilder::seed_nodes) sets.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::config::ClusterConfig;
    /// use murmer::cluster::discovery::Discovery;
    ///
    /// let too_many = vec!["alpha:7100".parse()?; 65];
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret").discovery(Discovery::seeds(too_many));
    /// assert!(config.build().unwrap_err().to_string().contains("at most 64, not 65"));
    /// # Ok::<(), murmer::cluster::SeedError>(())
    /// ```
    pub fn seeds(seeds: impl IntoIterator<Item = Seed>) -> Self {
        Self::new(seeds::Seeds::from_iter(seeds))
    }

    /// The nodes of a local network, by multicast DNS: those that say `cluster`, too. Each announces itself
    /// where it [listens](super::config::ClusterConfigBuilder::listen), on all interfaces if it listens on all;
    /// one that listens on loopback is found on its own machine only.
    ///
    /// Announced are a number that is random for every process, the port, the machine's addresses, and a
    /// fingerprint of `cluster`; neither the node's name nor anything made from the cookie. Whoever can guess
    /// `cluster` can tell that it is meant. There is no multicast on `::1`, on Linux at least: nodes of one machine
    /// find each other on `127.0.0.1` or on all interfaces. Anybody on the network can announce what they like: that makes
    /// nodes dial, at most four times a second, and lets nobody in. Needs UDP port 5353, which several
    /// processes share.
    ///
    /// With the feature `mdns`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// use murmer::cluster::config::ClusterConfig;
    /// use murmer::cluster::discovery::Discovery;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cluster = format!("the example of process {}", std::process::id());
    /// # let cluster = cluster.as_str();
    /// let config = ClusterConfig::builder()
    ///     .listen("127.0.0.1:0".parse()?) // 0.0.0.0 to be found by other machines
    ///     .cookie("my-cluster-secret")
    ///     .discovery(Discovery::mdns(cluster));
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
    pub fn mdns(cluster: impl AsRef<str>) -> Self {
        Self::new(mdns::Mdns::new(cluster.as_ref()))
    }

    /// One of your own.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::discovery::{Discover, Discovery, Hints, Searching, Whereabouts};
    ///
    /// /// What an environment variable says, such as `NODES=10.0.0.1:7100,10.0.0.2:7100`.
    /// struct Environment;
    ///
    /// impl Discover for Environment {
    ///     fn search<'a>(&'a self, _: &'a Whereabouts, hints: &'a Hints) -> Searching<'a> {
    ///         Box::pin(async move {
    ///             let nodes = std::env::var("NODES").unwrap_or_default();
    ///             hints.found("NODES", nodes.split(',').filter_map(|node| node.parse().ok())).await;
    ///         })
    ///     }
    /// }
    ///
    /// let discovery = Discovery::new(Environment);
    /// assert_eq!(format!("{discovery:?}"), "Discovery { seeds: [], .. }"); // nothing is known beforehand
    /// ```
    pub fn new(discover: impl Discover) -> Self {
        Self(Arc::new(discover))
    }

    pub(super) fn seeds_of(&self) -> Vec<Seed> {
        self.0.seeds()
    }

    pub(super) fn searches(&self) -> bool {
        self.0.searches()
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery").field("seeds", &self.0.seeds()).finish_non_exhaustive()
    }
}

/// A way to find nodes: a cloud's list of machines, SRV records, Consul. One value may serve several nodes.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
/// use std::time::Duration;
/// use murmer::cluster::discovery::{Discover, Discovery, Hints, Searching, Whereabouts};
///
/// /// A file with an address, or host and port, on each line; read again now and then.
/// struct File(std::path::PathBuf);
///
/// impl Discover for File {
///     fn search<'a>(&'a self, _node: &'a Whereabouts, hints: &'a Hints) -> Searching<'a> {
///         Box::pin(async move {
///             loop {
///                 // One that can't be read is read again.
///                 for line in tokio::fs::read_to_string(&self.0).await.unwrap_or_default().lines() {
///                     if let Ok(seed) = line.parse() {
///                         hints.found(line, [seed]).await;
///                     }
///                 }
///                 tokio::time::sleep(Duration::from_secs(10)).await;
///             }
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = MemNetwork::new(1);
/// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
/// # let path = std::env::temp_dir().join(format!("murmer-discover-{}", std::process::id()));
/// # std::fs::write(&path, "10.0.0.1:7100\nwhat is this\n")?;
/// # let file = path.clone();
/// let config = ClusterConfig::builder().cookie("my-cluster-secret");
/// let alpha = System::clustered_on(config.clone().build()?, one).await?;
/// let config = config.discovery(Discovery::new(File(path)));
/// # let config = config.join_wait(Duration::from_secs(600));
/// let beta = System::clustered_on(config.build()?, two).await?;
/// assert_eq!(beta.members()[0].0.id, *alpha.node());
/// # std::fs::remove_file(file)?;
/// # Ok(())
/// # }
/// ```
pub trait Discover: Send + Sync + 'static {
    /// What is known from the beginning, and always: dialed at once, again and again until it answers, and
    /// never given up for hints. Asked once, when the config is built.
    fn seeds(&self) -> Vec<Seed> {
        Vec::new()
    }

    /// Whether there is more to find than the [`seeds`](Self::seeds). If so, a node that finds nobody waits for
    /// [`join_wait`](super::config::ClusterConfigBuilder::join_wait) before it takes itself for the first.
    fn searches(&self) -> bool {
        true
    }

    /// Looks for nodes, and tells `hints` of those that come and go; announces `node`, if that is its way.
    /// Polled while the node runs and dropped when it has left, or earlier if it says [nothing more](Hints::leaving).
    ///
    /// It runs beside the node's control plane: what blocks belongs on another thread. If it ends, it is not
    /// asked again; so what fails for now is to be tried again in here.
    fn search<'a>(&'a self, node: &'a Whereabouts, hints: &'a Hints) -> Searching<'a>;
}

/// A search under way: a boxed future, so that a discovery is a value like any other.
///
/// # Examples
///
/// ```
/// use murmer::cluster::discovery::{Hints, Searching};
///
/// fn search(hints: &Hints) -> Searching<'_> {
///     Box::pin(async move {
///         if let Ok(node) = "10.0.0.1:7100".parse() {
///             hints.found("the only one", [node]).await;
///         }
///     })
/// }
/// # let _ = search;
/// ```
pub type Searching<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
