//! All it takes to have the same run again.
//!
//! Doesn't know what a seed draws.

use std::fmt;
use std::time::Duration;

use crate::fault::Fault;

/// One run: a seed, how many nodes, how long, and which faults it does without.
///
/// # Examples
///
/// ```
/// use murmer_sim::{Fault, Recipe};
///
/// let recipe = Recipe::new(7).nodes(4).seconds(10).without(&[Fault::Crash]);
/// assert_eq!(recipe.to_string(), "Recipe::new(7).nodes(4).seconds(10).without(&[Fault::Crash])");
/// assert!(murmer_sim::run(&recipe).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    pub(crate) seed: u64,
    pub(crate) nodes: usize,
    pub(crate) span: Duration,
    pub(crate) without: Vec<Fault>,
}

impl Recipe {
    /// Two minutes of whatever `seed` draws, with 3 to 7 nodes.
    pub const fn new(seed: u64) -> Self {
        let nodes = 3 + (seed % 5) as usize;
        Self { seed, nodes, span: Duration::from_secs(120), without: Vec::new() }
    }

    /// The same with so many nodes, 2 to 100.
    pub const fn nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// The same with so many seconds of faults, before they end and all must heal.
    pub const fn seconds(mut self, seconds: u64) -> Self {
        self.span = Duration::from_secs(seconds);
        self
    }

    /// The same without these kinds of faults, whatever the seed draws.
    pub fn without(mut self, faults: &[Fault]) -> Self {
        self.without = faults.to_vec();
        self
    }

    /// How long faults go on.
    pub const fn span(&self) -> Duration {
        self.span
    }

    /// The seed.
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}

/// As a line for a test.
impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, nodes, span, without } = self;
        write!(f, "Recipe::new({seed}).nodes({nodes}).seconds({})", span.as_secs())?;
        if !without.is_empty() {
            let names: Vec<_> = without.iter().map(|fault| format!("Fault::{fault:?}")).collect();
            write!(f, ".without(&[{}])", names.join(", "))?;
        }
        Ok(())
    }
}
