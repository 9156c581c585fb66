//! Which stream of a peer may speak to an actor here: the newest, once all older ones are over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_wire::{ActorNumber, NodeId};
use tokio::sync::{Notify, watch};

/// The newest stream of each peer to each actor here.
#[derive(Default)]
pub(crate) struct Generations {
    served: Mutex<Table>,
}

type Table = HashMap<(NodeId, ActorNumber), Arc<Served>>;

struct Served {
    generation: u64,
    supersede: Notify,
    is_over: watch::Sender<bool>,
    /// The stream before this one, while that may still speak.
    older: Mutex<Option<Arc<Self>>>,
}

impl Generations {
    /// Takes over from the older streams, once they are over; `None` if there is a newer one.
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
        let key = (peer.clone(), actor);
        // Given back from here on, whatever becomes of this future.
        let place = {
            let mut table = self.lock();
            if table.get(&key).is_some_and(|held| held.generation >= generation) {
                return None;
            }
            let served = Arc::new(Served {
                generation,
                supersede: Notify::new(),
                is_over: watch::Sender::new(false),
                older: Mutex::new(None),
            });
            *served.lock_older() = table.insert(key.clone(), served.clone());
            Place { generations: self.clone(), key, served }
        };
        let mut older = place.served.older();
        while let Some(served) = older {
            served.supersede.notify_one();
            // An error means that it is over and gone.
            let _ = served.is_over.subscribe().wait_for(|over| *over).await;
            // One that gave up while it waited was over before those it waited for.
            older = served.older();
        }
        *place.served.lock_older() = None;
        Some(place)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
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
    key: (NodeId, ActorNumber),
    served: Arc<Served>,
}

impl Place {
    /// Waits until a newer stream wants to speak. Cancel-safe.
    pub(super) async fn superseded(&self) {
        self.served.supersede.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.served.is_over.send_replace(true);
        let mut table = self.generations.lock();
        if !table.get(&self.key).is_some_and(|held| Arc::ptr_eq(held, &self.served)) {
            return;
        }
        // One that never came to speak leaves its place to whom it waited for.
        let mut older = self.served.older();
        while let Some(over) = older.as_ref().filter(|older| *older.is_over.borrow()) {
            older = over.older();
        }
        match older {
            Some(older) => drop(table.insert(self.key.clone(), older)),
            None => drop(table.remove(&self.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use core::future::Future;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

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
        assert!(poll(pin!(first.superseded())).is_ready());
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
}
