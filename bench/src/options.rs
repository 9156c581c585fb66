//! What the command line asks for.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::plan::{self, Round};
use crate::subject::Subject;

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) repetitions: usize,
    /// How long each measurement takes.
    pub(crate) time: Duration,
    is_quick: bool,
    no_peers: bool,
    /// Workloads; all if empty.
    only: Vec<String>,
}

impl Options {
    /// `None` if only help was asked for.
    pub(crate) fn from_args() -> Result<Option<Self>> {
        let mut options = Self::default();
        let mut parser = Parser::from_env();
        let mut repetitions = None;
        let mut is_local = false;
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Value(what) if what == "local" => is_local = true,
                Arg::Long("quick") => options.is_quick = true,
                Arg::Long("no-peers") => options.no_peers = true,
                Arg::Long("only") => options.only = workloads(&parser.value()?.string()?)?,
                Arg::Long("repeat") => repetitions = Some(parser.value()?.parse()?),
                Arg::Short('h') | Arg::Long("help") => {
                    print!("{HELP}");
                    return Ok(None);
                }
                _ => return Err(arg.unexpected().into()),
            }
        }
        ensure!(is_local, "what is to be measured? There is `local`; --help says more");
        let (usual, time) = if options.is_quick { QUICK } else { WHOLE };
        options.repetitions = repetitions.unwrap_or(usual);
        options.time = time;
        ensure!(options.repetitions > 0, "nothing to repeat");
        Ok(Some(options))
    }

    /// raw and murmer first, in this order.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = Subject> {
        Subject::ALL
            .into_iter()
            .filter(|subject| !subject.is_peer() || (!self.no_peers && subject.is_wanted()))
    }

    pub(crate) fn rounds(&self) -> impl Iterator<Item = Round> {
        plan::ROUNDS.into_iter().filter(|round| {
            let is_asked_for = self.only.is_empty() || self.only.iter().any(|name| name == round.workload);
            is_asked_for && !(self.is_quick && round.is_long())
        })
    }
}

fn workloads(list: &str) -> Result<Vec<String>> {
    let names: Vec<String> = list.split(',').map(String::from).collect();
    for name in &names {
        if plan::ROUNDS.iter().all(|round| round.workload != name) {
            bail!("no workload is called {name}; there are tell, tell8, ask, idle and lookup");
        }
    }
    Ok(names)
}

/// Repetitions, and how long each measurement takes.
const WHOLE: (usize, Duration) = (7, Duration::from_millis(1_000));
const QUICK: (usize, Duration) = (3, Duration::from_millis(150));

const HELP: &str = "\
murmer-bench local [options]

Measures murmer's local actors beside bare channels and other actor crates, and prints a table.

  --quick        in about a minute once all is built: shorter, three times, without the millions
  --only NAMES   of tell, tell8, ask, idle, lookup these, with commas between them
  --no-peers     murmer and bare channels only
  --repeat N     how often everything is measured: 7, or 3 with --quick
";
