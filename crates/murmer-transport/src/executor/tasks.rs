//! Tasks on their way in, and those that run.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use futures_util::task::AtomicWaker;

pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tasks that nobody has polled yet, and whom to wake for them.
#[derive(Default)]
pub(super) struct Inbox {
    tasks: Mutex<Vec<Task>>,
    host: AtomicWaker,
}

impl Inbox {
    pub(super) fn put(&self, task: Task) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        self.host.wake();
    }

    pub(super) fn take(&self) -> Vec<Task> {
        std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whom to wake from now on.
    pub(super) fn register(&self, waker: &Waker) {
        self.host.register(waker);
    }

    pub(super) fn wake(&self) {
        self.host.wake();
    }
}

/// Tasks that run.
#[derive(Default)]
pub(super) struct Tasks(FuturesUnordered<Contained>);

impl Tasks {
    /// Takes what came in, and polls what is ready. True if no task is left.
    pub(super) fn poll(&mut self, inbox: &Inbox, cx: &mut Context<'_>) -> bool {
        loop {
            self.0.extend(inbox.take().into_iter().map(Contained::new));
            // As many as there are tasks, at most: then it wakes itself and lets others run.
            match self.0.poll_next_unpin(cx) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) => return true,
                Poll::Pending => return false,
            }
        }
    }
}

/// A task whose panic is its own end and nobody else's, also where it is dropped: it holds values of users'.
struct Contained(Option<Task>);

impl Contained {
    const fn new(task: Task) -> Self {
        Self(Some(task))
    }
}

impl Future for Contained {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(task) = &mut self.0 else { return Poll::Ready(()) };
        let polled = contained(|| task.as_mut().poll(cx)).unwrap_or(Poll::Ready(()));
        if polled.is_ready() {
            contained(|| self.0 = None);
        }
        polled
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        contained(|| self.0 = None);
    }
}

/// `None` if it panicked. What runs must not be looked into after that.
fn contained<T>(run: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(done) => Some(done),
        Err(panic) => {
            tracing::error!("a task of the network panicked");
            // What a panic was thrown with may panic when it is dropped; so may that. Twice is enough.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
                std::mem::forget(again);
            }
            None
        }
    }
}
