//! What happens in a system that nobody asked about, for those who want to know.

mod bus;

use std::net::SocketAddr;
use std::sync::Arc;

use murmer_wire::{ActorId, Label, NodeId};

use self::bus::{Kind, Reader};
use crate::StopReason;

pub(crate) use self::bus::Bus;

/// Something that happened.
///
/// Of another node first [`MemberJoined`](Self::MemberJoined) is told, then what actors it has. When it is down or
/// has left, first each of its actors is [`ActorRemoved`](Self::ActorRemoved), then it is
/// [`MemberDown`](Self::MemberDown) or [`MemberLeft`](Self::MemberLeft). Each is told once it can be seen: after
/// [`ActorAdded`](Self::ActorAdded) a lookup finds the actor, until it is removed.
///
/// When it is this node that is no longer part of the cluster, unasked or by a shutdown, all others are told of as
/// down: first all their actors are removed, then each of them is `MemberDown`.
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
    /// Another node is a member of the cluster now, or again after it was down. What it has is added next.
    MemberJoined {
        /// Which process.
        node: NodeId,
        /// Where it is reached.
        addr: SocketAddr,
    },
    /// Another process has taken the name of one that was a member. That one is over, which has been told;
    /// that the new one has joined is told next.
    MemberReborn {
        /// The process that holds the name now.
        node: NodeId,
        /// The one that did before.
        former: NodeId,
    },
    /// Somebody got no answer from a member. It still counts as one that is reached.
    MemberSuspect {
        /// Which.
        node: NodeId,
    },
    /// A member can't be reached. Its actors are still found, but those of others under the same label are
    /// found first.
    MemberUnreachable {
        /// Which.
        node: NodeId,
    },
    /// A member that was suspect or unreachable answers again. All it has is as it was.
    MemberReachable {
        /// Which.
        node: NodeId,
    },
    /// A member is held to be down. It may still be running: then it joins again under the same id, unless it is
    /// this node that has left.
    MemberDown {
        /// Which.
        node: NodeId,
    },
    /// A member said that it leaves.
    MemberLeft {
        /// Which.
        node: NodeId,
    },
    /// An actor of another node can be looked up here.
    ActorAdded {
        /// Which.
        actor: ActorId,
        /// Its label, if it has one.
        label: Option<Label>,
        /// Its type, as `crate::Type`.
        actor_type: String,
    },
    /// An actor of another node can't be looked up here any more.
    ActorRemoved {
        /// Which.
        actor: ActorId,
        /// What its label was.
        label: Option<Label>,
        /// Why. With its node down it may still be running.
        reason: StopReason,
    },
    /// Two nodes have an actor under one label. Both go on.
    LabelConflict {
        /// The label.
        label: Label,
        /// Who had it, as far as is known here, and who came second.
        holders: [ActorId; 2],
        /// Which of the two a lookup prefers here, if both are of the type it asks for: the one of this node, then
        /// one whose node is reached, then one that every node picks alike.
        picked: ActorId,
    },
    /// This reader was too slow: so many events were not kept for it. Those about members have a place of
    /// their own, so a flood of others doesn't push them out.
    Lagged {
        /// How many.
        missed: u64,
    },
}

impl Event {
    /// Which others may push it out.
    const fn kind(&self) -> Kind {
        match self {
            Self::MemberJoined { .. }
            | Self::MemberReborn { .. }
            | Self::MemberSuspect { .. }
            | Self::MemberUnreachable { .. }
            | Self::MemberReachable { .. }
            | Self::MemberDown { .. }
            | Self::MemberLeft { .. } => Kind::Members,
            Self::ActorAdded { .. } | Self::ActorRemoved { .. } | Self::LabelConflict { .. } => {
                Kind::Elsewhere
            }
            Self::Undelivered { .. }
            | Self::LabelTaken { .. }
            | Self::Restarted { .. }
            | Self::AskCycle { .. }
            | Self::Lagged { .. } => Kind::Here,
        }
    }
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
    reader: Arc<Reader>,
}

impl Events {
    /// The next event; `None` once the system is gone: its actors are over, and nobody has a clone of it or
    /// an endpoint any more. A shutdown alone doesn't end it.
    ///
    /// A reader that keeps up misses none. For one that doesn't, 4,096 events about members are kept, 1,024 about
    /// actors elsewhere and 1,024 about this process; it gets [`Lagged`](Event::Lagged) in place of those it missed, before
    /// those that were kept, which come in the order in which they happened. After that,
    /// `members()` and lookups say how things are.
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
        self.reader.next().await
    }
}

impl Bus {
    pub(crate) fn subscribe(&self) -> Events {
        Events { reader: self.reader() }
    }
}
