//! The mailbox as its actor uses it, and nobody else.

use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;

use super::{LINE, Mailbox, NOTICE, SIGNAL, Signal};
use crate::sync::Ordering;
use crate::watch::Terminated;

/// What there is for the actor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Messages, in its batch.
    Messages,
    /// A notice whose time has come.
    Notice(Box<Terminated>),
    /// To end. A drain comes only once there is nothing left to handle.
    Signal(Signal),
    /// To lay down this life and begin another.
    Renew,
}

/// What a handler that waits may not wait through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parked {
    Killed,
    Renewed,
}

impl<E> Mailbox<E> {
    /// Swaps the empty `batch` for what has come, unless something else is to be done first.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>, batch: &mut VecDeque<E>) -> Poll<Next> {
        debug_assert!(batch.is_empty(), "the batch must be worked off first");
        let mut inner = self.lock();
        self.in_hand.store(0, Ordering::Relaxed);
        inner.batch = 0;
        match inner.signal {
            Some(signal @ (Signal::Stop | Signal::Kill)) => return Poll::Ready(Next::Signal(signal)),
            Some(Signal::Drain) | None => {}
        }
        if core::mem::take(&mut inner.renew) {
            self.call_attention(&inner);
            return Poll::Ready(Next::Renew);
        }
        let admitted = (!inner.line.is_empty()).then(|| self.admit(&mut inner));
        let handled = inner.accepted - inner.queue.len() as u64;
        let is_due = inner.notices.front().is_some_and(|(fence, _)| *fence <= handled);
        let next = if is_due {
            inner.notices.pop_front().map(|(_, notice)| Next::Notice(notice))
        } else if !inner.queue.is_empty() {
            core::mem::swap(&mut inner.queue, batch);
            inner.batch = batch.len();
            self.in_hand.store(batch.len(), Ordering::Relaxed);
            Some(Next::Messages)
        } else {
            inner.signal.map(Next::Signal)
        };
        if next.is_none() {
            shrink(&mut inner.queue);
            shrink(batch);
            set(&mut inner.idle, cx.waker());
        }
        if is_due {
            self.call_attention(&inner);
        }
        drop(inner);
        if let Some(admitted) = admitted {
            admitted.wake();
        }
        next.map_or(Poll::Pending, Poll::Ready)
    }

    /// Whether there is anything for the actor now.
    pub(crate) fn is_empty(&self) -> bool {
        let inner = self.lock();
        inner.queue.is_empty() && inner.line.is_empty() && inner.notices.is_empty() && inner.signal.is_none()
    }

    /// One message of the batch is done, and `left` are left. True if the actor is to
    /// [`look`](Self::look) before the next one.
    pub(crate) fn handled(&self, left: usize) -> bool {
        // Exact under the lock only; a sender that sees an older number looks for room once more.
        self.in_hand.store(left, Ordering::Release);
        let attention = self.attention.load(Ordering::Acquire);
        if attention & (SIGNAL | NOTICE) != 0 {
            return true;
        }
        // The line is let in by the quarter, or each place would cost its sender a sleep and a wake-up.
        attention & LINE != 0 && left.is_multiple_of(self.admit_every)
    }

    /// Between two messages of a batch, `left` of which are left: lets the line in, and says what comes
    /// before the next message.
    pub(crate) fn look(&self, left: usize) -> Option<Next> {
        let mut inner = self.lock();
        let admitted = self.admit(&mut inner);
        let handled = inner.accepted - (inner.queue.len() + left) as u64;
        let is_due = inner.notices.front().is_some_and(|(fence, _)| *fence <= handled);
        let next = match inner.signal {
            Some(signal @ (Signal::Stop | Signal::Kill)) => Some(Next::Signal(signal)),
            Some(Signal::Drain) | None => {
                if core::mem::take(&mut inner.renew) {
                    Some(Next::Renew)
                } else if is_due {
                    inner.notices.pop_front().map(|(_, notice)| Next::Notice(notice))
                } else {
                    None
                }
            }
        };
        self.call_attention(&inner);
        drop(inner);
        admitted.wake();
        next
    }

    /// The handler of a message waits, and `left` are behind it. From here on signals wake the task.
    pub(crate) fn park(&self, cx: &Context<'_>) -> Option<Parked> {
        let mut inner = self.lock();
        set(&mut inner.parked, cx.waker());
        let admitted = self.admit(&mut inner);
        let parked = inner.interrupt();
        drop(inner);
        admitted.wake();
        parked
    }

    /// Whether a handler that waits must not go on.
    pub(crate) fn interrupted(&self) -> Option<Parked> {
        if self.attention.load(Ordering::Acquire) & SIGNAL == 0 {
            return None;
        }
        self.lock().interrupt()
    }

    /// Whether what waits is not to be handled any more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.attention.load(Ordering::Acquire) & SIGNAL != 0 && self.lock().signal >= Some(Signal::Stop)
    }

    /// Waits until the actor is told to end, whatever else there is. A drain is no reason to: what was
    /// accepted is to be handled first.
    pub(crate) fn poll_ended(&self, cx: &Context<'_>) -> Poll<Signal> {
        let mut inner = self.lock();
        match inner.signal {
            Some(signal @ (Signal::Stop | Signal::Kill)) => Poll::Ready(signal),
            Some(Signal::Drain) | None => {
                set(&mut inner.parked, cx.waker());
                Poll::Pending
            }
        }
    }

    /// A life is over: a wish for another one was meant for it.
    pub(crate) fn renewed(&self) {
        let mut inner = self.lock();
        inner.renew = false;
        self.call_attention(&inner);
    }
}

impl<E> super::Inner<E> {
    fn interrupt(&self) -> Option<Parked> {
        if self.signal == Some(Signal::Kill) {
            Some(Parked::Killed)
        } else {
            self.renew.then_some(Parked::Renewed)
        }
    }
}

fn set(place: &mut Option<Waker>, waker: &Waker) {
    if !place.as_ref().is_some_and(|held| held.will_wake(waker)) {
        *place = Some(waker.clone());
    }
}

/// Gives memory back after a burst.
fn shrink<E>(queue: &mut VecDeque<E>) {
    if queue.capacity() > IDLE_MESSAGES_MAX {
        queue.shrink_to(IDLE_MESSAGES_MAX);
    }
}

/// Places an idle mailbox keeps memory for.
const IDLE_MESSAGES_MAX: usize = 64;
