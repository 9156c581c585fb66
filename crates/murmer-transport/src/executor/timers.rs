//! The timers of all tasks in one queue, so that whoever runs the tasks can tell when time is up, too.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::Executor;

/// Who is to be woken when; numbers tell apart those of one time.
#[derive(Default)]
pub(super) struct Timers(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    waiting: BTreeMap<(Instant, u64), Waker>,
    last: u64,
}

impl Timers {
    pub(super) fn fire(&self, now: Instant) {
        loop {
            let mut queue = self.lock();
            let Some(entry) = queue.waiting.first_entry().filter(|entry| entry.key().0 <= now) else {
                return;
            };
            let waker = entry.remove();
            drop(queue);
            waker.wake();
        }
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.lock().waiting.first_key_value().map(|((at, _), _)| *at)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// False if it has fired.
    fn renew(&mut self, place: &(Instant, u64), waker: &Waker) -> bool {
        let Some(held) = self.waiting.get_mut(place) else { return false };
        held.clone_from(waker);
        true
    }
}

/// One task's timer, to be made once and set again and again.
#[derive(Debug)]
pub struct Timer {
    executor: Executor,
    at: Instant,
    /// Where it is in the queue, and whom it wakes, once it is in there.
    place: Option<(Instant, u64)>,
    task: Option<Waker>,
}

impl Timer {
    pub(super) const fn new(executor: Executor, at: Instant) -> Self {
        Self { executor, at, place: None, task: None }
    }

    /// Sets when it fires, also if it has fired.
    pub const fn reset(&mut self, at: Instant) {
        self.at = at;
    }

    /// Ready once its time has come. The task may also be woken for nothing, by a time it was set to before.
    pub fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        self.poll_at(cx, tokio::time::Instant::now().into_std())
    }

    /// The same for who knows what time it is.
    pub fn poll_at(&mut self, cx: &Context<'_>, now: Instant) -> Poll<()> {
        if self.at <= now {
            return Poll::Ready(());
        }
        let is_known = self.task.as_ref().is_some_and(|task| task.will_wake(cx.waker()));
        // Then it has not fired, and will in time.
        if is_known && self.place.is_some_and(|(at, _)| now < at && at <= self.at) {
            return Poll::Pending;
        }
        self.task = Some(cx.waker().clone());
        let mut queue = self.executor.timers().lock();
        match self.place {
            // Early is as good: it looks again then, and is moved only when it has to be woken sooner.
            Some(place) if place.0 <= self.at && queue.renew(&place, cx.waker()) => {}
            place => {
                if let Some(place) = place {
                    queue.waiting.remove(&place);
                }
                queue.last += 1;
                let place = (self.at, queue.last);
                queue.waiting.insert(place, cx.waker().clone());
                self.place = Some(place);
            }
        }
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.executor.timers().lock().waiting.remove(&place);
        }
    }
}
