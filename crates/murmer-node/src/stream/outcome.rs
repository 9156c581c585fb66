//! How an ask that crossed a stream can end.

use core::time::Duration;

use bytes::Bytes;

use crate::protocol::{RefuseReason, StreamEnd};

/// How an ask ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer, still encoded.
    Reply(Bytes),
    /// Not handled, and why.
    Refused(RefuseReason),
    /// Handled, without an answer.
    Failed {
        /// Whether the handler panicked.
        panicked: bool,
    },
    /// The stream closed.
    Closed {
        /// Why.
        reason: StreamEnd,
        /// Whether the message may have been handled.
        may_be_handled: bool,
    },
    /// The stream was lost.
    Lost {
        /// Whether the message may have been handled.
        may_be_handled: bool,
    },
    /// No answer in time.
    TimedOut {
        /// The time allowed.
        after: Duration,
        /// Whether the message may have been handled.
        may_be_handled: bool,
    },
}
