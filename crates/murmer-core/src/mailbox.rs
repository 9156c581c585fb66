//! A bounded queue from many senders to one actor.
//!
//! The actor swaps the queue for its own empty one and works through that batch without the lock;
//! queue and batch together never exceed the capacity. Senders that find it full line up with their
//! message in hand, and the actor takes messages off that line as places free up: so messages are
//! handled in the order in which their senders first tried, whoever is woken first.
//!
//! Doesn't know what a message is, nor how long a sender is willing to wait.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Mailbox<E> {
    capacity: usize,
    /// Messages of the actor's batch not handled yet. Written by the actor alone.
    in_hand: AtomicUsize,
    /// True while senders line up. The actor looks at it after every message, and takes the lock
    /// only if it is set.
    has_line: AtomicBool,
    closed: AtomicBool,
    inner: Mutex<Inner<E>>,
}

struct Inner<E> {
    queue: VecDeque<E>,
    /// Senders that found the queue full, first come first.
    line: VecDeque<Waiting<E>>,
    next_ticket: u64,
    actor: Option<Waker>,
    closed: bool,
}

struct Waiting<E> {
    ticket: u64,
    /// `None` once the mailbox has closed: the message was refused.
    envelope: Option<E>,
    waker: Waker,
}

/// A message on its way in.
pub(crate) enum Push<E> {
    Fresh(E),
    /// In the line, under this ticket.
    Lined(u64),
    Done,
}

/// What became of a message whose sender stepped out of the line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Withdrawn<E> {
    /// It never got in.
    Back(E),
    /// It is in, and may have been handled.
    In,
    /// The mailbox had closed and refused it.
    Refused,
}

/// The mailbox takes no more messages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed;

