//! What there is to know about all actors of one type together.

use core::time::Duration;

/// How the actors of one type of this process are doing, and what they have come to since it began, those that are
/// over included. See [`System::actor_types`](crate::System::actor_types).
///
/// Sums never fall.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// use murmer::TypeInfo;
///
/// /// What one message takes, on average: waiting of its handler included.
/// fn mean(info: &TypeInfo) -> std::time::Duration {
///     info.busy / u32::try_from(info.handled.max(1)).unwrap_or(u32::MAX)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
/// let system = System::local();
/// system.start("counter", Counter, 0).add(1).await?;
/// assert!(mean(&system.actor_types()[0]).as_secs() < 60);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeInfo {
    /// `crate::Type`.
    pub actor_type: &'static str,
    /// How many there are now, those that finish their last message included.
    pub actors: usize,
    /// Messages that wait in all their mailboxes, those in hand included.
    pub mailbox_depth: usize,
    /// And in the fullest of them.
    pub mailbox_depth_max: usize,
    /// Messages handled.
    pub handled: u64,
    /// Time spent on them; see [`ActorInfo::busy`](crate::ActorInfo::busy).
    pub busy: Duration,
    /// Messages that were accepted and never handled, because their actor ended.
    pub refused: u64,
    /// Messages of this process that no mailbox had room for within
    /// [`mailbox_wait`](crate::SystemOptions::mailbox_wait).
    pub overloaded: u64,
    /// Panics of handlers, hooks and factories.
    pub panics: u64,
    /// How many times one has been restarted.
    pub restarts: u64,
}
