//! Typed, location-transparent actors: the same [`Endpoint`] in one process and across a cluster.
//!
//! [`System::local`] runs actors in this process; [`Clustering::clustered`] makes it one of several
//! nodes, over QUIC. Nothing else changes: `start`, `lookup` and sending are the same.
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
//! Doesn't decide anything about clusters: `murmer-node` does. This crate gives it sockets, a clock and
//! a config.

pub mod cluster;
pub mod prelude;

pub use cluster::Clustering;
/// What a handler may return, to answer in pieces: `impl Stream<Item = …>`.
pub use futures_core::Stream;
pub use murmer_core::{
    Accepts, Actor, ActorContext, ActorInfo, ActorOptions, ActorRef, ActorState, ChildStrategy, Control,
    Delivery, Endpoint, Event, Events, Flat, GroupChange, Handlers, JoinError, LinkEnd, Listing, Message,
    MessageInfo, Prepared, ReceptionKey, Recipient, ReplyPort, ReplyStream, ReplyTo, Request, Restart,
    SendError, StartError, StartFailure, StopReason, Supervision, System, SystemOptions, TaskHandle, Tell,
    Terminated, TrySendError, Undecodable, WatchId, Wire, WireName,
};
pub use murmer_macros::{Message, Wire, handlers};
pub use murmer_wire::{ActorId, ActorNumber, GroupName, Incarnation, Label, NameError, NodeId, NodeName};

/// The layer below, for those who bring a transport of their own or test on the in-memory one.
pub mod transport {
    pub use murmer_transport::*;
}

#[doc(hidden)]
pub use murmer_core::__private;

/// The README's examples compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
