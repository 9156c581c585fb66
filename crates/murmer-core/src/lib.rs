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
mod endpoint;
mod error;
mod far;
mod inbound;
mod mailbox;
mod message;
mod near;
#[doc(hidden)]
pub mod private;
mod reference;
mod reply;
mod request;
mod running;
mod shards;
mod system;
mod task;

pub use actor::{Actor, ActorContext, ActorOptions};
pub use boot::{incarnation_now, os_random};
pub use changes::{Change, Changes};
pub use endpoint::Endpoint;
pub use error::{Delivery, LinkEnd, SendError, StartError};
pub use far::{CallId, Cluster, FarActor, FarCall, FarReply};
pub use inbound::{InboundPort, Undeliverable};
pub use message::{Accepts, Handlers, Message, MessageInfo, Undecodable};
#[doc(hidden)]
pub use private as __private;
pub use reference::ActorRef;
pub use reply::{Failure, ReplyPort, ReplySink, ReplyTo};
pub use request::{Request, Tell};
pub use system::{System, SystemOptions};
