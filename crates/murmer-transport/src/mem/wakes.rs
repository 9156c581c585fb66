//! Who is to be woken once the lock is released.
//!
//! A waker may run foreign code, and that code may come back to the lock.

use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::sync::Notify;

/// Collected under the lock, fired after it.
#[derive(Default)]
pub(super) struct Wakes {
    wakers: Vec<Waker>,
    news: Vec<Arc<Notify>>,
}

impl Wakes {
    /// Whoever waits in `slot`.
    pub(super) fn wake(&mut self, slot: &mut Option<Waker>) {
        self.wakers.extend(slot.take());
    }

    /// Everybody who waits for `news` now.
    pub(super) fn notify(&mut self, news: &Arc<Notify>) {
        self.news.push(news.clone());
    }

    pub(super) fn fire(self) {
        for waker in self.wakers {
            waker.wake();
        }
        for news in self.news {
            news.notify_waiters();
        }
    }
}

/// Makes `slot` wake the task behind `cx`, and no longer any other.
pub(super) fn wait(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) => waker.clone_from(cx.waker()),
        none => *none = Some(cx.waker().clone()),
    }
}
