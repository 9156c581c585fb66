//! One way to run local actors, as the workloads see it.

use std::future::Future;

use anyhow::{Result, bail};

use crate::runtime;

/// Something that runs actors: an actor crate, or bare channels and tasks.
///
/// Its actor adds up the numbers it is told and, asked, says the sum. All of this is inlined into
/// the workloads' loops, so the indirection measures nothing.
pub trait Subject: Sized + Send + Sync + 'static {
    /// What one sends through.
    type Actor: Clone + Send + Sync + 'static;

    /// Whether a tell waits for a place in the mailbox. A sender that never waits would fill the
    /// memory, so without it the workloads let go of their worker every [`BREATH`] messages.
    const IS_BOUNDED: bool = true;

    /// Made inside of [`block_on`](Subject::block_on).
    ///
    /// # Errors
    ///
    /// When it can't be set up on this machine.
    fn new() -> Result<Self>;

    /// Starts an actor under a label, where there are labels.
    fn start(&self, label: &str) -> impl Future<Output = Result<Self::Actor>> + Send;

    /// Sends a number and waits for nothing but a place.
    fn tell(actor: &Self::Actor, number: u64) -> impl Future<Output = Result<()>> + Send;

    /// Sends a question and waits for the answer.
    fn ask(actor: &Self::Actor) -> impl Future<Output = Result<u64>> + Send;

    /// The sum after all that was told; ends the actor if it must.
    fn total(actor: Self::Actor) -> impl Future<Output = Result<u64>> + Send {
        async move { Self::ask(&actor).await }
    }

    /// Finds an actor by its label and lets go of it again; says whether there was one.
    ///
    /// # Errors
    ///
    /// When there are no labels.
    fn find(&self, _label: &str) -> Result<bool> {
        bail!("has no labels")
    }

    /// Runs the workload: as a task, on two workers.
    ///
    /// # Errors
    ///
    /// When there is no runtime to be had, or the workload failed.
    fn block_on<T: Send + 'static>(workload: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        runtime::run(runtime::two_workers()?, workload)
    }
}

/// Messages that a sender without a bound sends at a time.
pub(crate) const BREATH: u64 = 64;
