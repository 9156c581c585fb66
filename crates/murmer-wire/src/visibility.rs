//! Who may find an actor by looking.

use serde::{Deserialize, Serialize};

/// Who hears of an actor. Whoever holds an endpoint of it, or a reference to it, can send to it all the same.
///
/// # Examples
///
/// ```
/// use murmer_wire::Visibility;
///
/// assert_eq!(Visibility::default(), Visibility::Listed);
/// assert!(Visibility::Unlisted.is_told() && !Visibility::Unlisted.is_listed());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Visibility {
    /// Other nodes are never told of it, neither under its label nor as a member of a group. Unlike the
    /// others it costs them nothing.
    Private,
    /// It is found by its label and in its groups, on every node, but no list of labels has it.
    Unlisted,
    /// The same, and lists of labels have it.
    #[default]
    Listed,
}

impl Visibility {
    /// Whether other nodes hear of the actor.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::Visibility;
    ///
    /// assert!(!Visibility::Private.is_told());
    /// ```
    pub const fn is_told(self) -> bool {
        !matches!(self, Self::Private)
    }

    /// Whether lists of labels have the actor's.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::Visibility;
    ///
    /// assert!(Visibility::Listed.is_listed());
    /// ```
    pub const fn is_listed(self) -> bool {
        matches!(self, Self::Listed)
    }
}
