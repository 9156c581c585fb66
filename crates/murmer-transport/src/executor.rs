//! Many small tasks run as one: side by side on whichever thread polls the one, never on two at once.
//!
//! A runtime with several workers spreads tasks that wake each other over its cores, and each step of a message
//! from socket to actor then wakes another core for a batch of one. Run as one task, whatever is there is
//! carried all the way, and batches form by themselves.
//!
//! The one task lives on the runtime of the application, next to the actors it serves. A thread of its own may
//! [stand in](Executor::stand_in) for it when that runtime is kept busy by something that does not yield: the
//! network goes on then, if more slowly.

mod bell;
mod group;
mod tasks;
mod timers;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep};

use self::bell::{Bell, Next};
use self::tasks::{Inbox, Tasks};
use self::timers::Timers;
use crate::portion::{Portion, Sum};

pub use self::group::TaskGroup;
pub use self::timers::Timer;

/// Runs tasks as one. Clones are the same.
#[derive(Clone)]
pub struct Executor(Arc<Inner>);

struct Inner {
    inbox: Inbox,
    tasks: Mutex<Tasks>,
    timers: Timers,
    /// Whom tasks wake.
    bell: Arc<Bell>,
    in_flight: Sum,
    /// A task has asked for others' turn.
    lets_others_run: AtomicBool,
    /// Of whoever waits for packets, to look for them unasked.
    reader: Mutex<Option<Waker>>,
    /// How often the host has run the tasks.
    runs: AtomicU64,
    /// Somebody else runs them now.
    is_stood_in: AtomicBool,
    has_ended: AtomicBool,
}

/// What somebody who [stands in](Executor::stand_in) has seen.
#[derive(Debug, Default)]
pub struct Watch {
    runs: u64,
    /// Looks at which the host had not run.
    missed: u32,
}

impl Executor {
    /// Without tasks, and not hosted yet.
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            inbox: Inbox::default(),
            tasks: Mutex::default(),
            timers: Timers::default(),
            bell: Arc::default(),
            in_flight: Sum::default(),
            lets_others_run: AtomicBool::new(false),
            reader: Mutex::default(),
            runs: AtomicU64::new(0),
            is_stood_in: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
        }))
    }

    /// Hosted by a task of the runtime that this is called on.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    pub fn hosted() -> Self {
        let executor = Self::new();
        let host = executor.host();
        let tasks = Arc::downgrade(&executor.0);
        tokio::spawn(async move {
            // With its runtime: nobody else would ever run them.
            let _ended = Ended(tasks);
            host.await;
        });
        executor
    }

    /// What runs the tasks. Over once [`end`](Self::end) was called, or when no task is left and nobody could
    /// bring any.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves the tasks where they are: for another host, or whoever stands in.
    pub fn host(&self) -> impl Future<Output = ()> + Send + 'static {
        let inner = self.0.clone();
        // Its tasks have budgets of their own: all of them together are not to be held to one.
        unconstrained(async move {
            let mut alarm = Alarm { sleep: pin!(tokio::time::sleep(Duration::MAX)), at: None }; // tidy: sleep until the first timer
            let waker = Waker::from(inner.bell.clone());
            let mut has_yielded = false;
            poll_fn(|cx| {
                has_yielded = !has_yielded && inner.in_flight.get() >= MUCH_IN_FLIGHT;
                if has_yielded {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                inner.runs.fetch_add(1, Ordering::Relaxed);
                // By the runtime's clock: where that stands still, a run of the same seed is the same run.
                let begun = Instant::now();
                let mut rounds = 0;
                while rounds < ROUNDS_MAX && begun.elapsed() < TURN_MAX {
                    rounds += 1;
                    let (is_over, next) = inner.bell.run(cx.waker(), || {
                        // At each look: who puts a task in takes it.
                        inner.inbox.register(&waker);
                        let mut tasks = inner.tasks.lock().unwrap_or_else(PoisonError::into_inner);
                        inner.poll(&mut tasks, &mut Context::from_waker(&waker))
                    });
                    if is_over {
                        return Poll::Ready(());
                    }
                    let lets_others_run = inner.lets_others_run.swap(false, Ordering::Relaxed);
                    match (alarm.poll(cx, inner.timers.next()), next) {
                        _ if lets_others_run => break,
                        (Poll::Pending, Next::Rest) => return Poll::Pending,
                        (_, Next::Yield) => break,
                        _ => {}
                    }
                }
                // Others have their turn.
                has_yielded = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        })
    }

    /// Adds a task that ends by itself, or with [`end`](Self::end).
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn_boxed(Box::pin(task));
    }

    pub(crate) fn spawn_boxed(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.inbox.put(task);
        // Behind, so that one that is put in while the others end is not left there.
        if self.0.has_ended.load(Ordering::SeqCst) {
            drop(self.0.inbox.take());
        }
    }

    /// Adds tasks that end with the value returned.
    pub fn group(&self) -> TaskGroup {
        let (group, task) = TaskGroup::new();
        self.spawn(task);
        group
    }

    /// Drops all tasks, and any that are added later.
    pub fn end(&self) {
        self.0.end();
    }

    /// To be called about every [`STAND_IN_EVERY`], from a thread of its own and on a runtime with a clock:
    /// runs the tasks if their host has not for several looks. True if it had to.
    pub fn stand_in(&self, watch: &mut Watch) -> bool {
        let runs = self.0.runs.load(Ordering::Relaxed);
        if runs != watch.runs {
            *watch = Watch { runs, missed: 0 };
            return false;
        }
        watch.missed += 1;
        // It may have had nothing to do: the first look gives it something.
        self.0.wake_reader();
        if watch.missed < MISSED_MAX {
            Waker::from(self.0.bell.clone()).wake();
            return false;
        }
        let mut tasks = match self.0.tasks.try_lock() {
            Ok(tasks) => tasks,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Inside of one of them, then.
            Err(TryLockError::WouldBlock) => return false,
        };
        self.0.is_stood_in.store(true, Ordering::Relaxed);
        // What wakes a task from here on is to wake the host: it may be back.
        let waker = Waker::from(self.0.bell.clone());
        self.0.poll(&mut tasks, &mut Context::from_waker(&waker));
        self.0.is_stood_in.store(false, Ordering::Relaxed);
        true
    }

    /// Whether the host's runtime can't be relied on to tell of packets.
    pub(crate) fn is_stood_in(&self) -> bool {
        self.0.is_stood_in.load(Ordering::Relaxed)
    }

    /// Whom to wake so that it looks for packets unasked.
    pub(crate) fn set_reader(&self, waker: &Waker) {
        keep(&self.0.reader, waker);
    }

    /// For one of the tasks, to tell how often it expects to be woken soon.
    ///
    /// While that is seldom for all of them together, whatever comes is carried at once. While it is often, what comes
    /// is left to gather until the worker has run whatever else is ready: a packet then carries many messages rather
    /// than one.
    pub fn in_flight(&self) -> Portion {
        self.0.in_flight.portion()
    }

    /// For one of the tasks, which is woken: before any of them is polled again, whatever else is ready has its turn.
    ///
    /// So what a task has just brought about elsewhere can be carried along with what it does next.
    pub fn let_others_run(&self) {
        self.0.lets_others_run.store(true, Ordering::Relaxed);
    }

    /// A timer for one of the tasks.
    pub fn timer(&self, at: std::time::Instant) -> Timer {
        Timer::new(self.clone(), at)
    }

    fn timers(&self) -> &Timers {
        &self.0.timers
    }
}

