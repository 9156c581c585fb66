//! All checks in a row: announced, timed, summed up.
//!
//! Doesn't know how a step is performed; the caller hands that in, and a test hands in failures.

use std::io::{self, Write};
use std::time::{Duration, Instant};

/// One check: an invocation of cargo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What the step is called.
    pub name: &'static str,
    /// The arguments for cargo.
    pub args: &'static [&'static str],
    /// A variable of the environment to set for it.
    pub env: Option<(&'static str, &'static str)>,
    /// True if the step is skipped, loudly, where its cargo subcommand isn't installed.
    pub optional: bool,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to complain about.
    Passed,
    /// It complained, and said about what.
    Failed,
    /// It didn't run, for this reason.
    Skipped(String),
}

/// The steps of `cargo xtask ci`, what is quick to fail before what is slow to build.
pub const STEPS: &[Step] = &[
    Step::new("fmt", &["fmt", "--all", "--check"]),
    Step::new("layers", &["xtask", "layers"]),
    Step::new("tidy", &["xtask", "tidy"]),
    Step::new("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]),
    Step::new("tests", &["test", "--workspace", "--locked"]),
    Step::new("sim", &["run", "--profile", "sim", "-p", "murmer-sim", "--locked", "--", "--seeds", "0..300"]),
    Step {
        env: Some(("RUSTFLAGS", "--cfg murmer_loom")),
        ..Step::new(
            "loom",
            &[
                "test",
                "-p",
                "murmer-core",
                "--lib",
                "--release",
                "--locked",
                "--target-dir",
                "target/loom",
                "models",
            ],
        )
    },
    Step {
        env: Some(("RUSTDOCFLAGS", "-D warnings")),
        ..Step::new("docs", &["doc", "--workspace", "--no-deps", "--locked"])
    },
    Step::new("scenario", &["xtask", "scenario"]),
    Step { optional: true, ..Step::new("deny", &["deny", "check"]) },
];

impl Step {
    /// A step that needs nothing but its arguments.
    pub const fn new(name: &'static str, args: &'static [&'static str]) -> Self {
        Self { name, args, env: None, optional: false }
    }

    /// What to type to run it alone.
    pub fn command(&self) -> String {
        let env = self.env.map(|(key, value)| format!("{key}='{value}' ")).unwrap_or_default();
        format!("{env}cargo {}", self.args.join(" "))
    }
}

/// Performs `steps` in order until one fails, or all of them if `keep_going`, and sums up on `out`.
/// Returns whether none failed.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn run(
    steps: &[Step],
    keep_going: bool,
    out: &mut dyn Write,
    perform: &mut dyn FnMut(&Step) -> Outcome,
) -> io::Result<bool> {
    let mut done: Vec<(Outcome, Duration)> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let title = format!("[{}/{}] {}", at + 1, steps.len(), step.name);
        writeln!(out, "\n{title}: {}", step.command())?;
        out.flush()?;
        let started = Instant::now();
        let outcome = perform(step);
        let took = started.elapsed();
        writeln!(out, "{title}: {} after {:.1} s", describe(&outcome), took.as_secs_f32())?;
        let failed = outcome == Outcome::Failed;
        done.push((outcome, took));
        if failed && !keep_going {
            break;
        }
    }
    sum_up(steps, &done, out)?;
    Ok(done.iter().all(|(outcome, _)| *outcome != Outcome::Failed))
}

fn sum_up(steps: &[Step], done: &[(Outcome, Duration)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nstep      seconds  result")?;
    for (at, step) in steps.iter().enumerate() {
        match done.get(at) {
            Some((outcome, took)) => {
                writeln!(out, "{:8} {:>8.1}  {}", step.name, took.as_secs_f32(), describe(outcome))?;
            }
            None => writeln!(out, "{:8} {:>8}  not run", step.name, "-")?,
        }
    }
    let took: Duration = done.iter().map(|(_, took)| took).sum();
    writeln!(out, "{:8} {:>8.1}", "all", took.as_secs_f32())?;
    for (step, (outcome, _)) in steps.iter().zip(done) {
        if *outcome == Outcome::Failed {
            writeln!(out, "{} failed; run it again with: {}", step.name, step.command())?;
        }
    }
    Ok(())
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "ok".into(),
        Outcome::Failed => "FAILED".into(),
        Outcome::Skipped(reason) => format!("SKIPPED, NOT CHECKED: {reason}"),
    }
}
