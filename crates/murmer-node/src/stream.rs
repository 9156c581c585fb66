//! The two ends of a stream to one actor.
//!
//! ```text
//! Caller                                   Callee
//!   Open { actor, generation }  ──▶
//!   Ask · Tell · Cancel         ──▶
//!                               ◀──  Reply · Fail · Refuse · Accepted
//!                               ◀──  Close { reason, last_accepted }      always the last
//! ```
//!
//! A message's id is one above that of the message before it. A `Cancel` of the id that comes next
//! stands for a message that was given up before it was sent.
//!
//! Both write into a buffer that their shell takes whole whenever the socket is ready: batching
//! without a timer. What they write was encoded before, outside of any lock that the shell may hold.

mod answer_room;
mod blocked;
mod buffer;
mod callee;
mod caller;
mod draft;

pub use answer_room::{ANSWER_BYTES_MAX, AnswerRoom};
pub use blocked::{Blocked, BlockedPlace};
pub use callee::{Callee, CalleeInput, CalleeOutput};
pub use caller::{Caller, CallerInput, CallerOutput, Outcome, WriteError};
pub use draft::Draft;

/// The most messages a caller's buffer holds.
pub const STREAM_MESSAGES_MAX: usize = 1_024;
/// The most bytes a caller's buffer holds, but for one message, which may be larger.
pub const STREAM_BYTES_MAX: usize = 256 << 10;
