//! Something that happens once, and the one task that looks out for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Whether it has happened. To look costs one load if it has, and no future is made for it.
#[derive(Debug, Default)]
pub(super) struct Signal {
    is_set: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Signal {
    /// It has happened, for good.
    pub(super) fn set(&self) {
        self.is_set.store(true, Ordering::SeqCst);
        let task = self.lock().take();
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Ready once it has happened. The last task to ask is woken.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        if !self.is_set() {
            keep(&mut self.lock(), cx.waker());
        }
        // Behind: one that is set in between has not seen the task.
        if self.is_set() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn is_set(&self) -> bool {
        self.is_set.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waker>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds `waker` from now on: a clone only if it is another.
pub(super) fn keep(held: &mut Option<Waker>, waker: &Waker) {
    if !held.as_ref().is_some_and(|held| held.will_wake(waker)) {
        *held = Some(waker.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;
    use std::thread;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    /// Looks, when it is woken, whether it may look.
    #[derive(Default)]
    struct Curious {
        signal: Signal,
        may_look: AtomicBool,
    }

    impl Wake for Curious {
        fn wake(self: Arc<Self>) {
            self.may_look.store(self.signal.task.try_lock().is_ok(), Ordering::SeqCst);
        }
    }

    #[test]
    fn whoever_is_woken_may_look_at_once() {
        let curious = Arc::<Curious>::default();
        assert!(curious.signal.poll(&Context::from_waker(&curious.clone().into())).is_pending());
        curious.signal.set();
        assert!(curious.may_look.load(Ordering::SeqCst));
    }

    #[test]
    fn the_last_task_to_ask_is_woken() {
        let (signal, woken) = (Signal::default(), [Arc::<Woken>::default(), Arc::default()]);
        for woken in &woken {
            assert!(signal.poll(&Context::from_waker(&woken.clone().into())).is_pending());
        }
        signal.set();
        assert_eq!(woken.map(|woken| woken.0.load(Ordering::SeqCst)), [false, true]);
        assert!(signal.poll(&Context::from_waker(Waker::noop())).is_ready());
    }

    /// Whether one of those who ask got that far is up to the scheduler; that it hears of it is not.
    #[test]
    fn what_is_set_between_a_look_and_a_place_is_not_missed() {
        for _ in 0..ROUNDS {
            let (signal, is_asking) = (Signal::default(), AtomicBool::new(false));
            // Who asks can look, and gets no place.
            let place = signal.lock();
            let asked = thread::scope(|scope| {
                let asking = scope.spawn(|| {
                    is_asking.store(true, Ordering::SeqCst);
                    signal.poll(&Context::from_waker(Waker::noop()))
                });
                while !is_asking.load(Ordering::SeqCst) {
                    thread::yield_now();
                }
                (0..YIELDS).for_each(|_| thread::yield_now());
                // As `set` does, which finds nobody.
                signal.is_set.store(true, Ordering::SeqCst);
                drop(place);
                asking.join().unwrap()
            });
            assert!(asked.is_ready());
        }
    }

    const ROUNDS: usize = 50;
    const YIELDS: usize = 50;
}
