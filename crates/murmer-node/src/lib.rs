//! One node's decisions, whole: who is let in, which of two links stays, what is dialed, what is
//! published, who watches whom, and how a call on a stream ends.
//!
//! Five machines, each with `handle`, `poll` and `deadline`:
//!
//! ```text
//! Handshake   one per connection: proves the cookie, introduces the ends
//! Node        one per process: links, dials, membership and registry, in that order
//! Watching    one per process, inside of that: which actors watch which of other nodes
//! Caller      one per stream to an actor elsewhere: correlation, deadlines, settling what is in flight
//! Callee      one per stream from elsewhere: binds to one actor, refuses what is for another
//! ```
//!
//! Doesn't know about sockets, clocks, tasks or actors' types: the shell around it does.

#![no_std]

extern crate alloc;

mod handshake;
mod node;
mod protocol;
mod stream;
mod watch;

pub use handshake::{
    ClusterKey, Handshake, HandshakeError, HandshakeInput, HandshakeOutput, Introduced, Refusal, Role,
    Verdict,
};
pub use node::{
    CloseReason, DialTarget, Input, JoinEnd, LinkId, Node, NodeConfig, NodeStats, Output, Peer, PlaceId,
    Withdrawal,
};
pub use protocol::{
    ActorFrame, Control, EndCause, EndReason, EndWrap, FrameKindError, HELLO_BYTES_MAX, Introduction,
    ItemsEnd, Manifest, ManifestEntry, Notice, Opening, REASON_BYTES_MAX, RefuseReason, Sent, StreamEnd,
    WatchEntry, WatchWord, Welcome,
};
pub use stream::{
    ANSWER_BYTES_MAX, AnswerRoom, Blocked, BlockedPlace, Callee, CalleeInput, CalleeOutput, Caller,
    CallerInput, CallerOutput, Draft, ITEM_BYTES_AHEAD_MAX, ITEMS_AHEAD_MAX, Outcome, Read, ReadEnd,
    STREAM_BYTES_MAX, STREAM_MESSAGES_MAX, WriteError,
};
pub use watch::{Standing, UNMET_WAIT, WATCHES_MAX, WatchEnd, Watching, WatchingInput, WatchingOutput};
