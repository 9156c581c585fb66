//! Which stream of a peer may speak to an actor here: the newest, once all older ones are over.
//!
//! The newest is remembered beyond its end while the peer is linked: a stream that was opened before it may
//! still be on its way, over another connection.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use murmer_wire::{ActorNumber, NodeId};
use tokio::sync::watch;

use super::signal::Signal;

/// The newest stream of each peer to each actor here.
#[derive(Default)]
pub(crate) struct Generations {
    peers: Mutex<Table>,
}

type Table = HashMap<NodeId, Peer>;

#[derive(Default)]
struct Peer {
    links: usize,
    actors: HashMap<ActorNumber, Newest>,
    /// Streams that were the newest when they ended, in that order.
    ended: VecDeque<(ActorNumber, u64)>,
}

struct Newest {
    generation: u64,
    /// None once it is over.
    served: Option<Arc<Served>>,
}

struct Served {
    supersede: Signal,
    is_over: watch::Sender<bool>,
    /// The stream before this one, while that may still speak.
    older: Mutex<Option<Arc<Self>>>,
}

/// One connection of a peer's, while it can bring streams.
pub(crate) struct Linked {
    generations: Arc<Generations>,
    peer: NodeId,
}

impl Generations {
    /// A connection to `peer` can bring streams until the value is dropped.
    pub(crate) fn link(self: &Arc<Self>, peer: &NodeId) -> Linked {
        self.lock().entry(peer.clone()).or_default().links += 1;
        Linked { generations: self.clone(), peer: peer.clone() }
    }

