//! A bounded queue from many senders to one actor, and what reaches the actor beside it.
//!
//! The actor swaps the queue for its own empty one and works through that batch without the lock;
//! queue and batch together never exceed the capacity. Senders that find it full line up with their
//! message in hand, and the actor takes messages off that line as places free up: so messages are
//! handled in the order in which their senders first tried, whoever is woken first.
//!
//! Signals (stop, drain, kill) and notices of other actors' ends take no place in the queue. A notice
//! has a fence instead: it is for the actor once everything accepted before it has been handled.
//!
//! ```text
//! senders ─▶ line ─▶ queue ─▶ batch ─▶ handler        `in_hand` counts the batch
//! signals, notices ───────────▶ looked at between two messages, if `attention` says so
//! ```
//!
//! Doesn't know what a message is, nor how long a sender is willing to wait.

mod actor_end;
mod signal;

use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::sync::TryLockError;

pub(crate) use self::actor_end::{Next, Parked};
pub(crate) use self::signal::Signal;
use crate::sync::{AtomicU8, AtomicUsize, Mutex, MutexGuard, Ordering, PoisonError, spin};
use crate::watch::Terminated;

/// In the order in which it lies in memory. What senders write with every message is at one end, what the
/// actor reads and writes with every message at the other, and in between what hardly anybody writes: on
/// different cores at once they are not to fight over one cache line of 64 bytes.
#[repr(C)]
pub(crate) struct Mailbox<E> {
    inner: Mutex<Inner<E>>,
    capacity: usize,
    /// With the tail of `inner`, 64 bytes between the two ends.
    _gap: [usize; 4],
    /// What the actor is to look at under the lock, as a set of bits. It reads this after every message.
    attention: AtomicU8,
    /// Messages of the actor's batch not handled yet. Written by the actor alone.
    in_hand: AtomicUsize,
}

#[repr(C)]
struct Inner<E> {
    queue: VecDeque<E>,
    /// Messages ever taken into the queue.
    accepted: u64,
    /// The actor's batch as a sender last saw it: `in_hand` is never above.
    batch: usize,
    /// The actor, while it waits.
    waker: Option<Waker>,
    sleep: Sleep,
    /// The actor is to lay down its present life and to begin another.
    renew: bool,
    closed: bool,
    signal: Option<Signal>,
    rare: Option<Box<Rare<E>>>,
}

/// What the actor waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sleep {
    /// Nothing.
    Awake,
    /// Messages, or anything else.
    Idle,
    /// Something of its handler's: woken by signals alone.
    Parked,
}

/// What most mailboxes never see.
struct Rare<E> {
    /// Senders that found the queue full, first come first.
    line: VecDeque<Waiting<E>>,
    next_ticket: u64,
    /// Behind how many accepted messages, and what.
    notices: VecDeque<(u64, Box<Terminated>)>,
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

/// Why a message that can't wait was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotTaken<E> {
    Full(E),
    Closed(E),
}

/// The mailbox takes no more messages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed;

