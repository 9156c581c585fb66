//! Planted violations, each with the test that must catch it: whether the tests would notice.
//!
//! A mutant is a patch in `xtask/mutants`, whose first line says what it breaks and what catches it:
//!
//! ```text
//! # guarantee 6: a notice ignores its fence; caught by: cargo test -p murmer-core --lib mailbox
//! ```
//!
//! Where two commands are named, with ` and ` between them, each alone must catch it: a test that shows where the
//! mistake is, say, and the simulator.
//!
//! Doesn't know how a patch is applied or a test run; [`Scratch`] does, and a test hands in outcomes.

mod scratch;

use std::fmt;
use std::io::{self, Write};
use std::time::{Duration, Instant};

pub use self::scratch::Scratch;
use crate::File;

/// A planted violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The patch's file name without its end.
    pub name: String,
    /// What it breaks.
    pub breaks: String,
    /// What must catch it: each of them.
    pub tests: Vec<Test>,
    /// What to apply.
    pub patch: String,
}

/// Some tests of one target of one package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// The package.
    pub package: String,
    /// `None` for the tests inside the library.
    pub target: Option<String>,
    /// Part of the tests' names.
    pub filter: String,
}

/// Why mutants can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// A patch doesn't begin with a line that says what it is.
    Header {
        /// Its path.
        path: String,
        /// What is wrong with the line.
        what: &'static str,
    },
    /// There is none of this name.
    Unknown(String),
}

/// One thing to be done.
#[derive(Debug, Clone, Copy)]
pub enum Step<'m> {
    /// Runs tests on what is there: they must pass, or what they catch says nothing.
    Clean(&'m Test),
    /// Plants a mutant and runs one of the sets of tests that must catch it.
    Planted(&'m Mutant, &'m Test),
}

/// How the tests of a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// They passed.
    Passed,
    /// One failed, or they did not end in time.
    Failed,
    /// They could not be run, for this reason: the patch doesn't apply, say, or doesn't compile.
    NotRun(String),
}

/// All mutants among the repository's files, or the one called `only`, by name.
///
/// # Errors
///
/// [`ReadError`].
pub fn read(files: &[File], only: Option<&str>) -> Result<Vec<Mutant>, ReadError> {
    let mut mutants = Vec::new();
    for file in files {
        let name = file.path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".patch"));
        if let Some(name) = name.filter(|name| only.is_none_or(|only| only == *name)) {
            mutants.push(parse(name, &file.path, &file.text)?);
        }
    }
    match only {
        Some(only) if mutants.is_empty() => Err(ReadError::Unknown(only.to_owned())),
        _ => Ok(mutants),
    }
}

/// Runs the tests without any mutant, then plants one after the other, and sums up on `out`. Returns
/// whether all were caught.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn run(
    mutants: &[Mutant],
    out: &mut dyn Write,
    perform: &mut dyn FnMut(Step<'_>) -> Outcome,
) -> io::Result<bool> {
    let mut tests: Vec<_> = mutants.iter().flat_map(|mutant| &mutant.tests).collect();
    tests.sort();
    tests.dedup();
    writeln!(out, "{} mutants, {} sets of tests; first without any mutant", mutants.len(), tests.len())?;
    for test in tests {
        out.flush()?;
        let outcome = perform(Step::Clean(test));
        if outcome != Outcome::Passed {
            writeln!(out, "{test}: {}", describe(&outcome, "pass", "FAIL WITHOUT A MUTANT"))?;
            return Ok(false);
        }
    }
    let mut table = Vec::new();
    for (at, mutant) in mutants.iter().enumerate() {
        writeln!(out, "[{}/{}] {}: {}", at + 1, mutants.len(), mutant.name, mutant.breaks)?;
        out.flush()?;
        for test in &mutant.tests {
            let started = Instant::now();
            let outcome = perform(Step::Planted(mutant, test));
            table.push((mutant, test, outcome, started.elapsed()));
        }
    }
    sum_up(&table, out)?;
    Ok(table.iter().all(|(_, _, outcome, _)| *outcome == Outcome::Failed))
}

fn sum_up(table: &[(&Mutant, &Test, Outcome, Duration)], out: &mut dyn Write) -> io::Result<()> {
    let width = table.iter().map(|(mutant, ..)| mutant.name.len()).max().unwrap_or_default();
    writeln!(out, "\n{:width$}  seconds  result", "mutant")?;
    for (mutant, _, outcome, took) in table {
        let result = describe(outcome, "SURVIVED", "caught");
        writeln!(out, "{:width$}  {:>7.1}  {result}", mutant.name, took.as_secs_f32())?;
    }
    for (mutant, test, outcome, _) in table.iter().filter(|(_, _, outcome, _)| *outcome != Outcome::Failed) {
        let result = describe(outcome, "survived", "caught");
        writeln!(out, "{} ({}) should be caught by: {test}; {result}", mutant.name, mutant.breaks)?;
    }
    Ok(())
}

fn describe(outcome: &Outcome, passed: &str, failed: &str) -> String {
    match outcome {
        Outcome::Passed => passed.into(),
        Outcome::Failed => failed.into(),
        Outcome::NotRun(reason) => format!("NOT RUN: {reason}"),
    }
}

fn parse(name: &str, path: &str, text: &str) -> Result<Mutant, ReadError> {
    let wrong = |what| ReadError::Header { path: path.to_owned(), what };
    let (header, patch) = text.split_once('\n').unwrap_or((text, ""));
    let header = header.strip_prefix("# ").ok_or_else(|| wrong("it does not begin with `# `"))?;
    let (breaks, command) =
        header.split_once("; caught by: ").ok_or_else(|| wrong("`; caught by: ` is missing"))?;
    let tests = command.split(" and ").map(|command| parse_test(command).map_err(wrong));
    let tests = tests.collect::<Result<_, _>>()?;
    Ok(Mutant { name: name.to_owned(), breaks: breaks.to_owned(), tests, patch: patch.to_owned() })
}

fn parse_test(command: &str) -> Result<Test, &'static str> {
    let command = command.strip_prefix("cargo test ").ok_or("no `cargo test` command")?;
    let words: Vec<_> = command.split_whitespace().collect();
    let (package, target, filter) = match words[..] {
        ["-p", package, "--lib", filter] => (package, None, filter),
        ["-p", package, "--test", target, filter] => (package, Some(target.to_owned()), filter),
        _ => return Err("not of the form `-p PACKAGE --lib|--test TARGET FILTER`"),
    };
    Ok(Test { package: package.to_owned(), target, filter: filter.to_owned() })
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cargo test -p {} ", self.package)?;
        match &self.target {
            None => f.write_str("--lib")?,
            Some(target) => write!(f, "--test {target}")?,
        }
        write!(f, " {}", self.filter)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { path, what } => write!(f, "the first line of {path}: {what}"),
            Self::Unknown(name) => write!(f, "no mutant is called {name:?}"),
        }
    }
}

impl std::error::Error for ReadError {}

const FOLDER: &str = "xtask/mutants/";
