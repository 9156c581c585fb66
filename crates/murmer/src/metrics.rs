//! What a node counts, through the [`metrics`](https://docs.rs/metrics) facade: for whatever recorder a program has.
//!
//! ```text
//! actors, streams, connections ─▶ plain numbers, where things happen
//!                                      │ every few seconds
//!                                   Sampler ─▶ Sample ─▶ Publisher ─▶ the facade
//! ```
//!
//! So a message costs nothing more for being counted, whether or not anybody looks. `docs/guide/metrics.md` in the
//! repository has a table of what there is, and when to worry. Without a recorder of its own a program can have the
//! page of `murmer::health`, behind the feature `health`.
//!
//! Doesn't know recorders, nor what becomes of the figures there.

mod bounded;
mod publisher;
mod sample;
mod sampler;
pub(crate) mod table;

use std::time::Duration;

use murmer_core::System;
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

pub(crate) use self::publisher::Publisher;
#[cfg(feature = "health")]
pub(crate) use self::sampler::DRIVER_WAIT;
pub(crate) use self::sampler::Sampler;

/// Publishes what a node counts to the recorder that the program has installed, until this is dropped or the system is
/// shut down.
///
/// # Examples
///
/// ```
/// # use std::time::Duration;
/// # use murmer::prelude::*;
/// use murmer::metrics::Metrics;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let system = System::local();
/// // Once the program's recorder is installed.
/// let metrics = Metrics::start(&system, Duration::from_secs(10));
/// system.shutdown().await; // published a last time
/// drop(metrics);
/// # }
/// ```
#[derive(Debug)]
pub struct Metrics {
    task: AbortHandle,
}

impl Metrics {
    /// Begins to publish, at once and then `every` so long: seconds, as often as anybody reads them. More often than
    /// every 100 ms is taken for that.
    ///
    /// Each time it looks at every actor, at some 100 ns each.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// See [`Metrics`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # use murmer::metrics::Metrics;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let metrics = Metrics::start(&System::local(), Duration::from_secs(10));
    /// # drop(metrics);
    /// # }
    /// ```
    pub fn start(system: &System, every: Duration) -> Self {
        let task = tokio::spawn(run(system.clone(), every.max(EVERY_MIN)));
        Self { task: task.abort_handle() }
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(system: System, every: Duration) {
    let (mut sampler, mut publisher) = (Sampler::new(system.clone()), Publisher::default());
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_over = tokio::select! {
            biased;
            () = system.ended() => true,
            _ = ticks.tick() => false,
        };
        publisher.publish(&sampler.sample().await);
        if is_over {
            return;
        }
    }
}

/// What a look at a hundred thousand actors is worth.
const EVERY_MIN: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests;
