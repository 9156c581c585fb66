//! What happens in a system that nobody asked about, for those who want to know.

use std::sync::OnceLock;

use murmer_wire::{ActorId, Label};
use tokio::sync::broadcast;

use crate::StopReason;

/// Something that happened.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
/// use murmer::Event;
///
/// let system = System::local();
/// let mut events = system.events();
/// let counter = system.start("counter", Counter, 0);
/// counter.add(1).tell().await?;
/// counter.control().stop(); // before its turn comes
/// match events.next().await {
///     Some(Event::Undelivered { actor, message, .. }) => assert_eq!((actor, message), (counter.id(), "add")),
///     event => panic!("{event:?}"),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A tell had been accepted, and its actor ended before its turn came. An ask would have ended with
    /// [`Stopped`](crate::SendError::Stopped); a tell has nobody to tell.
    Undelivered {
        /// For whom it was.
        actor: ActorId,
        /// That one's label.
        label: Option<Label>,
        /// That one's type.
        actor_type: &'static str,
        /// The handler's name.
        message: &'static str,
    },
    /// An actor was not started: its label is held by another one, which goes on.
    LabelTaken {
        /// The label.
        label: Label,
        /// Who holds it.
        holder: ActorId,
        /// The type of the one that was not started.
        refused: &'static str,
    },
    /// An actor failed, and will begin another life.
    Restarted {
        /// Which actor.
        actor: ActorId,
        /// Its label.
        label: Option<Label>,
        /// Its type.
        actor_type: &'static str,
        /// How many times it has been restarted, this one included.
        restarts: u64,
        /// Why its last life ended.
        reason: StopReason,
    },
    /// Actors wait for each other's answers in a ring: none of them can answer. Each ends when its ask's
    /// time is over, if it has any.
    AskCycle {
        /// Each waits for the next, and the last for the first.
        actors: Vec<(ActorId, Option<Label>)>,
    },
    /// This reader was too slow: so many events were not kept for it.
    Lagged {
        /// How many.
        missed: u64,
    },
}

/// A reader of a system's events, from when it was made. See [`System::events`](crate::System::events).
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use murmer::Event;
///
/// let system = System::local();
/// let mut events = system.events();
/// let watch = tokio::spawn(async move {
///     let mut refused = 0;
///     while let Some(event) = events.next().await {
///         refused += u32::from(matches!(event, Event::LabelTaken { .. }));
///     }
///     refused
/// });
/// for _ in 0..3 {
///     system.start("counter", Counter, 0);
/// }
/// system.shutdown().await;
/// drop(system); // the last of it: there will be no more events
/// assert_eq!(watch.await.ok(), Some(2));
/// # }
/// ```
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<Event>,
}

impl Events {
    /// The next event; `None` once the system is gone: its actors are over, and nobody has a clone of it or
    /// an endpoint any more. A shutdown alone doesn't end it.
    ///
    /// A reader that keeps up misses none; one that falls more than 1,024 events behind gets
    /// [`Lagged`](Event::Lagged) in place of those it missed.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: no event is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use murmer::Event;
    ///
    /// let system = System::local();
    /// let mut events = system.events();
    /// for _ in 0..1_030 {
    ///     system.start("counter", Counter, 0); // only the first is not refused
    /// }
    /// assert_eq!(events.next().await, Some(Event::Lagged { missed: 5 }));
    /// assert!(matches!(events.next().await, Some(Event::LabelTaken { .. })));
    /// # }
    /// ```
    pub async fn next(&mut self) -> Option<Event> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(missed)) => Some(Event::Lagged { missed }),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// Where events go; nothing is made of them while nobody listens.
#[derive(Debug, Default)]
pub(crate) struct Bus {
    sender: OnceLock<broadcast::Sender<Event>>,
}

impl Bus {
    pub(crate) fn subscribe(&self) -> Events {
        let sender = self.sender.get_or_init(|| broadcast::Sender::new(EVENTS_MAX));
        Events { receiver: sender.subscribe() }
    }

    pub(crate) fn emit(&self, event: impl FnOnce() -> Event) {
        if let Some(sender) = self.sender.get().filter(|sender| sender.receiver_count() > 0) {
            // An error means that the last reader has just gone.
            let _ = sender.send(event());
        }
    }
}

/// Events kept for the slowest reader.
const EVENTS_MAX: usize = 1_024;
