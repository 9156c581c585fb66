//! Making a [`System`] one of several nodes.
//!
//! ```text
//! config ─▶ boot ─▶ driver ◀──▶ Node              decisions and effects of the control plane
//!                     │ one task per connection
//!                  net/ ───────▶ Handshake, control and registry streams, datagrams
//!                     │ one task per actor stream
//!                  stream/ ────▶ Caller, Callee   the data plane
//! ```
//!
//! Over QUIC the control plane runs on a thread of its own, so that a busy application can't starve failure
//! detection. The data plane is one task next to the actors, so that replies are batched where they are made;
//! the control plane's thread stands in for it while the application's workers don't yield.

mod boot;
pub mod config;
pub(crate) mod counters;
mod departure;
pub mod discovery;
mod driver;
mod elsewhere;
mod error;
pub(crate) mod gauges;
mod manifest;
mod net;
mod peer;
pub(crate) mod remote;
mod seed;
mod stream;
mod watches;

#[cfg(feature = "testing")]
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use murmer_core::System;
use murmer_transport::Transport;
use murmer_wire::NodeId;

use self::config::ClusterConfig;
use self::remote::Remote;

pub use self::departure::Departure;
pub use self::error::{ClusterError, DownError, FlushError};
pub use self::peer::PeerInfo;
pub use self::seed::{Seed, SeedError};
pub use murmer_membership::{Member, MemberState};

