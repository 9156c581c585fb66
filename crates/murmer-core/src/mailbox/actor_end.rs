//! The mailbox as its actor uses it, and nobody else.

use core::task::{Context, Poll};
use std::collections::VecDeque;

use super::{CLOSED, LINE, Mailbox, NOTICE, SIGNAL, Signal, Sleep};
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
        let admitted = inner.has_line().then(|| self.admit(&mut inner));
        let handled = inner.accepted - inner.queue.len() as u64;
        let notice = inner.due(handled);
        let is_due = notice.is_some();
        let next = if let Some(notice) = notice {
            Some(Next::Notice(notice))
        } else if !inner.queue.is_empty() {
            core::mem::swap(&mut inner.queue, batch);
            inner.batch = batch.len();
            self.in_hand.store(batch.len(), Ordering::Relaxed);
            Some(Next::Messages)
        } else {
            inner.signal.map(Next::Signal)
        };
        let mut replaced = None;
        if next.is_none() {
            shrink(&mut inner.queue);
            shrink(batch);
            if let Some(rare) = &mut inner.rare {
                shrink(&mut rare.line);
                shrink(&mut rare.notices);
            }
            replaced = inner.fall_asleep(Sleep::Idle, cx.waker());
        }
        if is_due {
            self.call_attention(&inner);
        }
        drop(inner);
        drop(replaced);
        if let Some(admitted) = admitted {
            admitted.wake();
        }
        next.map_or(Poll::Pending, Poll::Ready)
    }

    /// Whether there is anything for the actor now.
    pub(crate) fn is_empty(&self) -> bool {
        let inner = self.lock();
        let is_told = self.attention.load(Ordering::Relaxed) & !CLOSED != 0 || inner.signal.is_some();
        inner.queue.is_empty() && !is_told
    }

    /// One message of the batch is done, and `left` are left. True if the actor is to
    /// [`look`](Self::look) before the next one.
    #[inline]
    pub(crate) fn handled(&self, left: usize) -> bool {
        self.in_hand.store(left, Ordering::Release);
        let attention = self.attention.load(Ordering::Acquire);
        if attention & (SIGNAL | NOTICE) != 0 {
            return true;
        }
        // The line is let in by the quarter, or each place would cost its sender a sleep and a wake-up.
        attention & LINE != 0 && left.is_multiple_of((self.capacity / 4).max(1))
    }

    /// Between two messages of a batch, `left` of which are left: lets the line in, and says what comes
    /// before the next message.
    pub(crate) fn look(&self, left: usize) -> Option<Next> {
        let mut inner = self.lock();
        let admitted = self.admit(&mut inner);
        let handled = inner.accepted - (inner.queue.len() + left) as u64;
        let next = match inner.signal {
            Some(signal @ (Signal::Stop | Signal::Kill)) => Some(Next::Signal(signal)),
            Some(Signal::Drain) | None => {
                if core::mem::take(&mut inner.renew) {
                    Some(Next::Renew)
                } else {
                    inner.due(handled).map(Next::Notice)
                }
            }
        };
        self.call_attention(&inner);
        drop(inner);
        admitted.wake();
        next
    }

    /// The handler of a message waits. From here on signals wake the task.
    pub(crate) fn park(&self, cx: &Context<'_>) -> Option<Parked> {
        let mut inner = self.lock();
        let replaced = inner.fall_asleep(Sleep::Parked, cx.waker());
        let admitted = self.admit(&mut inner);
        let parked = inner.interrupt();
        drop(inner);
        drop(replaced);
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
                let replaced = inner.fall_asleep(Sleep::Parked, cx.waker());
                drop(inner);
                drop(replaced);
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

/// Gives memory back after a burst.
fn shrink<E>(queue: &mut VecDeque<E>) {
    if queue.capacity() > IDLE_MESSAGES_MAX {
        queue.shrink_to(IDLE_MESSAGES_MAX);
    }
}

/// Places an idle mailbox keeps memory for.
const IDLE_MESSAGES_MAX: usize = 64;
