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
//! Over QUIC all of these run on one thread of their own, so that replies are batched where they
//! arrive and a busy application can't starve failure detection.

mod boot;
pub mod config;
mod departure;
mod driver;
mod error;
mod manifest;
mod net;
mod remote;
mod seed;
mod stream;

use std::sync::Arc;

use murmer_core::System;
use murmer_transport::Transport;

use self::config::ClusterConfig;
use self::remote::Remote;

pub use self::departure::Departure;
pub use self::error::ClusterError;
pub use self::seed::{Seed, SeedError};
pub use murmer_membership::{Member, MemberState};

/// What a [`System`] can do as one of several nodes. In the prelude, so that these read like its own
/// methods.
pub trait Clustering: Sized {
    /// Starts this node and joins the cluster that `config` describes.
    ///
    /// Returns once the port is bound and, given seeds, once the first that answers and the registries of
    /// all members it named are here; after `join_wait` (3 s) it returns all the same, with a warning, and
    /// goes on joining. Actor types are announced to other nodes as they are started here.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives the node up.
    ///
    /// # Errors
    ///
    /// [`ClusterError`]: the port can't be bound, or a live process holds this node's name.
    fn clustered(config: ClusterConfig) -> impl Future<Output = Result<Self, ClusterError>> + Send;

    /// The same, announcing all actor types with `#[handlers]` of this program to every node at once, so
    /// that builds that differ are noticed before the first message.
    ///
    /// # Errors
    ///
    /// As for [`clustered`](Self::clustered).
    fn clustered_auto(config: ClusterConfig) -> impl Future<Output = Result<Self, ClusterError>> + Send;

    /// The same over a transport of your own, on the runtime of the caller: for tests, over
    /// [`MemNetwork`](murmer_transport::MemNetwork).
    ///
    /// # Errors
    ///
    /// As for [`clustered`](Self::clustered), but for binding.
    fn clustered_on<T: Transport>(
        config: ClusterConfig,
        transport: T,
    ) -> impl Future<Output = Result<Self, ClusterError>> + Send;

    /// The other nodes of the cluster, and how they are; empty for a local system.
    fn members(&self) -> Vec<(Member, MemberState)>;

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
    /// use murmer::prelude::*;
    ///
    /// async fn serve(system: System, stop: impl Future) -> Result<(), Box<dyn std::error::Error>> {
    ///     tokio::select! {
    ///         _ = stop => Ok(system.shutdown().await),
    ///         why = system.left() => Err(why.into()),
    ///     }
    /// }
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

    fn members(&self) -> Vec<(Member, MemberState)> {
        remote(self).map(Remote::members).unwrap_or_default()
    }

    async fn left(&self) -> Departure {
        match remote(self) {
            Some(remote) => remote.left().await,
            None => std::future::pending().await,
        }
    }
}

fn remote(system: &System) -> Option<&Remote> {
    system.cluster().and_then(|cluster| cluster.as_any().downcast_ref())
}
