//! What can go wrong with being a node.

use std::time::Duration;

use murmer_transport::BindError;
use murmer_wire::{NodeId, NodeName};

/// Why a node did not start, or did not stay.
///
/// # Examples
///
/// ```
/// use murmer::cluster::ClusterError;
/// use murmer::prelude::*;
///
/// # use murmer::cluster::config::ClusterConfig;
/// # use murmer::transport::MemNetwork;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = MemNetwork::new(1);
/// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
/// # let config = ClusterConfig::builder().name("alpha").cookie("correct horse battery staple");
/// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
/// # let config = config.seed_nodes(["10.0.0.1:7100".parse()?]);
/// // There is an `alpha` already.
/// let other = System::clustered_on(config.name("alpha").build()?, two).await;
/// assert!(matches!(other, Err(ClusterError::NameInUse(name)) if name.as_str() == "alpha"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The address to listen on can't be bound. Nothing was started.
    #[error("can't listen")]
    Bind(#[source] BindError),
    /// Another live process is in the cluster under this name. Nothing was joined; choose another name, or
    /// stop the other process.
    #[error("the name {0} is in use by another live node of the cluster")]
    NameInUse(NodeName),
    /// The clock of this machine is so far behind that no later incarnation could be minted.
    #[error("this node's incarnation stays behind one that was in the cluster before; check the clock")]
    Stale,
    /// Other nodes heard from this node what can't be, and did so again under each of several incarnations. Nothing
    /// was joined; they and this node don't run the same protocol, or its memory is damaged.
    #[error("other nodes found this node's state damaged, under every incarnation that it tried")]
    Quarantined,
    /// The thread for the network could not be started, or has ended early.
    #[error("the network thread failed: {0}")]
    Thread(String),
}

/// Why it is not known that all others hold what this node has registered. It is registered all the same.
/// See [`Clustering::flush`](crate::Clustering::flush).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use murmer::cluster::FlushError;
/// use murmer::prelude::*;
///
/// /// Warns of the nodes that don't follow.
/// async fn announce(system: &System) {
///     match system.flush(Duration::from_secs(5)).await {
///         Ok(()) => println!("known everywhere"),
///         Err(FlushError::TimedOut { nodes, .. }) => println!("not known to {nodes:?} yet"),
///         Err(error) => println!("{error}"),
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() { announce(&System::local()).await }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlushError {
    /// These can be reached, and did not say in time that they hold all of it. They may get it later.
    #[error("not acknowledged within {waited:?} by {nodes:?}")]
    TimedOut {
        /// How long that was.
        waited: Duration,
        /// Which; none if the node itself did not come to it, since 256 others wait or it is busy.
        nodes: Vec<NodeId>,
    },
    /// This node has left its cluster.
    #[error("this node is not part of its cluster any more")]
    NotAMember,
}

/// Why a node is not down though [an operator said so](crate::Clustering::down). Nothing has changed.
///
/// # Examples
///
/// ```
/// use murmer::cluster::DownError;
/// use murmer::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let system = System::local();
/// assert_eq!(system.down(system.node()).await, Err(DownError::NotAMember));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DownError {
    /// It answers, or was heard of a moment ago: it would be back at once.
    #[error("the node is reachable")]
    Reachable,
    /// No such process is a member, or it has left; or this node is not part of a cluster.
    #[error("there is no such member")]
    NotAMember,
}
