//! The two ends of a stream to one actor.
//!
//! ```text
//! Caller                                   Callee
//!   Open { actor, generation }  ──▶
//!   Ask · Tell · Cancel         ──▶
//!                               ◀──  Reply · Fail · Refuse · Accepted
//!                               ◀──  Item · End                           behind an empty Reply
//!   Credit                      ──▶
//!                               ◀──  Close { reason, last_accepted }      always the last
//! ```
//!
//! A message's id is one above that of the message before it. A `Cancel` of the id that comes next
//! stands for a message that was given up before it was sent.
//!
//! Both write into a buffer that their shell takes whole whenever the socket is ready: batching
//! without a timer. What they write was encoded before, outside of any lock that the shell may hold.

mod answer_room;
mod asks;
mod blocked;
mod buffer;
mod callee;
mod caller;
mod credit;
mod draft;
mod inbox;
mod inboxes;
mod outcome;
mod write_error;

pub use answer_room::{ANSWER_BYTES_MAX, AnswerRoom};
pub use blocked::{Blocked, BlockedPlace};
pub use callee::{Callee, CalleeInput, CalleeOutput};
pub use caller::{Caller, CallerInput, CallerOutput};
pub use credit::{ITEM_BYTES_AHEAD_MAX, ITEMS_AHEAD_MAX};
pub use draft::Draft;
pub use inbox::{Read, ReadEnd};
pub use outcome::Outcome;
pub use write_error::WriteError;

/// The most messages a caller's buffer holds.
pub const STREAM_MESSAGES_MAX: usize = 1_024;
/// The most bytes a caller's buffer holds, but for one message, which may be larger.
pub const STREAM_BYTES_MAX: usize = 256 << 10;
