//! What reaches an actor beside its queue: being told to end, and being told of other actors' ends.

use core::task::Waker;
use std::collections::VecDeque;

use super::{CLOSED, Inner, Mailbox, Sleep, wake};
use crate::contained::contained_now;
use crate::sync::Ordering;
use crate::watch::{Terminated, WatchId};

/// How an actor is to end. A later one replaces a milder one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signal {
    /// Once everything accepted has been handled.
    Drain,
    /// Once the message in hand has been handled.
    Stop,
    /// At once: the handler goes no further than where it waits now.
    Kill,
}

/// Messages that had been accepted and won't be handled.
pub(crate) type Refused<E> = VecDeque<E>;

impl<E> Mailbox<E> {
    /// Takes no more messages, and tells the actor to end. What is not to be handled any more is the
    /// caller's to drop, outside all locks.
    pub(crate) fn end(&self, signal: Signal) -> Refused<E> {
        let mut inner = self.lock();
        inner.signal = inner.signal.max(Some(signal));
        let queue = if signal == Signal::Drain { VecDeque::new() } else { core::mem::take(&mut inner.queue) };
        let actor = inner.rouse();
        let line = inner.close();
        self.call_attention(&inner);
        drop(inner);
        refuse(line);
        wake(actor);
        queue
    }

    /// Tells the actor to lay down its present life and to begin another one, if it can.
    pub(crate) fn renew(&self) {
        let mut inner = self.lock();
        inner.renew = true;
        self.call_attention(&inner);
        let actor = inner.rouse();
        drop(inner);
        wake(actor);
    }

    /// Leaves a notice for when everything accepted so far has been handled. Lost on an actor that has
    /// ended.
    pub(crate) fn notify(&self, notice: Terminated) {
        let mut inner = self.lock();
        let fence = inner.accepted;
        inner.rare().notices.push_back((fence, Box::new(notice)));
        self.call_attention(&inner);
        let idle = if inner.sleep == Sleep::Idle { inner.rouse() } else { None };
        drop(inner);
        wake(idle);
    }

    /// Takes a notice back that the actor has not seen yet.
    pub(crate) fn take_back(&self, watch: WatchId) -> bool {
        let mut inner = self.lock();
        let Some(rare) = &mut inner.rare else { return false };
        let before = rare.notices.len();
        rare.notices.retain(|(_, notice)| notice.watch != watch);
        let is_back = rare.notices.len() < before;
        self.call_attention(&inner);
        is_back
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.attention.load(Ordering::Acquire) & CLOSED != 0
    }

    /// The actor is over: lets go of everything, its wakers included.
    pub(crate) fn bury(&self) -> Refused<E> {
        let mut inner = self.lock();
        let queue = core::mem::take(&mut inner.queue);
        let notices = inner.rare.as_mut().map(|rare| core::mem::take(&mut rare.notices));
        let waker = inner.rouse();
        let line = inner.close();
        self.call_attention(&inner);
        drop(inner);
        drop((notices, waker));
        refuse(line);
        queue
    }
}

type Line<E> = Vec<(Option<E>, Waker)>;

impl<E> Inner<E> {
    /// Refuses those who line up; each finds out when it is next polled.
    fn close(&mut self) -> Line<E> {
        self.closed = true;
        let line = self.rare.iter_mut().flat_map(|rare| rare.line.iter_mut());
        line.map(|waiting| (waiting.envelope.take(), waiting.waker.clone())).collect()
    }
}

fn refuse<E>(line: Line<E>) {
    for (envelope, waker) in line {
        // A user's value: its panic must not keep the others waiting.
        drop(contained_now(|| drop(envelope)));
        waker.wake();
    }
}