/// What a [`System`] can do as one of several nodes. In the prelude, so that these read like its own
/// methods.
///
/// # Examples
///
/// ```
/// use murmer::cluster::config::ClusterConfig;
/// use murmer::prelude::*;
///
/// # struct Till;
/// # impl Actor for Till { type State = u64; }
/// # #[handlers]
/// # impl Till {
/// #     #[handler]
/// #     fn pay(&mut self, total: &mut u64, cents: u64) -> u64 { *total += cents; *total }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = ClusterConfig::builder().cookie("correct horse battery staple").listen("127.0.0.1:0".parse()?);
/// let alpha = System::clustered(config.clone().name("alpha").build()?).await?;
/// alpha.start("till", Till, 10);
///
/// // In another process, as a rule.
/// let seed = alpha.advertised().ok_or("alpha is no node")?;
/// let beta = System::clustered(config.name("beta").seed_nodes([seed.into()]).build()?).await?;
/// let till = beta.lookup::<Till>("till").ok_or("no till")?;
/// assert_eq!(till.pay(5).await?, 15);
/// # beta.shutdown().await;
/// # alpha.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub trait Clustering: Sized {
    /// Starts this node and joins the cluster that `config` describes.
    ///
    /// Returns once the port is bound and, given seeds or a [discovery](config::ClusterConfigBuilder::discovery), once
    /// the first that answers and the registries of all members it named are here; after `join_wait` (3 s) it returns
    /// all the same and goes on joining, with a warning unless there was nobody to be found. Actor types are announced to other nodes as they are started here.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives the node up.
    ///
    /// # Errors
    ///
    /// [`ClusterError`]: the port can't be bound, or a live process holds this node's name.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = ClusterConfig::builder().name("alpha").cookie("correct horse battery staple").build()?;
    /// let system = System::clustered(config).await?;
    /// assert_eq!(system.node().name.as_str(), "alpha");
    /// system.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    fn clustered(config: ClusterConfig) -> impl Future<Output = Result<Self, ClusterError>> + Send;

    /// The same, announcing all actor types with `#[handlers]` of this program to every node at once, so
    /// that builds that differ are noticed before the first message.
    ///
    /// # Cancel safety
    ///
    /// As for [`clustered`](Self::clustered).
    ///
    /// # Errors
    ///
    /// As for [`clustered`](Self::clustered).
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = ClusterConfig::builder().name("alpha").cookie("correct horse battery staple").build()?;
    /// let system = System::clustered_auto(config).await?;
    /// assert_eq!(system.node().name.as_str(), "alpha");
    /// system.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    fn clustered_auto(config: ClusterConfig) -> impl Future<Output = Result<Self, ClusterError>> + Send;

    /// The same over a transport of your own, on the runtime of the caller: for tests, over
    /// [`MemNetwork`](murmer_transport::MemNetwork).
    ///
    /// # Cancel safety
    ///
    /// As for [`clustered`](Self::clustered).
    ///
    /// # Errors
    ///
    /// As for [`clustered`](Self::clustered), but for binding.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # struct Till;
    /// # impl Actor for Till { type State = u64; }
    /// # #[handlers]
    /// # impl Till {
    /// #     #[handler]
    /// #     fn pay(&mut self, total: &mut u64, cents: u64) -> u64 { *total += cents; *total }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::transport::MemNetwork;
    ///
    /// let network = MemNetwork::new(4711);
    /// let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().cookie("correct horse battery staple");
    /// let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// alpha.start("till", Till, 10);
    ///
    /// let config = config.seed_nodes(["10.0.0.1:7100".parse()?]);
    /// let beta = System::clustered_on(config.build()?, two).await?;
    /// let till = beta.lookup::<Till>("till").ok_or("no till")?;
    /// assert_eq!(till.pay(5).await?, 15);
    /// # Ok(())
    /// # }
    /// ```
    fn clustered_on<T: Transport>(
        config: ClusterConfig,
        transport: T,
    ) -> impl Future<Output = Result<Self, ClusterError>> + Send;

    /// Where this node listens, with the port that it got if it [was to listen](config::ClusterConfigBuilder::listen)
    /// on any. Over a transport of your own, whatever that is bound to. `None` for a local system.
    ///
    /// Stays what it was after the node has left.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = ClusterConfig::builder().cookie("correct horse battery staple");
    /// let system = System::clustered(config.listen("127.0.0.1:0".parse()?).build()?).await?;
    /// let addr = system.local_addr().ok_or("a node listens")?;
    /// assert!(addr.ip().is_loopback() && addr.port() != 0);
    /// assert_eq!(System::local().local_addr(), None);
    /// # system.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    fn local_addr(&self) -> Option<SocketAddr>;

    /// Where this node tells others that it is: what they can have as a seed. As
    /// [set](config::ClusterConfigBuilder::advertise), or else as found out from where it listens. `None` for a
    /// local system.
    ///
    /// Stays what it was after the node has left.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = ClusterConfig::builder().cookie("correct horse battery staple");
    /// let config = config.listen("0.0.0.0:0".parse()?);
    /// let alpha = System::clustered(config.clone().name("alpha").build()?).await?;
    /// let seed = alpha.advertised().ok_or("a node is somewhere")?;
    /// assert!(seed.ip().is_loopback()); // nothing says that there is more than this machine
    ///
    /// let beta = System::clustered(config.seed_nodes([seed.into()]).build()?).await?;
    /// assert_eq!(beta.members()[0].0.id, *alpha.node());
    /// # beta.shutdown().await;
    /// # alpha.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    fn advertised(&self) -> Option<SocketAddr>;

    /// The other nodes of the cluster, and how they are; empty for a local system.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # use murmer::transport::MemNetwork;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// # let config = ClusterConfig::builder().cookie("correct horse battery staple");
    /// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// # let config = config.seed_nodes(["10.0.0.1:7100".parse()?]);
    /// # let beta = System::clustered_on(config.build()?, two).await?;
    /// use murmer::cluster::MemberState;
    ///
    /// // Beta has joined alpha.
    /// let members = beta.members();
    /// let [(member, state)] = &members[..] else { panic!("{members:?}") };
    /// assert_eq!((&member.id, *state), (alpha.node(), MemberState::Up));
    /// # Ok(())
    /// # }
    /// ```
    fn members(&self) -> Vec<(Member, MemberState)>;

    /// The nodes that this one is connected to now, with round trip, bytes, packets, losses and open streams of each
    /// connection; empty for a local system. Reads counters that are kept anyway.
    ///
    /// Not every [member](Self::members) is a peer: a connection may be broken, or not made yet.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # use murmer::transport::MemNetwork;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// # let config = ClusterConfig::builder().cookie("correct horse battery staple");
    /// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// # let config = config.seed_nodes(["10.0.0.1:7100".parse()?]);
    /// # let beta = System::clustered_on(config.build()?, two).await?;
    /// // Beta has joined alpha.
    /// let peers = beta.peers();
    /// let [peer] = &peers[..] else { panic!("{peers:?}") };
    /// assert_eq!((&peer.id, peer.addr), (alpha.node(), "10.0.0.1:7100".parse()?));
    /// assert!(peer.connection.bytes_sent > 0 && peer.connection.bytes_received > 0);
    /// # Ok(())
    /// # }
    /// ```
    fn peers(&self) -> Vec<PeerInfo>;

    /// Says to this node that `node`, which is [unreachable](MemberState::Unreachable), is down: it is held to
    /// be at once, whatever the [policy](config::Downing). What it had is gone from here, and whoever watches
    /// an actor of it is told. Fine to repeat.
    ///
    /// Nobody else is told: say it to every node that is to believe it. And it is only what this node believes:
    /// if `node` is alive after all, it goes on where it is, and is up again here as soon as there is a
    /// connection.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, it may have been said or not.
    ///
    /// # Errors
    ///
    /// [`DownError`]: it can be reached, or is no member. Nothing has changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::transport::MemNetwork;
    /// # use std::time::Duration;
    /// use murmer::cluster::config::{ClusterConfig, Downing};
    /// use murmer::cluster::{DownError, MemberState};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().downing(Downing::Manual);
    /// # let config = config.cookie("correct horse battery staple");
    /// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// # let beta = config.seed_nodes(["10.0.0.1:7100".parse()?]);
    /// # let beta = System::clustered_on(beta.build()?, two).await?;
    /// // In beta, which has joined alpha.
    /// assert_eq!(beta.down(alpha.node()).await, Err(DownError::Reachable));
    /// network.crash("10.0.0.1:7100".parse()?);
    /// tokio::time::sleep(Duration::from_secs(600)).await;
    /// assert_eq!(beta.members()[0].1, MemberState::Unreachable); // nobody has said that it is down
    /// beta.down(alpha.node()).await?;
    /// assert_eq!(beta.members()[0].1, MemberState::Down);
    /// # Ok(())
    /// # }
    /// ```
    fn down(&self, node: &NodeId) -> impl Future<Output = Result<(), DownError>> + Send;

    /// Waits until every member that can be reached holds all that was registered here before the call: actors
    /// and their ends, groups that were joined and left. From then on they find it there. `within` this long;
    /// with [`Duration::MAX`] for as long as it takes. Ready at once for a local system.
    ///
    /// Members that can't be reached are not waited for; they get it when they can. It takes some 60 ms on a
    /// quiet network, since nodes acknowledge every 50 ms.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Errors
    ///
    /// [`FlushError`]: it took too long, and who was late; or this node has left.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # use murmer::transport::MemNetwork;
    /// # struct Till;
    /// # impl Actor for Till { type State = u64; }
    /// # #[handlers]
    /// # impl Till {
    /// #     #[handler]
    /// #     fn pay(&mut self, total: &mut u64, cents: u64) -> u64 { *total += cents; *total }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// # let config = ClusterConfig::builder().cookie("correct horse battery staple");
    /// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// # let config = config.seed_nodes(["10.0.0.1:7100".parse()?]);
    /// # let beta = System::clustered_on(config.build()?, two).await?;
    /// // Beta has joined alpha.
    /// alpha.start("till", Till, 0);
    /// alpha.flush(Duration::from_secs(5)).await?;
    /// assert!(beta.lookup::<Till>("till").is_some());
    /// # Ok(())
    /// # }
    /// ```
    fn flush(&self, within: Duration) -> impl Future<Output = Result<(), FlushError>> + Send;

    /// Waits until this node is no longer part of its cluster, and says why. A node that another process
    /// has replaced leaves by itself: whoever serves others should end, or start anew, when this is ready
    /// unasked. Never ready for a local system.
    ///
    /// # Cancel safety
    ///
    /// Can be dropped and asked again; the answer stays the same.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::cluster::config::ClusterConfig;
    /// # use murmer::cluster::Departure;
    /// # use murmer::transport::MemNetwork;
    /// /// Until `stop` is ready.
    /// async fn serve(system: System, stop: impl Future) -> Result<(), Departure> {
    ///     tokio::select! {
    ///         _ = stop => Ok(system.shutdown().await),
    ///         why = system.left() => Err(why),
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let config = ClusterConfig::builder().cookie("correct horse battery staple").build()?;
    /// # let system = System::clustered_on(config, MemNetwork::new(1).bind("10.0.0.1:7100".parse()?)?).await?;
    /// serve(system.clone(), async {}).await?;
    /// assert_eq!(system.left().await, Departure::ShutDown);
    /// # Ok(())
    /// # }
    /// ```
    fn left(&self) -> impl Future<Output = Departure> + Send;
}

