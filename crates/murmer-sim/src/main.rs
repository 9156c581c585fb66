//! The command: runs seeds by the thousand, keeps a ledger of them, shows what fails as small as it gets.
//!
//! Doesn't know what a run does.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use lexopt::{Arg, Parser, ValueExt as _};
use murmer_sim::{Explored, Fault, Ledger, Plan, Recipe, Row, explore, shrink};

/// What to do.
#[derive(Debug)]
struct Task {
    seeds: Range<u64>,
    plan: Plan,
    without: Vec<Fault>,
    ledger: Option<PathBuf>,
    workers: usize,
}

fn main() -> ExitCode {
    let task = match parse(Parser::from_env()) {
        Ok(Some(task)) => task,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    // A node that panics fails its run, which is shown; the panic itself would be shown once per attempt.
    std::panic::set_hook(Box::new(|_| {}));
    match task.perform() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut parser: Parser) -> Result<Option<Task>, lexopt::Error> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let plan = Plan { span_seconds: 120, nodes: (3, 7) };
    let mut task = Task { seeds: 0..300, plan, without: Vec::new(), ledger: None, workers };
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long("seeds") => task.seeds = parser.value()?.parse_with(range)?,
            Arg::Long("seed") => {
                let seed: u64 = parser.value()?.parse()?;
                task.seeds = seed..seed + 1;
            }
            Arg::Long("minutes") => task.plan.span_seconds = 60 * parser.value()?.parse::<u64>()?,
            Arg::Long("seconds") => task.plan.span_seconds = parser.value()?.parse()?,
            Arg::Long("nodes") => {
                let nodes = parser.value()?.parse_with(|text| match text.split_once("..") {
                    Some(_) => range(text),
                    None => text.parse().map(|nodes| nodes..nodes).map_err(|_| "a number or a range"),
                })?;
                task.plan.nodes = (nodes.start as usize, nodes.end as usize);
            }
            Arg::Long("without") => {
                let faults = parser.value()?.parse_with(|text| {
                    let faults = text.split(',').map(Fault::named);
                    faults.collect::<Option<Vec<_>>>().ok_or("no such kind of fault")
                })?;
                task.without = faults;
            }
            Arg::Long("ledger") => task.ledger = Some(parser.value()?.into()),
            Arg::Long("workers") => task.workers = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    if task.plan.nodes.0 < 2 || task.plan.nodes.1 > 100 || task.plan.nodes.0 > task.plan.nodes.1 {
        return Err("2 to 100 nodes".into());
    }
    Ok(Some(task))
}

fn range(text: &str) -> Result<Range<u64>, &'static str> {
    let (from, to) = text.split_once("..").ok_or("a range like 0..300")?;
    let (from, to) = (from.parse(), to.trim_start_matches('=').parse());
    Ok(from.map_err(|_| "a range like 0..300")?..to.map_err(|_| "a range like 0..300")?)
}

impl Task {
    /// False if something did not hold.
    fn perform(&self) -> std::io::Result<bool> {
        let text = match &self.ledger {
            Some(path) if path.exists() => fs::read_to_string(path)?,
            Some(_) | None => String::new(),
        };
        let (mut ledger, commit) = (Ledger::parse(&text), commit());
        let mut all = Explored::default();
        let began_at = Instant::now();
        while let Some(seeds) = ledger.next(&self.seeds, &self.plan, CHUNK) {
            let chunk_began_at = Instant::now();
            let explored = explore(seeds.clone(), self.workers, |seed| self.recipe(seed));
            ledger.record(Row {
                seeds: seeds.clone(),
                plan: self.plan.clone(),
                commit: commit.clone(),
                violations: explored.failures.iter().map(|failure| failure.recipe.seed()).collect(),
                virtual_seconds: explored.virtual_time.as_secs(),
                real_seconds: chunk_began_at.elapsed().as_secs_f64(),
            });
            if let Some(path) = &self.ledger {
                fs::write(path, ledger.to_string())?;
            }
            for failure in &explored.failures {
                println!("{}", shrink(failure.clone()));
            }
            all = all.and(explored);
            let speed = all.virtual_time.as_secs_f64() / began_at.elapsed().as_secs_f64();
            let (passed, failed, to, end) = (all.passed, all.failures.len(), seeds.end, self.seeds.end);
            eprintln!("up to {to} of {end}: {passed} held, {failed} did not, {speed:.0} virtual s per s");
        }
        self.sum_up(&all);
        Ok(all.failures.is_empty())
    }

    fn recipe(&self, seed: u64) -> Recipe {
        let (fewest, most) = self.plan.nodes;
        let nodes = fewest + (seed % (most - fewest + 1) as u64) as usize;
        Recipe::new(seed).nodes(nodes).seconds(self.plan.span_seconds).without(&self.without)
    }

    fn sum_up(&self, all: &Explored) {
        let within = |percent| all.agreed_within(percent);
        println!("{} seeds held, {} did not", all.passed, all.failures.len());
        println!(
            "agreed after healing: half within {:?}, 99 of 100 {:?}, all {:?}",
            within(50),
            within(99),
            within(100)
        );
        let kinds = Fault::ALL.map(|fault| format!("{fault} {}", all.happened.count(fault)));
        println!("happened: {}", kinds.join(", "));
        println!("{:?}", all.happened);
    }
}

/// What this was built from, as far as git can tell.
fn commit() -> String {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".into());
    let is_changed = git(&["status", "--porcelain", "--", "crates"]).is_some_and(|text| !text.is_empty());
    if is_changed { commit + "+" } else { commit }
}

/// How many seeds are run between two notes in the ledger.
const CHUNK: u64 = 200;
const EXIT_USAGE: u8 = 2;
const USAGE: &str = "\
Runs seeds: whole clusters on virtual time, with faults drawn from each seed.

usage: murmer-sim [--seeds 0..300] [--minutes 2 | --seconds 30] [--nodes 3..7] [--ledger docs/simulation.md]
                  [--seed 17] [--without crash,pause] [--workers 2]

With a ledger, seeds that it lists for the same span and nodes are not run again.";
