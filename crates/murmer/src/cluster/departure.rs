//! Why a node is no longer part of its cluster, and the one place that says so.

use std::sync::Arc;

use murmer_core::System;
use murmer_node::Withdrawal;
use tokio::sync::watch;

use super::elsewhere;
use super::remote::Shared;

/// Why this node is no longer part of its cluster. It is not coming back under this
/// [`System`](crate::System), whose own actors live on; nobody else's are known or reached any more.
///
/// By then that has been told here as if all others were down, since they may be running: listings tell of their
/// members' removal, events of each [`ActorRemoved`](crate::Event::ActorRemoved) and then of each
/// [`MemberDown`](crate::Event::MemberDown), and watches of [`NodeDown`](crate::StopReason::NodeDown).
///
/// An error for those who did not ask for it.
///
/// # Examples
///
/// ```
/// use murmer::cluster::Departure;
/// use murmer::prelude::*;
///
/// # use murmer::cluster::config::ClusterConfig;
/// # use murmer::transport::MemNetwork;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let config = ClusterConfig::builder().cookie("correct horse battery staple").build()?;
/// # let system = System::clustered_on(config, MemNetwork::new(1).bind("10.0.0.1:7100".parse()?)?).await?;
/// # tokio::spawn({ let system = system.clone(); async move { system.shutdown().await } });
/// match system.left().await {
///     Departure::ShutDown => assert!(system.members().is_empty()),
///     unasked => return Err(unasked.into()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Departure {
    /// [`System::shutdown`](crate::System::shutdown) was called. The others were told.
    #[error("this node was shut down")]
    ShutDown,
    /// Another live process holds this node's name: it kept it, or took it while this one was cut off.
    #[error("another live process holds this node's name")]
    NameInUse,
    /// A later process was taken for this node's successor while this one was silent.
    #[error("a later process has taken this node's place in the cluster")]
    Superseded,
    /// It saw too few of the other nodes to go on: see
    /// [`Downing::KeepMajority`](super::config::Downing::KeepMajority). Those that it still saw were told.
    #[error("this node sees too few of its cluster's members")]
    Minority,
    /// Other nodes heard from it what can't be, and no longer hear it: its state is damaged. Start it anew, and it is
    /// let in as a new process.
    #[error("other nodes found this node's state damaged")]
    Quarantined,
    /// What talks to the other nodes has panicked, or its runtime was dropped. They will find this node
    /// silent.
    #[error("this node's network has failed")]
    Failed,
}

impl From<Withdrawal> for Departure {
    fn from(why: Withdrawal) -> Self {
        match why {
            Withdrawal::NameInUse => Self::NameInUse,
            Withdrawal::Minority => Self::Minority,
            Withdrawal::Quarantined { .. } => Self::Quarantined,
            Withdrawal::Stale { .. } => Self::Superseded,
        }
    }
}

/// Held by whatever runs the node. However that ends, by a panic too: once this is dropped nobody is
/// known or reached any more, which is told as [`Departure`] says, and then those who wait for this node's end
/// hear of it.
pub(super) struct Ending {
    pub(super) shared: Arc<Shared>,
    pub(super) system: System,
    pub(super) ended: watch::Sender<bool>,
    /// [`Failed`](Departure::Failed) until the driver has ended in order.
    pub(super) why: Departure,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let (view, members) = self.shared.end(self.why);
        elsewhere::all_gone(&self.system, &view, &members);
        self.ended.send_replace(true);
    }
}