impl Inner {
    /// Runs whatever is ready. True if that was all, for ever.
    fn poll(self: &Arc<Self>, tasks: &mut Tasks, cx: &mut Context<'_>) -> bool {
        if self.has_ended.load(Ordering::SeqCst) {
            return true;
        }
        self.timers.fire(Instant::now().into_std());
        tasks.poll(&self.inbox, cx) && Arc::strong_count(self) == 1
    }

    fn end(&self) {
        self.has_ended.store(true, Ordering::SeqCst);
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        drop((tasks, self.inbox.take()));
        self.inbox.wake();
    }

    fn wake_reader(&self) {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl Default for Executor {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        // The host is over once nobody else is left.
        if Arc::strong_count(&self.0) <= 2 {
            self.0.inbox.wake();
        }
    }
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// Keeps `waker` in `place`, if it is another than the one there.
fn keep(place: &Mutex<Option<Waker>>, waker: &Waker) {
    let mut held = place.lock().unwrap_or_else(PoisonError::into_inner);
    if !held.as_ref().is_some_and(|held| held.will_wake(waker)) {
        *held = Some(waker.clone());
    }
}

/// Ends the tasks when it is dropped.
struct Ended(Weak<Inner>);

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(inner) = self.0.upgrade() {
            inner.end();
        }
    }
}

/// The host's one timer of its runtime, for all timers of the tasks. Not moved when the first of them
/// moves away: it then finds nothing to do once.
struct Alarm<'a> {
    sleep: Pin<&'a mut Sleep>,
    at: Option<std::time::Instant>,
}

impl Alarm<'_> {
    /// Ready when `next` has passed already.
    fn poll(&mut self, cx: &mut Context<'_>, next: Option<std::time::Instant>) -> Poll<()> {
        loop {
            let Some(next) = next else { return Poll::Pending };
            if self.at.is_none_or(|at| next < at) {
                self.at = Some(next);
                self.sleep.as_mut().reset(next.into());
            }
            std::task::ready!(self.sleep.as_mut().poll(cx));
            self.at = None;
            if next <= Instant::now().into_std() {
                return Poll::Ready(());
            }
        }
    }
}

/// What the tasks expect, from where on it is worth while to let some of it gather.
const MUCH_IN_FLIGHT: usize = 4;
/// How long the host goes on looking at tasks that others of them woke, before it lets others run.
const TURN_MAX: Duration = Duration::from_millis(1);
/// Looks in a row, whatever the clock says: at a microsecond or more each, the time is over sooner.
const ROUNDS_MAX: u32 = 4_096;
/// How often whoever is ready to stand in looks whether that is needed.
pub const STAND_IN_EVERY: Duration = Duration::from_millis(50);
/// Looks without a sign of the host before it is stood in for. One more than the look that wakes it.
const MISSED_MAX: u32 = 3;

#[cfg(test)]
mod tests;
