//! Waiting for something to come true.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Looks again and again until `look` finds something; panics once `within` has passed.
pub(crate) async fn eventually<T>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let give_up_at = Instant::now() + within;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < give_up_at, "not within {within:?}: {what}");
        sleep(LOOK_EVERY).await;
    }
}

/// The same for a condition.
pub(crate) async fn until(what: &str, within: Duration, mut holds: impl FnMut() -> bool) {
    eventually(what, within, async || holds().then_some(())).await;
}

const LOOK_EVERY: Duration = Duration::from_millis(10);