impl<E> Mailbox<E> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            inner: Mutex::new(Inner {
                queue: VecDeque::new(),
                accepted: 0,
                batch: 0,
                waker: None,
                sleep: Sleep::Awake,
                renew: false,
                closed: false,
                signal: None,
                rare: None,
            }),
            capacity,
            _gap: [0; 4],
            attention: AtomicU8::new(0),
            in_hand: AtomicUsize::new(0),
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
                let Some((line, at)) = inner.place(ticket) else { return Poll::Ready(Ok(())) };
                if line[at].envelope.is_none() {
                    let refused = line.remove(at);
                    drop(inner);
                    drop(refused);
                    return Poll::Ready(Err(Closed));
                }
                let held = &mut line[at].waker;
                let replaced =
                    (!held.will_wake(cx.waker())).then(|| core::mem::replace(held, cx.waker().clone()));
                *push = Push::Lined(ticket);
                // Wakers are a user's values, too: the last one of a task may take that along.
                drop(inner);
                drop(replaced);
                Poll::Pending
            }
            Push::Done => Poll::Ready(Ok(())),
        }
    }

    /// Puts a message in if there is room now.
    pub(crate) fn try_push(&self, envelope: E) -> Result<(), NotTaken<E>> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(NotTaken::Closed(envelope));
        }
        if !self.has_room(&mut inner) {
            return Err(NotTaken::Full(envelope));
        }
        let idle = inner.accept(envelope);
        drop(inner);
        wake(idle);
        Ok(())
    }

    /// Steps out of the line, if it is not too late for that.
    pub(crate) fn withdraw(&self, push: &mut Push<E>) -> Withdrawn<E> {
        match core::mem::replace(push, Push::Done) {
            Push::Fresh(envelope) => Withdrawn::Back(envelope),
            Push::Lined(ticket) => {
                let mut inner = self.lock();
                let Some((line, at)) = inner.place(ticket) else { return Withdrawn::In };
                let waiting = line.remove(at);
                drop(inner);
                match waiting.and_then(|waiting| waiting.envelope) {
                    Some(envelope) => Withdrawn::Back(envelope),
                    None => Withdrawn::Refused,
                }
            }
            Push::Done => Withdrawn::In,
        }
    }

    /// Lets the line in as far as there is room, without waiting for the actor to do so.
    pub(crate) fn let_in(&self) {
        let mut inner = self.lock();
        let admitted = self.admit(&mut inner);
        drop(inner);
        admitted.wake();
    }

    /// Messages accepted and not handled yet.
    pub(crate) fn depth(&self) -> usize {
        self.lock().queue.len() + self.in_hand.load(Ordering::Relaxed)
    }

    fn push_or_line_up(&self, cx: &Context<'_>, envelope: E, push: &mut Push<E>) -> Poll<Result<(), Closed>> {
        let mut inner = self.lock();
        if inner.closed {
            drop(inner);
            drop(envelope);
            return Poll::Ready(Err(Closed));
        }
        if self.has_room(&mut inner) {
            let idle = inner.accept(envelope);
            drop(inner);
            wake(idle);
            return Poll::Ready(Ok(()));
        }
        let rare = inner.rare();
        let ticket = rare.next_ticket;
        rare.next_ticket += 1;
        rare.line.push_back(Waiting { ticket, envelope: Some(envelope), waker: cx.waker().clone() });
        self.call_attention(&inner);
        // The actor may have handled its last message between our look and this. It looks at the line
        // again before it waits for anything; this spares it the wait.
        let admitted = self.admit(&mut inner);
        *push = Push::Lined(ticket);
        drop(inner);
        admitted.wake();
        Poll::Pending
    }

    /// Nobody barges: while someone lines up, there is no room.
    fn has_room(&self, inner: &mut Inner<E>) -> bool {
        // What was last seen of the batch will do for long; what the actor writes all the time is a cache line to
        // fetch from another core.
        (inner.queue.len() + inner.batch < self.capacity || self.places(inner) > 0) && !inner.has_line()
    }

    fn places(&self, inner: &mut Inner<E>) -> usize {
        // Not above the truth: the batch was taken under this lock, and from then on the number only falls.
        inner.batch = self.in_hand.load(Ordering::Relaxed);
        self.capacity.saturating_sub(inner.queue.len() + inner.batch)
    }

    /// Takes messages off the line while there is room; returns whom to wake, outside the lock.
    fn admit(&self, inner: &mut Inner<E>) -> Wakers {
        let mut wakers = Wakers::default();
        if inner.closed {
            return wakers;
        }
        let mut places = self.places(inner);
        while places > 0 {
            let first = inner.rare.as_mut().and_then(|rare| rare.line.pop_front());
            let Some(Waiting { envelope: Some(envelope), waker, .. }) = first else { break };
            let idle = inner.accept(envelope);
            wakers.add(waker);
            idle.into_iter().for_each(|idle| wakers.add(idle));
            places -= 1;
        }
        self.call_attention(inner);
        wakers
    }

    /// After every change, and still under the lock: what the actor is to look at.
    fn call_attention(&self, inner: &Inner<E>) {
        let bit = |is_set: bool, bit| if is_set { bit } else { 0 };
        let attention = bit(!inner.closed && inner.has_line(), LINE)
            | bit(inner.signal >= Some(Signal::Stop) || inner.renew, SIGNAL)
            | bit(inner.rare.as_ref().is_some_and(|rare| !rare.notices.is_empty()), NOTICE)
            | bit(inner.closed, CLOSED);
        // The actor may read this late, and looks under the lock before it waits for anything.
        self.attention.store(attention, Ordering::Release);
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Inner<E>> {
        match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => self.lock_late(),
        }
    }

    /// Another core is at it, for nanoseconds. To look again at once would take the cache line from it with
    /// every look, and so would its next message from us; whoever steps back for a while lets the other work
    /// undisturbed, and then does so itself (Anderson, "The performance of spin lock alternatives", 1990).
    #[cold]
    fn lock_late(&self) -> MutexGuard<'_, Inner<E>> {
        for round in 0..BACKOFF_ROUNDS {
            spin(BACKOFF_SPINS << round);
            if let Ok(inner) = self.inner.try_lock() {
                return inner;
            }
        }
        // Nothing of a user's runs under the lock, so a poisoned one is still whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Inner<E> {
    #[inline]
    fn accept(&mut self, envelope: E) -> Option<Waker> {
        self.queue.push_back(envelope);
        self.accepted += 1;
        // Looked at first: written, it would be another core's to fetch.
        if self.sleep == Sleep::Idle { self.rouse() } else { None }
    }

    /// The actor, to be woken, if it waits for anything at all.
    fn rouse(&mut self) -> Option<Waker> {
        self.sleep = Sleep::Awake;
        self.waker.take()
    }

    /// The actor waits; whoever finds it so wakes it. A waker that is not needed any more is to be dropped outside
    /// the lock: it, too, may be a user's value.
    fn fall_asleep(&mut self, sleep: Sleep, waker: &Waker) -> Option<Waker> {
        self.sleep = sleep;
        if self.waker.as_ref().is_some_and(|held| held.will_wake(waker)) {
            return None;
        }
        self.waker.replace(waker.clone())
    }

    fn rare(&mut self) -> &mut Rare<E> {
        self.rare.get_or_insert_with(Box::default)
    }

    fn has_line(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| !rare.line.is_empty())
    }

    /// A notice that everything before it has been handled for, of `handled` messages.
    fn due(&mut self, handled: u64) -> Option<Box<Terminated>> {
        let notices = &mut self.rare.as_mut()?.notices;
        Some(notices.pop_front_if(|(fence, _)| *fence <= handled)?.1)
    }

    /// Tickets rise along the line.
    fn place(&mut self, ticket: u64) -> Option<(&mut VecDeque<Waiting<E>>, usize)> {
        let line = &mut self.rare.as_mut()?.line;
        let at = line.binary_search_by_key(&ticket, |waiting| waiting.ticket).ok()?;
        Some((line, at))
    }
}

