//! Actors, mailboxes, endpoints and the receptionist: murmer in one process, complete without a network.
//!
//! An [`Actor`] is a value and its state, run by one task that handles one message at a time. A
//! [`System`] starts actors and finds them by label; an [`Endpoint`] sends to one of them, wherever
//! it is. `#[handlers]` writes the message types, the envelope enum and the dispatch between them.
//!
//! Doesn't know how another process is reached: that is behind [`Cluster`] and [`FarActor`], which
//! the `murmer` crate implements over QUIC and tests implement over channels.

mod actor;
mod boot;
mod changes;
mod contained;
mod context;
mod control;
mod current;
mod deadline;
mod dice;
mod end;
mod endpoint;
mod error;
mod events;
mod family;
mod far;
mod groups;
mod inbound;
mod mailbox;
mod message;
mod near;
mod options;
mod prepared;
#[doc(hidden)]
pub mod private;
mod reason;
mod recipient;
mod reference;
mod reply;
mod request;
mod router;
mod running;
mod shards;
mod streaming;
mod supervision;
mod sync;
mod system;
mod tallies;
mod task;
mod type_info;
mod vitals;
mod wait_error;
mod watch;
mod wire;
mod wire_name;

pub use actor::Actor;
pub use boot::{incarnation_now, os_random};
pub use changes::{Change, Changes};
pub use context::{ActorContext, TaskHandle};
pub use control::Control;
pub use endpoint::Endpoint;
pub use error::{Delivery, LinkEnd, SendError, StartError, StartFailure};
pub use events::{Event, Events};
pub use far::{Answered, CallId, Cluster, FarActor, FarCall, FarItems, FarReply, FarWatch, Heard, Observer};
pub use groups::{GroupChange, JoinError, Listing, ReceptionKey};
pub use inbound::{InboundPort, Undeliverable};
pub use message::{Accepts, Handlers, Message, MessageInfo, Undecodable};
pub use options::{ActorOptions, ChildStrategy};
pub use prepared::Prepared;
#[doc(hidden)]
pub use private as __private;
pub use reason::StopReason;
pub use recipient::Recipient;
pub use reference::ActorRef;
pub use reply::{Failure, ReplyPort, ReplySink, ReplyTo};
pub use request::{Flat, Request, Tell, TrySendError};
pub use router::{
    Broadcast, FirstResponse, FirstResponseError, KeyedRouter, Outcomes, RouteError, Routed, Routees, Router,
};
pub use streaming::{ItemSink, ReplyStream};
pub use supervision::{Restart, Supervision};
pub use system::{System, SystemOptions};
pub use type_info::TypeInfo;
pub use vitals::{ActorInfo, ActorState};
pub use wait_error::WaitError;
pub use watch::{Terminated, WatchId};
pub use wire::Wire;
pub use wire_name::WireName;
