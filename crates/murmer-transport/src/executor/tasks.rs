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
    /// The same, for whoever polls in the host's stead.
    known: Mutex<Option<Waker>>,
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
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
    }

    pub(super) fn wake(&self) {
        self.host.wake();
    }

    /// Whoever was registered last; one that does nothing before the first.
    pub(super) fn waker(&self) -> Waker {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clone().unwrap_or_else(|| Waker::noop().clone())
    }
}

/// Tasks that run.
#[derive(Default)]
pub(super) struct Tasks(FuturesUnordered<Contained>);

impl Tasks {
    /// Takes what came in, and polls what is ready. True if no task is left.
    pub(super) fn poll(&mut self, inbox: &Inbox, cx: &mut Context<'_>) -> bool {
        loop {
            self.0.extend(inbox.take().into_iter().map(Contained));
            // As many as there are tasks, at most: then it wakes itself and lets others run.
            match self.0.poll_next_unpin(cx) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) => return true,
                Poll::Pending => return false,
            }
        }
    }
}

/// A task whose panic is its own end and nobody else's.
struct Contained(Task);

impl Future for Contained {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // It is dropped next, and never looked into again.
        catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))).unwrap_or_else(|_| {
            tracing::error!("a task of the network panicked");
            Poll::Ready(())
        })
    }
}
