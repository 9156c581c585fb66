//! What nearly every program needs: `use murmer::prelude::*;`.

pub use crate::{
    Actor, ActorContext, ActorRef, Clustering, Endpoint, Message, ReplyStream, ReplyTo, SendError,
    StartFailure, StopReason, Stream, System, Terminated, handlers,
};
