//! A point in this node's history, to ask who has come so far.

/// All that was said of this node's actors by some time. From [`Registry::mark`](crate::Registry::mark).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub(crate) Place);

/// Where in the log that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At the head, once changes have been given positions this often.
    AfterCommits(u64),
    /// There.
    At(u64),
}