impl<E> Mailbox<E> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            in_hand: AtomicUsize::new(0),
            has_line: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            inner: Mutex::new(Inner {
                queue: VecDeque::new(),
                line: VecDeque::new(),
                next_ticket: 0,
                actor: None,
                closed: false,
            }),
        }
    }

    /// Puts a message in, or lines up with it. Ready once it is in, or refused.
    ///
    /// Whoever stops polling before that must call [`withdraw`](Self::withdraw).
    pub(crate) fn poll_push(&self, cx: &mut Context<'_>, push: &mut Push<E>) -> Poll<Result<(), Closed>> {
        match core::mem::replace(push, Push::Done) {
            Push::Fresh(envelope) => self.push_or_line_up(cx, envelope, push),
            Push::Lined(ticket) => {
                let mut inner = self.lock();
                let Some(at) = inner.place(ticket) else { return Poll::Ready(Ok(())) };
                if inner.line[at].envelope.is_none() {
                    inner.line.remove(at);
                    return Poll::Ready(Err(Closed));
                }
                inner.line[at].waker.clone_from(cx.waker());
                *push = Push::Lined(ticket);
                Poll::Pending
            }
            Push::Done => Poll::Ready(Ok(())),
        }
    }

    /// Steps out of the line, if it is not too late for that.
    pub(crate) fn withdraw(&self, push: &mut Push<E>) -> Withdrawn<E> {
        match core::mem::replace(push, Push::Done) {
            Push::Fresh(envelope) => Withdrawn::Back(envelope),
            Push::Lined(ticket) => {
                let mut inner = self.lock();
                let Some(at) = inner.place(ticket) else { return Withdrawn::In };
                match inner.line.remove(at).and_then(|waiting| waiting.envelope) {
                    Some(envelope) => Withdrawn::Back(envelope),
                    None => Withdrawn::Refused,
                }
            }
            Push::Done => Withdrawn::In,
        }
    }

    /// Refuses all that waits and all that comes. Messages are dropped here, outside the lock.
    pub(crate) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        self.closed.store(true, Ordering::Release);
        let queue = core::mem::take(&mut inner.queue);
        let refused: Vec<_> =
            inner.line.iter_mut().map(|waiting| (waiting.envelope.take(), waiting.waker.clone())).collect();
        let actor = inner.actor.take();
        drop(inner);
        for (envelope, waker) in refused {
            drop(envelope);
            waker.wake();
        }
        drop(queue);
        wake(actor);
    }

    /// For the actor: swaps its empty `batch` for what has come. False once closed.
    pub(crate) fn poll_batch(&self, cx: &mut Context<'_>, batch: &mut VecDeque<E>) -> Poll<bool> {
        debug_assert!(batch.is_empty(), "the batch must be worked off first");
        let mut inner = self.lock();
        if inner.closed {
            return Poll::Ready(false);
        }
        if inner.queue.is_empty() {
            shrink(&mut inner.queue);
            shrink(batch);
            if !inner.actor.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                inner.actor = Some(cx.waker().clone());
            }
            return Poll::Pending;
        }
        core::mem::swap(&mut inner.queue, batch);
        self.in_hand.store(batch.len(), Ordering::SeqCst);
        let admitted = self.admit(&mut inner);
        drop(inner);
        admitted.into_iter().for_each(Waker::wake);
        Poll::Ready(true)
    }

    /// For the actor: one message of the batch is done.
    pub(crate) fn handled(&self) {
        self.in_hand.fetch_sub(1, Ordering::SeqCst);
        if self.has_line.load(Ordering::SeqCst) {
            let admitted = self.admit(&mut self.lock());
            admitted.into_iter().for_each(Waker::wake);
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn push_or_line_up(&self, cx: &Context<'_>, envelope: E, push: &mut Push<E>) -> Poll<Result<(), Closed>> {
        let mut inner = self.lock();
        if inner.closed {
            drop(inner);
            drop(envelope);
            return Poll::Ready(Err(Closed));
        }
        if self.has_room(&inner) {
            let actor = inner.accept(envelope);
            drop(inner);
            wake(actor);
            return Poll::Ready(Ok(()));
        }
        let ticket = inner.next_ticket;
        inner.next_ticket += 1;
        inner.line.push_back(Waiting { ticket, envelope: Some(envelope), waker: cx.waker().clone() });
        self.has_line.store(true, Ordering::SeqCst);
        // The actor may have handled its last message between our look and the store: it reads
        // `has_line` after it writes `in_hand`, we read `in_hand` after we wrote `has_line`.
        let admitted = self.admit(&mut inner);
        *push = Push::Lined(ticket);
        drop(inner);
        admitted.into_iter().for_each(Waker::wake);
        Poll::Pending
    }

    /// Nobody barges: while someone lines up, there is no room.
    fn has_room(&self, inner: &Inner<E>) -> bool {
        inner.line.is_empty() && self.places(inner) > 0
    }

    fn places(&self, inner: &Inner<E>) -> usize {
        self.capacity.saturating_sub(inner.queue.len() + self.in_hand.load(Ordering::SeqCst))
    }

    /// Takes messages off the line while there is room; returns whom to wake, outside the lock.
    fn admit(&self, inner: &mut Inner<E>) -> Vec<Waker> {
        let mut wakers = Vec::new();
        if inner.closed {
            return wakers;
        }
        let mut places = self.places(inner);
        while places > 0 {
            let Some(Waiting { envelope: Some(envelope), waker, .. }) = inner.line.pop_front() else { break };
            wakers.extend(inner.accept(envelope));
            wakers.push(waker);
            places -= 1;
        }
        if inner.line.is_empty() {
            self.has_line.store(false, Ordering::SeqCst);
        }
        wakers
    }

    fn lock(&self) -> MutexGuard<'_, Inner<E>> {
        // Nothing of a user's runs under the lock, so a poisoned one is still whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Inner<E> {
    fn accept(&mut self, envelope: E) -> Option<Waker> {
        self.queue.push_back(envelope);
        self.actor.take()
    }

    /// Tickets rise along the line.
    fn place(&self, ticket: u64) -> Option<usize> {
        self.line.binary_search_by_key(&ticket, |waiting| waiting.ticket).ok()
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
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

#[cfg(test)]
mod tests;
