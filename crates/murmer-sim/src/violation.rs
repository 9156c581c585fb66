//! What a run that failed has to say.
//!
//! Doesn't know how it was found.

use std::fmt;
use std::time::Duration;

use crate::menu::Menu;
use crate::recipe::Recipe;

/// Something that must hold, and didn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which rule: one or two words, the same for every breach of it.
    pub rule: &'static str,
    /// What was seen.
    pub what: String,
    /// When, in virtual time.
    pub at: Duration,
}

/// A run in which something did not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// How to have it again.
    pub recipe: Recipe,
    /// What the seed had drawn.
    pub menu: Menu,
    /// What went wrong.
    pub violation: Violation,
    /// The last events, a line each.
    pub events: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recipe, menu, violation, events } = self;
        let Violation { rule, what, at } = violation;
        writeln!(
            f,
            "{events}{rule} violated, seed {}, {} nodes, at {at:?}: {what}",
            recipe.seed, recipe.nodes
        )?;
        writeln!(f, "faults: {menu}")?;
        write!(f, "again: check({recipe});")
    }
}
