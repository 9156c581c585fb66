//! What the command line asks for.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::plan::{Round, Suite};
use crate::subject::Subject;

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) suite: Suite,
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
        let mut parser = Parser::from_env();
        let (mut suite, mut repetitions) = (None, None);
        let (mut is_quick, mut no_peers, mut only) = (false, false, Vec::new());
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Value(what) => suite = Suite::ALL.into_iter().find(|suite| what == suite.name),
                Arg::Long("quick") => is_quick = true,
                Arg::Long("no-peers") => no_peers = true,
                Arg::Long("only") => only = parser.value()?.string()?.split(',').map(String::from).collect(),
                Arg::Long("repeat") => repetitions = Some(parser.value()?.parse()?),
                Arg::Short('h') | Arg::Long("help") => {
                    print!("{HELP}");
                    return Ok(None);
                }
                _ => return Err(arg.unexpected().into()),
            }
        }
        let suite =
            suite.context("what is to be measured? There are `local` and `remote`; --help says more")?;
        let (usual, time) = if is_quick { QUICK } else { WHOLE };
        let repetitions = repetitions.unwrap_or(usual);
        ensure!(repetitions > 0, "nothing to repeat");
        let options = Self { suite, repetitions, time, is_quick, no_peers, only };
        options.check_names()?;
        Ok(Some(options))
    }

    /// raw and murmer first, in this order.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.suite
            .subjects
            .iter()
            .copied()
            .filter(|subject| !subject.is_peer() || (!self.no_peers && subject.is_wanted()))
    }

    pub(crate) fn rounds(&self) -> impl Iterator<Item = Round> {
        self.suite.rounds.iter().copied().filter(|round| {
            let is_asked_for = self.only.is_empty() || self.only.iter().any(|name| name == round.workload);
            is_asked_for && !(self.is_quick && round.is_long())
        })
    }

    fn check_names(&self) -> Result<()> {
        for name in &self.only {
            if self.suite.rounds.iter().all(|round| round.workload != name) {
                let there: Vec<_> = self.suite.rounds.iter().map(|round| round.workload).collect();
                bail!("no workload is called {name}; there are {}", there.join(", "));
            }
        }
        Ok(())
    }
}

/// Repetitions, and how long each measurement takes.
const WHOLE: (usize, Duration) = (7, Duration::from_millis(1_000));
const QUICK: (usize, Duration) = (3, Duration::from_millis(150));

const HELP: &str = "\
murmer-bench local|remote [options]

Measures murmer's actors beside other actor crates and what all of them are built from, and prints a
table: `local` within one process, `remote` between two on this machine.

  --quick        in about a minute once all is built: shorter, three times, without the millions
  --only NAMES   these workloads, with commas between them: of tell, tell8, ask, idle, lookup, or of
                 ask1, ask64, ask512, ask512x1000, tell, payload64k, payload1m, appear, known
  --no-peers     murmer, and bare channels or connections, only
  --repeat N     how often everything is measured: 7, or 3 with --quick
";
