//! Why an actor was not let into a group.

/// Why an actor did not join a group. Its other memberships stand.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{JoinError, ReceptionKey};
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let key = ReceptionKey::new("workers")?;
/// let worker = system.start("worker", Worker, 0);
/// worker.control().stop();
/// assert_eq!(system.join_group(&key, &worker), Err(JoinError::Stopped));
///
/// let foreign = System::local().start("worker", Worker, 0);
/// assert_eq!(system.join_group(&key, &foreign), Err(JoinError::Elsewhere));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// It has been stopped, or has ended: it is in no group any more, and never will be.
    #[error("actor has stopped")]
    Stopped,
    /// The endpoint came from a start that failed: there is no actor.
    #[error("actor was not started")]
    NotStarted,
    /// The actor is another system's, here or on another node. Only its own system can let it join.
    #[error("actor belongs to another system")]
    Elsewhere,
    /// It is in as many groups as an actor may be in.
    #[error("actor is in {max} groups already")]
    TooMany {
        /// How many.
        max: usize,
    },
}
