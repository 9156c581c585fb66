//! Typed, location-transparent actors: the same [`Endpoint`] in one process and across a cluster.
//!
//! [`System::local`] runs actors in this process; [`Clustering::clustered`] makes it one of several
//! nodes, over QUIC. Nothing else changes: `start`, `lookup` and sending are the same.
//!
//! `docs/guide.md` in the repository shows what there is to do with actors, one thing after the other.
//!
//! ```
//! use murmer::prelude::*;
//!
//! struct Greeter;
//! impl Actor for Greeter {
//!     type State = ();
//! }
//!
//! #[handlers]
//! impl Greeter {
//!     #[handler]
//!     fn greet(&mut self, name: String) -> String {
//!         format!("Hello, {name}!")
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), SendError> {
//! let system = System::local();
//! let greeter = system.start("greeter", Greeter, ());
//! assert_eq!(greeter.greet("Ada".into()).await?, "Hello, Ada!");
//! # Ok(())
//! # }
//! ```
//!
//! # Groups and routers
//!
//! Actors of one type find each other through a group: [`System::group`] says who is in,
//! [`System::listing`] how that changes. A [`Router`] sends to one of them, or to all.
//!
//! ```
//! use murmer::prelude::*;
//! use murmer::{ReceptionKey, Router, StartFailure};
//!
//! struct Worker;
//! impl Actor for Worker {
//!     type State = ReceptionKey<Self>;
//!
//!     async fn started(&mut self, ctx: &ActorContext<Self>, key: &mut Self::State) -> Result<(), StartFailure> {
//!         Ok(ctx.join(key)?) // out again when it ends, however it ends
//!     }
//! }
//!
//! #[handlers(local)]
//! impl Worker {
//!     #[handler]
//!     fn square(&mut self, n: u64) -> u64 {
//!         n * n
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let system = System::local();
//! let key = ReceptionKey::new("workers")?;
//! let mut listing = system.listing(&key);
//! for _ in 0..4 {
//!     system.start_anonymous(Worker, key.clone());
//! }
//! println!("{:?}", listing.next().await); // Some(Added(…)): the first is ready
//!
//! let workers = Router::round_robin(system.listing(&key));
//! assert_eq!(workers.send(WorkerSquare { n: 7 }).await?, 49);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! Each adds API and changes nothing else. None is on unless asked for.
//!
//! | feature | adds |
//! |---|---|
//! | `contract` | `transport::contract_suite!`: what a transport must do, as tests for one of your own |
//! | `health` | `health`: `/live`, `/ready` and `/metrics` over HTTP |
//! | `mdns` | `Discovery::mdns`: finding nodes on the local network |
//! | `metrics` | `metrics`: what a node counts, through the `metrics` facade |
//! | `testing` | `testing`: clusters for tests, on one thread and a clock that only waiting moves |
//! | `toml` | `ClusterConfigBuilder::{file, toml}`: settings from TOML files |
//!
//! Doesn't decide anything about clusters: `murmer-node` does. This crate gives it sockets, a clock and
//! a config.

pub mod cluster;
#[cfg(feature = "health")]
pub mod health;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod prelude;
#[cfg(feature = "testing")]
pub mod testing;

pub use cluster::Clustering;
/// What a handler may return, to answer in pieces: `impl Stream<Item = …>`.
pub use futures_core::Stream;
pub use murmer_core::{
    Accepts, Actor, ActorContext, ActorInfo, ActorOptions, ActorRef, ActorState, Broadcast, ChildStrategy,
    Control, Delivery, Endpoint, Event, Events, FirstResponse, FirstResponseError, Flat, GroupChange,
    Handlers, JoinError, KeyedRouter, LinkEnd, Listing, Message, MessageInfo, Outcomes, Prepared,
    ReceptionKey, Recipient, ReplyPort, ReplyStream, ReplyTo, Request, Restart, RouteError, Routed, Routees,
    Router, SendError, StartError, StartFailure, StopReason, Supervision, System, SystemOptions, TaskHandle,
    Tell, Terminated, TrySendError, TypeInfo, Undecodable, WaitError, WatchId, Wire, WireName,
};
pub use murmer_macros::{Message, Wire, handlers};
pub use murmer_wire::{
    ActorId, ActorNumber, GroupName, Incarnation, Label, NameError, NodeId, NodeName, Visibility,
};

/// The layer below, for those who bring a transport of their own or test on the in-memory one. With the feature
/// `contract`, `contract_suite!` holds one of your own to what it must do.
pub mod transport {
    pub use murmer_transport::*;
}

#[doc(hidden)]
pub use murmer_core::__private;

/// The README's examples compile and run.
#[cfg(doctest)]
#[cfg_attr(feature = "health", doc = include_str!("../../../README.md"))]
pub struct Readme;

/// So do the guide's.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide.md")]
#[doc = include_str!("../../../docs/guide/further.md")]
#[cfg_attr(feature = "testing", doc = include_str!("../../../docs/guide/testing.md"))]
#[doc = include_str!("../../../docs/guide/cluster.md")]
#[cfg_attr(feature = "health", doc = include_str!("../../../docs/guide/metrics.md"))]
pub struct Guide;
