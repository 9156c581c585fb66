//! The runtimes that subjects run on.

use std::future::Future;

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Runtime};

/// As many workers as the machine that the targets are about has cores.
pub(crate) fn two_workers() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// Everything on the thread that waits for it.
pub(crate) fn one_thread() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Runs the workload as a task.
pub(crate) fn run<T: Send + 'static>(
    runtime: Runtime,
    workload: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    // Not on the thread that blocks, which would be a third one beside the workers.
    let result = runtime.block_on(async { tokio::spawn(workload).await.context("the workload panicked") });
    // The process is about to end; a million actors needn't be dropped one by one before.
    runtime.shutdown_background();
    result?
}
