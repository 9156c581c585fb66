//! Many futures in one task, each polled only when it was woken itself.
//!
//! Without that, a thousand answers that come one by one would cost a million polls.

use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;

pub(super) struct Together<F> {
    /// `None` for those that are done.
    futures: Vec<Option<F>>,
    bells: Vec<Arc<Bell>>,
    woken: Arc<Woken>,
    left: usize,
}

/// Those to be polled, first come first: each is in there once at most.
struct Woken {
    state: Mutex<(VecDeque<usize>, Option<Waker>)>,
}

/// Wakes one of the futures.
struct Bell {
    at: usize,
    is_rung: AtomicBool,
    woken: Arc<Woken>,
}

impl<F: Future + Unpin> Together<F> {
    /// All of them are polled once, in order, by the first [`poll_next`](Self::poll_next) calls.
    pub(super) fn new(futures: Vec<F>) -> Self {
        let left = futures.len();
        let woken = Arc::new(Woken { state: Mutex::new(((0..left).collect(), None)) });
        let bell = |at| Arc::new(Bell { at, is_rung: AtomicBool::new(true), woken: woken.clone() });
        let bells: Vec<_> = (0..left).map(bell).collect();
        Self { futures: futures.into_iter().map(Some).collect(), bells, woken, left }
    }

    /// The next one that is done, and what it came to; `None` when all are.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<(usize, F::Output)>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let turns = self.woken.listen(cx.waker());
        for _ in 0..turns {
            let Some(at) = self.woken.lock().0.pop_front() else { break };
            let bell = &self.bells[at];
            // Before the poll: what rings during it is to be seen.
            bell.is_rung.store(false, Ordering::SeqCst);
            let Some(future) = &mut self.futures[at] else { continue };
            let waker = Waker::from(bell.clone());
            if let Poll::Ready(output) = Pin::new(future).poll(&mut Context::from_waker(&waker)) {
                self.futures[at] = None;
                self.left -= 1;
                return Poll::Ready(Some((at, output)));
            }
        }
        // Those that woke themselves meanwhile want other tasks to have a turn first.
        if !self.woken.lock().0.is_empty() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Woken {
    /// From here on `waker` is woken. How many there are to poll.
    fn listen(&self, waker: &Waker) -> usize {
        let mut state = self.lock();
        if !state.1.as_ref().is_some_and(|held| held.will_wake(waker)) {
            state.1 = Some(waker.clone());
        }
        state.0.len()
    }

    fn lock(&self) -> MutexGuard<'_, (VecDeque<usize>, Option<Waker>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_rung.swap(true, Ordering::SeqCst) {
            return;
        }
        let mut state = self.woken.lock();
        state.0.push_back(self.at);
        let waker = state.1.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use core::future::{Ready, poll_fn, ready};
    use core::task::{Context, Poll, Waker};
    use std::cell::Cell;
    use std::rc::Rc;

    use tokio::sync::oneshot;

    use super::Together;

    #[tokio::test]
    async fn each_is_polled_once_at_first_and_then_only_when_woken() {
        const N: usize = 500;
        let polls = Rc::new(Cell::new(0));
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..N).map(|_| oneshot::channel()).unzip();
        let counted = receivers.into_iter().map(|mut receiver: oneshot::Receiver<usize>| {
            let polls = polls.clone();
            Box::pin(poll_fn(move |cx| {
                polls.set(polls.get() + 1);
                core::pin::Pin::new(&mut receiver).poll(cx)
            }))
        });
        let mut together = Together::new(counted.collect());
        assert!(together.poll_next(&mut Context::from_waker(Waker::noop())).is_pending());
        for (at, sender) in senders.into_iter().enumerate().rev() {
            sender.send(at * 2).unwrap();
            let (done, output) = poll_fn(|cx| together.poll_next(cx)).await.unwrap();
            assert_eq!((done, output), (at, Ok(at * 2)));
        }
        assert_eq!(poll_fn(|cx| together.poll_next(cx)).await, None);
        assert!(polls.get() <= 3 * N, "{} polls", polls.get());
    }

    #[test]
    fn one_that_always_wakes_itself_does_not_keep_the_task() {
        let restless = poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let mut together = Together::new(vec![restless]);
        assert!(together.poll_next(&mut Context::from_waker(Waker::noop())).is_pending());
    }

    #[test]
    fn none_are_done_at_once() {
        let mut together = Together::<Ready<()>>::new(vec![]);
        assert_eq!(together.poll_next(&mut Context::from_waker(Waker::noop())), Poll::Ready(None));
        let mut together = Together::new(vec![ready(1), ready(2)]);
        let mut next = || together.poll_next(&mut Context::from_waker(Waker::noop()));
        assert_eq!(
            [next(), next(), next()],
            [Poll::Ready(Some((0, 1))), Poll::Ready(Some((1, 2))), Poll::Ready(None)]
        );
    }
}
