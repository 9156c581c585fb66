//! One recipe from beginning to end; and a failing one made as small as it can be.
//!
//! A node that panics fails its run like any other violation.
//! Doesn't know which recipes are worth trying.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::fault::Fault;
use crate::happened::Happened;
use crate::recipe::Recipe;
use crate::sim::Sim;
use crate::violation::{Failure, Violation};

/// A run in which everything held.
#[derive(Debug, Clone, Copy)]
pub struct Passed {
    /// How much has happened in it.
    pub happened: Happened,
    /// How long after the last fault all nodes knew the same.
    pub agreed_after: Duration,
    /// How much virtual time it took.
    pub virtual_time: Duration,
    /// A number that stands for all that has happened.
    pub trace_hash: u64,
}

/// Runs a recipe: its faults, then healing.
///
/// # Errors
///
/// What did not hold, with the last events before it.
pub fn run(recipe: &Recipe) -> Result<Passed, Box<Failure>> {
    let mut sim = Sim::new(recipe);
    let failure = match attempt(&mut sim, recipe) {
        Ok(passed) => return Ok(passed),
        Err(failure) => failure,
    };
    // The same again, with words.
    let again = attempt(&mut Sim::with_words(recipe), recipe);
    Err(again.err().unwrap_or(failure))
}

/// Runs a recipe that must not fail.
///
/// # Panics
///
/// If it does, with the smallest recipe that still does.
pub fn check(recipe: Recipe) {
    if let Err(failure) = run(&recipe) {
        let smallest = shrink(*failure);
        panic!("{smallest}");
    }
}

/// Looks for a smaller recipe that violates the same rule: a shorter one, with fewer nodes, without this kind
/// of fault and that.
pub fn shrink(mut failure: Failure) -> Failure {
    let mut left = SHRINK_RUNS_MAX;
    loop {
        let smaller = candidates(&failure).into_iter().find_map(|recipe| {
            left = usize::checked_sub(left, 1)?;
            let found = *run(&recipe).err()?;
            (found.violation.rule == failure.violation.rule).then_some(found)
        });
        match smaller {
            Some(smaller) => failure = smaller,
            None => return failure,
        }
    }
}

/// What to try next, from the largest step to the smallest.
fn candidates(failure: &Failure) -> Vec<Recipe> {
    let Failure { recipe, menu, violation, .. } = failure;
    let mut smaller = Vec::new();
    let span = recipe.span.as_secs();
    let at = violation.at.as_secs() + 1;
    for seconds in [span / 4, span / 2, at.min(span), span * 3 / 4, span * 9 / 10, span.saturating_sub(1)] {
        if (1..span).contains(&seconds) {
            smaller.push(recipe.clone().seconds(seconds));
        }
    }
    smaller.extend((2..recipe.nodes).map(|nodes| recipe.clone().nodes(nodes)));
    for fault in menu.faults() {
        let without: Vec<Fault> = recipe.without.iter().copied().chain([fault]).collect();
        smaller.push(recipe.clone().without(&without));
    }
    smaller
}

fn attempt(sim: &mut Sim, recipe: &Recipe) -> Result<Passed, Box<Failure>> {
    let began_at = sim.now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        sim.run(recipe.span)?;
        sim.settle()
    }));
    let agreed_after = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let violation = Violation { rule: "no panic", what: text.unwrap_or_default(), at: sim.now() };
        Err(Box::new(sim.failure(violation)))
    })?;
    let (happened, trace_hash) = (sim.happened(), sim.trace_hash());
    Ok(Passed { happened, agreed_after, virtual_time: sim.now() - began_at, trace_hash })
}

/// How many runs may go into making a failure smaller.
const SHRINK_RUNS_MAX: usize = 300;
