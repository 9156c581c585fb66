//! What happens in a system that nobody asked about, for those who want to know.

use std::sync::OnceLock;

use murmer_wire::{ActorId, Label};
use tokio::sync::broadcast;

use crate::StopReason;

/// Something that happened.
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
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<Event>,
}

impl Events {
    /// The next event; `None` once the system is gone.
    ///
    /// A reader that keeps up misses none; one that falls more than 1,024 events behind gets
    /// [`Lagged`](Event::Lagged) in place of those it missed.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: no event is lost.
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