    /// Takes over from the older streams, once they are over; `None` if there is, or was, a newer one.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves its place, and whoever comes next waits for the older ones.
    pub(super) async fn enter(
        self: &Arc<Self>,
        peer: &NodeId,
        actor: ActorNumber,
        generation: u64,
    ) -> Option<Place> {
        // Given back from here on, whatever becomes of this future.
        let place = {
            let mut table = self.lock();
            let newest = table.get(peer).and_then(|peer| peer.actors.get(&actor));
            if newest.is_some_and(|newest| newest.generation >= generation) {
                return None;
            }
            let served = Arc::new(Served {
                supersede: Signal::default(),
                is_over: watch::Sender::new(false),
                older: Mutex::new(None),
            });
            let newest = Newest { generation, served: Some(served.clone()) };
            let older = table.entry(peer.clone()).or_default().actors.insert(actor, newest);
            *served.lock_older() = older.and_then(|older| older.served);
            Place { generations: self.clone(), peer: peer.clone(), actor, served }
        };
        let mut older = place.served.older();
        while let Some(served) = older {
            served.supersede.set();
            // An error means that it is over and gone.
            let _ = served.is_over.subscribe().wait_for(|over| *over).await;
            // One that gave up while it waited was over before those it waited for.
            older = served.older();
        }
        *place.served.lock_older() = None;
        Some(place)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peer {
    /// The newest stream to `actor` is over, and with it all that went before.
    fn end(&mut self, actor: ActorNumber) {
        if self.links == 0 {
            self.actors.remove(&actor);
            return;
        }
        let Some(newest) = self.actors.get_mut(&actor) else { return };
        newest.served = None;
        self.ended.push_back((actor, newest.generation));
        if self.ended.len() > ENDED_KEPT_MAX
            && let Some((actor, generation)) = self.ended.pop_front()
            && let Some(newest) = self.actors.get(&actor)
            && newest.served.is_none()
            && newest.generation == generation
        {
            self.actors.remove(&actor);
        }
    }

    /// No stream can be on its way any more.
    fn unlink(&mut self) {
        self.links -= 1;
        if self.links == 0 {
            self.actors.retain(|_, newest| newest.served.is_some());
            self.ended.clear();
        }
    }

    fn is_forgotten(&self) -> bool {
        self.links == 0 && self.actors.is_empty()
    }
}

impl Drop for Linked {
    fn drop(&mut self) {
        let mut table = self.generations.lock();
        let Some(peer) = table.get_mut(&self.peer) else { return };
        peer.unlink();
        if peer.is_forgotten() {
            table.remove(&self.peer);
        }
    }
}

impl Served {
    fn older(&self) -> Option<Arc<Self>> {
        self.lock_older().clone()
    }

    fn lock_older(&self) -> MutexGuard<'_, Option<Arc<Self>>> {
        self.older.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to speak to an actor for a peer; given back when dropped, also by an aborted task.
pub(super) struct Place {
    generations: Arc<Generations>,
    peer: NodeId,
    actor: ActorNumber,
    served: Arc<Served>,
}

impl Place {
    /// Ready once a newer stream wants to speak.
    pub(super) fn poll_superseded(&self, cx: &Context<'_>) -> Poll<()> {
        self.served.supersede.poll(cx)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.served.is_over.send_replace(true);
        let mut table = self.generations.lock();
        let Some(peer) = table.get_mut(&self.peer) else { return };
        let Some(newest) = peer.actors.get_mut(&self.actor) else { return };
        if !newest.served.as_ref().is_some_and(|held| Arc::ptr_eq(held, &self.served)) {
            return;
        }
        // One that never came to speak leaves its place to whom it waited for.
        let mut older = self.served.older();
        while let Some(over) = older.as_ref().filter(|older| *older.is_over.borrow()) {
            older = over.older();
        }
        match older {
            Some(older) => newest.served = Some(older),
            None => peer.end(self.actor),
        }
        if peer.is_forgotten() {
            table.remove(&self.peer);
        }
    }
}

/// Streams per peer that are remembered beyond their end. A late one is late by seconds; so many streams do
/// not end in that time.
const ENDED_KEPT_MAX: usize = 4_096;

#[cfg(test)]
mod tests {
    use core::future::Future;
    use core::pin::pin;
    use core::task::Waker;

    use murmer_wire::{Incarnation, NodeName};

    use super::*;

    fn peer() -> NodeId {
        NodeId { name: NodeName::new("peer").unwrap(), incarnation: Incarnation::mint(1, 1) }
    }

    fn poll<T>(future: core::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    const ACTOR: ActorNumber = ActorNumber(7);

    #[test]
    fn a_newer_stream_speaks_once_the_older_is_over_and_an_older_one_never() {
        let (generations, peer) = (Arc::new(Generations::default()), peer());
        let Poll::Ready(Some(first)) = poll(pin!(generations.enter(&peer, ACTOR, 1))) else { panic!() };
        let mut second = pin!(generations.enter(&peer, ACTOR, 2));
        assert!(poll(second.as_mut()).is_pending());
        assert!(first.poll_superseded(&Context::from_waker(Waker::noop())).is_ready());
        assert!(matches!(poll(pin!(generations.enter(&peer, ACTOR, 1))), Poll::Ready(None)));
        drop(first);
        let Poll::Ready(Some(second)) = poll(second) else { panic!() };
        drop(second);
        assert!(generations.lock().is_empty());
    }

    #[test]
    fn one_that_gives_up_while_it_waits_holds_nobody_up_and_lets_nobody_by() {
        let (generations, peer) = (Arc::new(Generations::default()), peer());
        let Poll::Ready(Some(first)) = poll(pin!(generations.enter(&peer, ACTOR, 1))) else { panic!() };
        let mut second = Box::pin(generations.enter(&peer, ACTOR, 2));
        assert!(poll(second.as_mut()).is_pending());
        let mut third = Box::pin(generations.enter(&peer, ACTOR, 3));
        assert!(poll(third.as_mut()).is_pending());
        drop(second);
        assert!(poll(third.as_mut()).is_pending(), "the first may still speak");
        drop(third);
        let mut fourth = pin!(generations.enter(&peer, ACTOR, 4));
        assert!(poll(fourth.as_mut()).is_pending(), "the first may still speak");
        drop(first);
        assert!(matches!(poll(fourth), Poll::Ready(Some(_))));
        assert!(generations.lock().is_empty());
    }

    #[test]
    fn an_older_stream_that_comes_late_never_speaks() {
        let (generations, peer) = (Arc::new(Generations::default()), peer());
        let (one_link, other_link) = (generations.link(&peer), generations.link(&peer));
        drop(poll(pin!(generations.enter(&peer, ACTOR, 2))));
        drop(one_link);
        assert!(matches!(poll(pin!(generations.enter(&peer, ACTOR, 1))), Poll::Ready(None)));
        assert!(matches!(poll(pin!(generations.enter(&peer, ACTOR, 3))), Poll::Ready(Some(_))));
        drop(other_link);
        assert!(generations.lock().is_empty(), "nothing is late without a link");
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_latest() {
        let (generations, peer) = (Arc::new(Generations::default()), peer());
        let link = generations.link(&peer);
        let Poll::Ready(Some(held)) = poll(pin!(generations.enter(&peer, ACTOR, 1))) else { panic!() };
        for n in 0..2 * ENDED_KEPT_MAX as u64 {
            drop(poll(pin!(generations.enter(&peer, ActorNumber(100 + n), 2))));
        }
        let last = ActorNumber(100 + 2 * ENDED_KEPT_MAX as u64 - 1);
        assert!(matches!(poll(pin!(generations.enter(&peer, last, 1))), Poll::Ready(None)));
        assert_eq!(generations.lock()[&peer].actors.len(), ENDED_KEPT_MAX + 1);
        drop(link);
        assert_eq!(generations.lock()[&peer].actors.len(), 1, "one still speaks");
        drop(held);
        assert!(generations.lock().is_empty());
    }
}
