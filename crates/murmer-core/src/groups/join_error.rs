//! Why an actor was not let into a group.

/// Why an actor did not join a group. Its other memberships stand.
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
