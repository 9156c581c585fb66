//! Runs one subject's program once, and keeps what all runs gave.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::plan::Round;
use crate::subject::Subject;

/// What one run gave.
pub(crate) enum Outcome {
    Measured(Figures),
    Failed(String),
}

/// What a subject's program printed.
#[derive(Default)]
pub(crate) struct Figures {
    by_name: BTreeMap<String, f64>,
    /// Why some of its messages failed.
    because: Option<String>,
}

/// What went wrong in all runs of a subject in one round.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    pub(crate) failed_runs: usize,
    pub(crate) failed_messages: u64,
    /// The first reason.
    pub(crate) because: String,
}

/// All outcomes of a round, a subject's in the order of the repetitions.
#[derive(Default)]
pub(crate) struct Results {
    by_round: BTreeMap<(&'static str, Subject), Vec<Outcome>>,
}

impl Results {
    pub(crate) fn add(&mut self, round: &Round, subject: Subject, outcome: Outcome) {
        self.by_round.entry((round.name, subject)).or_default().push(outcome);
    }

    /// One figure of all repetitions; `None` where a run failed.
    pub(crate) fn figures(&self, round: &Round, subject: Subject, name: &str) -> Vec<Option<f64>> {
        let figure = |outcome: &Outcome| match outcome {
            Outcome::Measured(figures) => figures.by_name.get(name).copied(),
            Outcome::Failed(_) => None,
        };
        self.outcomes(round, subject).iter().map(figure).collect()
    }

    /// `None` if all went well.
    pub(crate) fn trouble(&self, round: &Round, subject: Subject) -> Option<Trouble> {
        let mut trouble = Trouble::default();
        let mut because = None;
        for outcome in self.outcomes(round, subject) {
            match outcome {
                Outcome::Measured(figures) => {
                    trouble.failed_messages += figures.by_name.get(FAILED).map_or(0, |failed| *failed as u64);
                    because = because.or(figures.because.as_deref());
                }
                Outcome::Failed(why) => {
                    trouble.failed_runs += 1;
                    because = because.or(Some(why));
                }
            }
        }
        trouble.because = because?.trim().to_owned();
        Some(trouble)
    }

    fn outcomes(&self, round: &Round, subject: Subject) -> &[Outcome] {
        self.by_round.get(&(round.name, subject)).map_or(&[], Vec::as_slice)
    }
}

pub(crate) fn once(program: &Path, round: &Round, subject: Subject, time: Duration) -> Outcome {
    let actors = round.actors.min(subject.actors_max());
    match try_once(program, round, actors, time) {
        Ok(figures) => Outcome::Measured(figures),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

fn try_once(program: &Path, round: &Round, actors: usize, time: Duration) -> Result<Figures> {
    let mut command = Command::new(program);
    command
        .arg(round.workload)
        .args(["--seconds", &time.as_secs_f64().to_string(), "--actors", &actors.to_string()])
        .stdin(Stdio::null());
    if let Some(mtu) = round.mtu {
        command.args(["--mtu", &mtu.to_string()]);
    }
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{}", said.lines().last().unwrap_or("ended without a word"));
    }
    let text = String::from_utf8(output.stdout)?;
    // Whatever else a subject prints is not a name and a number.
    let by_name: BTreeMap<_, _> = text.lines().filter_map(figure).collect();
    if by_name.is_empty() {
        bail!("no figures in {text:?}");
    }
    let because = text.lines().find_map(|line| line.strip_prefix(BECAUSE)).map(str::to_owned);
    Ok(Figures { by_name, because })
}

fn figure(line: &str) -> Option<(String, f64)> {
    let (name, value) = line.split_once(' ')?;
    Some((name.to_owned(), value.parse().ok()?))
}

/// Messages that didn't get there, or got no answer.
const FAILED: &str = "failed";
/// Before the reason.
const BECAUSE: &str = "because ";
