//! Running what a user wrote so that its panic ends with it.

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::Poll;
use std::any::Any;
use std::panic::catch_unwind;

/// Runs `work` and returns the message of its panic, if it panics.
pub(crate) async fn contained<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
        Err(panic) => Poll::Ready(Err(message(panic))),
    })
    .await
}

/// The same for what doesn't wait.
pub(crate) fn contained_now<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(message)
}

/// What a panic said. What it was thrown with is a user's value, whose own panic when it is dropped ends here, too;
/// the value of that second one is left alone.
pub(crate) fn message(panic: Box<dyn Any + Send>) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "(no message)".to_owned());
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        core::mem::forget(second);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thrown, and thrown again when it is dropped.
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any(Self);
        }
    }

    #[test]
    fn what_a_panic_was_thrown_with_may_panic_over_being_dropped() {
        let ran = contained_now(|| std::panic::panic_any(Bomb));
        assert_eq!(ran, Err("(no message)".to_owned()));
    }
}
