//! Why waiting for an actor came to nothing.

use core::time::Duration;

use crate::StopReason;

/// Why an actor did not come to be known. See [`System::wait_for`](crate::System::wait_for).
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use murmer::WaitError;
///
/// let system = System::local();
/// let counter = system.start("counter", Counter, 0);
/// system.stop("counter");
/// let waited = system.wait_for(&counter.actor_ref(), std::time::Duration::MAX).await;
/// assert_eq!(waited, Err(WaitError::Over(StopReason::Stopped)));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// It is over, or its node is down or has left: it will not come.
    #[error("actor is over: {0}")]
    Over(StopReason),
    /// This node was not told of it in time. It may run, and be told of later.
    #[error("nothing was heard of the actor within {waited:?}")]
    TimedOut {
        /// How long that was.
        waited: Duration,
    },
}