impl Clustering for System {
    async fn clustered(config: ClusterConfig) -> Result<Self, ClusterError> {
        boot::over_quic(config, manifest::Announce::AsUsed).await
    }

    async fn clustered_auto(config: ClusterConfig) -> Result<Self, ClusterError> {
        boot::over_quic(config, manifest::Announce::All).await
    }

    async fn clustered_on<T: Transport>(config: ClusterConfig, transport: T) -> Result<Self, ClusterError> {
        boot::over(config, manifest::Announce::All, Arc::new(transport)).await
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        remote_of(self).map(|remote| remote.local_addr)
    }

    fn advertised(&self) -> Option<SocketAddr> {
        remote_of(self).map(|remote| remote.advertised)
    }

    fn members(&self) -> Vec<(Member, MemberState)> {
        remote_of(self).map(Remote::members).unwrap_or_default()
    }

    fn peers(&self) -> Vec<PeerInfo> {
        remote_of(self).map(Remote::peers).unwrap_or_default()
    }

    async fn down(&self, node: &NodeId) -> Result<(), DownError> {
        match remote_of(self) {
            Some(remote) => remote.down(node).await,
            None => Err(DownError::NotAMember),
        }
    }

    async fn flush(&self, within: Duration) -> Result<(), FlushError> {
        match remote_of(self) {
            Some(remote) => remote.flush(within).await,
            None => Ok(()),
        }
    }

