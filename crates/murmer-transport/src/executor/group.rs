//! Tasks with an owner.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use super::tasks::{Inbox, Tasks};

/// Tasks of an [`Executor`](crate::Executor) that end with this value.
pub struct TaskGroup(Arc<Group>);

#[derive(Default)]
struct Group {
    inbox: Inbox,
    is_over: AtomicBool,
}

impl TaskGroup {
    /// And what runs it.
    pub(super) fn new() -> (Self, impl Future<Output = ()> + Send + 'static) {
        let group = Arc::new(Group::default());
        let held = Self(group.clone());
        let mut tasks = Tasks::default();
        let run = poll_fn(move |cx| {
            group.inbox.register(cx.waker());
            if group.is_over.load(Ordering::SeqCst) {
                return Poll::Ready(());
            }
            tasks.poll(&group.inbox, cx);
            Poll::Pending
        });
        (held, run)
    }

    /// Adds a task.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.inbox.put(Box::pin(task));
    }
}

impl Drop for TaskGroup {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::SeqCst);
        self.0.inbox.wake();
    }
}

impl std::fmt::Debug for TaskGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskGroup").finish_non_exhaustive()
    }
}
