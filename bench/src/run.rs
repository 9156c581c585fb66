//! Runs one subject's program once, and keeps what all runs gave.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::plan::Round;
use crate::subject::Subject;

/// What one run gave: figures by name.
pub(crate) enum Outcome {
    Measured(BTreeMap<String, f64>),
    Failed(String),
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
            Outcome::Measured(figures) => figures.get(name).copied(),
            Outcome::Failed(_) => None,
        };
        self.outcomes(round, subject).iter().map(figure).collect()
    }

    /// Why a run failed, if one did.
    pub(crate) fn failure(&self, round: &Round, subject: Subject) -> Option<&str> {
        self.outcomes(round, subject).iter().find_map(|outcome| match outcome {
            Outcome::Measured(_) => None,
            Outcome::Failed(why) => Some(why.as_str()),
        })
    }

    fn outcomes(&self, round: &Round, subject: Subject) -> &[Outcome] {
        self.by_round.get(&(round.name, subject)).map_or(&[], Vec::as_slice)
    }
}

pub(crate) fn once(program: &Path, round: &Round, time: Duration) -> Outcome {
    match try_once(program, round, time) {
        Ok(figures) => Outcome::Measured(figures),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

fn try_once(program: &Path, round: &Round, time: Duration) -> Result<BTreeMap<String, f64>> {
    let output = Command::new(program)
        .arg(round.workload)
        .args(["--seconds", &time.as_secs_f64().to_string(), "--actors", &round.actors.to_string()])
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{}", said.lines().last().unwrap_or("ended without a word"));
    }
    let text = String::from_utf8(output.stdout)?;
    // Whatever else a subject prints is not a name and a number.
    let figures: BTreeMap<_, _> = text.lines().filter_map(figure).collect();
    if figures.is_empty() {
        bail!("no figures in {text:?}");
    }
    Ok(figures)
}

fn figure(line: &str) -> Option<(String, f64)> {
    let (name, value) = line.split_once(' ')?;
    Some((name.to_owned(), value.parse().ok()?))
}
