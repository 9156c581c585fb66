//! How an actor is doing: counted by its task, read by whoever wants to know.

use core::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use core::time::Duration;

use murmer_wire::{ActorId, ActorNumber, Label};
use tokio::time::Instant;

/// What there is to know about an actor of this process. See [`System::actors`](crate::System::actors).
///
/// # Examples
///
/// ```
/// # use std::time::Duration;
/// # use murmer::prelude::*;
/// # struct Sleeper;
/// # impl Actor for Sleeper { type State = (); }
/// # #[handlers] impl Sleeper {
/// #     #[handler] async fn nap(&mut self) { tokio::time::sleep(Duration::from_secs(3_600)).await }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
/// let system = System::local();
/// let sleeper = system.start("sleeper", Sleeper, ());
/// for _ in 0..3 {
///     sleeper.nap().tell().await?;
/// }
/// let busiest = system.actors().into_iter().max_by_key(|info| info.mailbox_depth);
/// let busiest = busiest.expect("there is one");
/// assert_eq!((busiest.id, busiest.mailbox_depth), (sleeper.id(), 3));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActorInfo {
    /// Which actor.
    pub id: ActorId,
    /// Its label, if it has one.
    pub label: Option<Label>,
    /// `crate::Type`.
    pub actor_type: &'static str,
    /// What it is doing.
    pub state: ActorState,
    /// Messages that wait, the one in hand included.
    pub mailbox_depth: usize,
    /// Messages handled since it was started, over all its lives.
    pub handled: u64,
    /// Time spent on them: from the first of a batch to the last, what handlers wait for included. Small
    /// batches are sampled.
    pub busy: Duration,
    /// How many times it has been restarted.
    pub restarts: u64,
}

/// What an actor is doing.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use murmer::{ActorOptions, ActorState};
///
/// let system = System::local();
/// let state = || system.actors()[0].state;
/// let prepared = system.prepare("counter", ActorOptions::default())?;
/// assert_eq!(state(), ActorState::Starting);
/// prepared.start(Counter, 0).add(1).await?;
/// assert_eq!(state(), ActorState::Running);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActorState {
    /// It has not begun: prepared, or in its start-up.
    Starting,
    /// It takes messages.
    Running,
    /// It failed, and waits for its next life.
    Restarting,
    /// It is cleaning up.
    Stopping,
}

#[derive(Debug, Default)]
pub(crate) struct Vitals {
    state: AtomicU8,
    handled: AtomicU64,
    busy_nanos: AtomicU64,
    restarts: AtomicU32,
    /// Up to which message, counted as `handled` does, the time is accounted for.
    timed_until: AtomicU32,
    /// The actor whose answer the handler in hand waits for; 0 for none.
    waits_for: AtomicU64,
}

impl Vitals {
    /// A batch of `messages` begins; when, if its time is to be taken. Reading the clock costs as much as several
    /// small messages.
    pub(crate) fn begin(&self, messages: usize) -> Option<Instant> {
        (self.untimed() as usize + messages >= SAMPLE_EVERY).then(Instant::now)
    }

    /// `messages` of it have been handled. Written by the actor's task alone, so a load and a store do.
    pub(crate) fn end(&self, messages: usize, began_at: Option<Instant>) {
        let (messages, untimed) = (messages as u64, u64::from(self.untimed()));
        let handled = self.handled.load(Ordering::Relaxed) + messages;
        self.handled.store(handled, Ordering::Relaxed);
        if let Some(began_at) = began_at.filter(|_| messages > 0) {
            // It stands for those before it whose time was not taken, too.
            let nanos = began_at.elapsed().as_nanos() * u128::from(untimed + messages) / u128::from(messages);
            let nanos = u64::try_from(nanos).unwrap_or(u64::MAX);
            let busy = self.busy_nanos.load(Ordering::Relaxed).saturating_add(nanos);
            self.busy_nanos.store(busy, Ordering::Relaxed);
            self.timed_until.store(handled as u32, Ordering::Relaxed);
        }
    }

    /// Messages handled since time was last taken.
    fn untimed(&self) -> u32 {
        (self.handled.load(Ordering::Relaxed) as u32).wrapping_sub(self.timed_until.load(Ordering::Relaxed))
    }

    pub(crate) fn restarted(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_state(&self, state: ActorState) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    pub(crate) fn state(&self) -> ActorState {
        const ALL: [ActorState; 4] =
            [ActorState::Starting, ActorState::Running, ActorState::Restarting, ActorState::Stopping];
        ALL[usize::from(self.state.load(Ordering::Relaxed)) % ALL.len()]
    }

    pub(crate) fn handled(&self) -> u64 {
        self.handled.load(Ordering::Relaxed)
    }

    pub(crate) fn busy(&self) -> Duration {
        Duration::from_nanos(self.busy_nanos.load(Ordering::Relaxed))
    }

    pub(crate) fn restarts(&self) -> u64 {
        u64::from(self.restarts.load(Ordering::Relaxed))
    }

    pub(crate) fn set_waits_for(&self, actor: ActorNumber) {
        // The last of a ring to begin to wait must see the others.
        self.waits_for.store(actor.0, Ordering::SeqCst);
    }

    /// It may wait for another one yet, if its handler asks several at once.
    pub(crate) fn waits_no_more_for(&self, actor: ActorNumber) {
        // An error means just that.
        let _ = self.waits_for.compare_exchange(actor.0, 0, Ordering::SeqCst, Ordering::SeqCst);
    }

    pub(crate) fn waits_for(&self) -> Option<ActorNumber> {
        Some(ActorNumber(self.waits_for.load(Ordering::SeqCst))).filter(|number| number.0 != 0)
    }
}

/// Messages between two batches whose time is taken, if they are smaller than this.
const SAMPLE_EVERY: usize = 16;
