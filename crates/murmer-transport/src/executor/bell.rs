//! Whom tasks wake: the host, unless it is running them anyway.
//!
//! A task of tokio's that is woken while it runs is queued again, and a worker that is asleep is woken to share the
//! work: a system call, and a move to another core. Tasks that wake each other would bring that about all the time.

use std::cell::Cell;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Wake, Waker};

use futures_util::task::AtomicWaker;

/// Wakes the host.
#[derive(Default)]
pub(super) struct Bell {
    state: AtomicU8,
    host: AtomicWaker,
}

/// What is to be done after a look at the tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing, until somebody rings.
    Rest,
    /// One of them woke another: look again.
    Again,
    /// Somebody else did, who goes on meanwhile: look again when others have had their turn, for there may be more
    /// by then.
    Yield,
}

thread_local! {
    /// Whose tasks this thread looks at.
    static RUNS: Cell<*const Bell> = const { Cell::new(ptr::null()) };
}

impl Bell {
    /// The host, which `waker` wakes, looks at the tasks with `look`.
    pub(super) fn run<T>(self: &Arc<Self>, waker: &Waker, look: impl FnOnce() -> T) -> (T, Next) {
        self.host.register(waker);
        self.state.store(RUNNING, Ordering::SeqCst);
        let seen = {
            // Put back also if something panics: a thread that is taken for the host's wakes nobody.
            let _outer = Outer(RUNS.replace(Arc::as_ptr(self)));
            look()
        };
        let rested = self.state.compare_exchange(RUNNING, RESTING, Ordering::SeqCst, Ordering::SeqCst);
        let next = match rested {
            Ok(_) => Next::Rest,
            Err(RUNG_HERE) => Next::Again,
            Err(_) => Next::Yield,
        };
        (seen, next)
    }
}

/// Whose tasks the thread looked at before.
struct Outer(*const Bell);

impl Drop for Outer {
    fn drop(&mut self) {
        RUNS.set(self.0);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if ptr::eq(RUNS.get(), Arc::as_ptr(self)) {
            // A ring from elsewhere stands: it asks for more than this one.
            let _ = self.state.compare_exchange(RUNNING, RUNG_HERE, Ordering::SeqCst, Ordering::SeqCst);
        } else if self.state.swap(RUNG, Ordering::SeqCst) == RESTING {
            self.host.wake();
        }
    }
}

const RESTING: u8 = 0;
const RUNNING: u8 = 1;
/// By one of the tasks that run.
const RUNG_HERE: u8 = 2;
/// By anybody else. The host has yet to look, if it hasn't begun to.
const RUNG: u8 = 3;

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Host(AtomicUsize);

    impl Wake for Host {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Who rings.
    #[derive(Clone, Copy)]
    enum By {
        /// A task of the host's, or at least its thread.
        Here,
        Others,
    }

    fn ring(bell: &Arc<Bell>, by: &[By]) {
        for by in by {
            match by {
                By::Here => bell.wake_by_ref(),
                By::Others => thread::scope(|scope| drop(scope.spawn(|| bell.wake_by_ref()))),
            }
        }
    }

    /// Those who ring `during` a look let the host do `next`; those who ring `behind` it wake it `woken` times.
    fn check(during: &[By], next: Next, behind: &[By], woken: usize) {
        let (bell, host) = (Arc::<Bell>::default(), Arc::<Host>::default());
        let ((), found) = bell.run(&Waker::from(host.clone()), || ring(&bell, during));
        assert_eq!(found, next);
        assert_eq!(host.0.load(Ordering::SeqCst), 0, "it is awake");
        ring(&bell, behind);
        assert_eq!(host.0.load(Ordering::SeqCst), woken);
    }

    #[test]
    fn whoever_rings_during_a_look_is_looked_after_once_more_and_wakes_nobody() {
        check(&[], Next::Rest, &[], 0);
        check(&[By::Here], Next::Again, &[], 0);
        check(&[By::Here, By::Here], Next::Again, &[], 0);
        check(&[By::Others], Next::Yield, &[], 0);
        check(&[By::Here, By::Others], Next::Yield, &[], 0);
        check(&[By::Others, By::Here], Next::Yield, &[], 0);
    }

    #[test]
    fn a_host_that_rests_is_woken_once_by_whomever() {
        check(&[], Next::Rest, &[By::Others], 1);
        check(&[], Next::Rest, &[By::Here], 1);
        check(&[], Next::Rest, &[By::Others, By::Here, By::Others], 1);
        check(&[By::Here], Next::Again, &[By::Others], 0);
        check(&[By::Others], Next::Yield, &[By::Here], 0);
    }

    #[test]
    fn whose_tasks_a_thread_looks_at_ends_with_the_look() {
        let (outer, inner) = (Arc::<Bell>::default(), Arc::<Bell>::default());
        let (_, next) = outer.run(Waker::noop(), || {
            let (_, next) = inner.run(Waker::noop(), || outer.wake_by_ref());
            assert_eq!(next, Next::Rest, "it was not this one");
        });
        assert_eq!(next, Next::Yield);
        let (_, next) = outer.run(Waker::noop(), || {
            inner.run(Waker::noop(), || ());
            outer.wake_by_ref();
        });
        assert_eq!(next, Next::Again);
    }
}