impl<E> Default for Rare<E> {
    fn default() -> Self {
        Self { line: VecDeque::new(), next_ticket: 0, notices: VecDeque::new() }
    }
}

/// Those to wake once the lock is gone. Nearly always one, which takes no memory.
#[derive(Default)]
#[must_use = "whoever was admitted sleeps on otherwise"]
struct Wakers {
    first: Option<Waker>,
    others: Vec<Waker>,
}

impl Wakers {
    fn add(&mut self, waker: Waker) {
        if self.first.is_none() {
            self.first = Some(waker);
        } else {
            self.others.push(waker);
        }
    }

    fn wake(self) {
        wake(self.first);
        self.others.into_iter().for_each(Waker::wake);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Looks at a lock that another core holds, before the thread sleeps: 10 to 50 µs in all, as long as a core takes for
/// 960 spins.
const BACKOFF_ROUNDS: u32 = 4;
/// Spins before the first of these looks; twice as many before each next one.
const BACKOFF_SPINS: u32 = 64;

/// Bits of `attention`: senders line up.
const LINE: u8 = 1;
/// A signal, or a wish for another life.
const SIGNAL: u8 = 2;
/// Notices wait.
const NOTICE: u8 = 4;
/// No more messages are taken.
const CLOSED: u8 = 8;

#[cfg(all(test, murmer_loom))]
mod models;
#[cfg(all(test, not(murmer_loom)))]
mod tests;