    async fn left(&self) -> Departure {
        match remote_of(self) {
            Some(remote) => remote.left().await,
            None => std::future::pending().await,
        }
    }
}

/// A node over `transport` whose peers are known to be friends: nothing is stretched.
#[cfg(feature = "testing")]
pub(crate) async fn start_trusted<T: Transport>(
    config: ClusterConfig,
    key: murmer_node::ClusterKey,
    transport: T,
) -> Result<System, ClusterError> {
    boot::over_with(config, vec![key], manifest::Announce::All, Arc::new(transport)).await
}

/// What `system` doesn't know of the actors of `other`, in words.
#[cfg(feature = "testing")]
pub(crate) fn unknown_of(system: &System, other: &System) -> Option<String> {
    let known: BTreeSet<_> = remote_of(system)?.shared.known_of(other.node()).into_iter().collect();
    let told: BTreeSet<_> = other.told().into_iter().collect();
    let (missing, wrong) = (told.difference(&known).count(), known.difference(&told).count());
    let text = "are not known with their groups";
    (missing + wrong > 0)
        .then(|| format!("{missing} actors {text}, and {wrong} are known that are not like that"))
}

/// The cluster that `system` is in.
pub(crate) fn remote_of(system: &System) -> Option<&Remote> {
    system.cluster().and_then(|cluster| cluster.as_any().downcast_ref())
}
