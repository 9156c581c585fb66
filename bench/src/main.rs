//! Builds the subjects, lets them take turns at every workload, and prints one table.
//!
//! Doesn't measure anything itself: each measurement is a process of its own.

mod options;
mod plan;
mod run;
mod spread;
mod subject;
mod table;

use std::io::Write;

use anyhow::Result;

use options::Options;
use run::{Outcome, Results};
use subject::{Built, Subject};

fn main() -> Result<()> {
    let Some(options) = Options::from_args()? else { return Ok(()) };
    let subjects: Vec<(Subject, Built)> =
        options.subjects().map(|subject| (subject, subject.build())).collect();
    say_how_busy_it_is();
    let mut results = Results::default();
    for repetition in 0..options.repetitions {
        eprint!("repetition {} of {}:", repetition + 1, options.repetitions);
        for round in options.rounds() {
            eprint!(" {}", round.name);
            std::io::stderr().flush()?;
            for (subject, built) in in_turn(&subjects, repetition) {
                if !round.has(*subject) {
                    continue;
                }
                let outcome = match built {
                    Built::At(program) => run::once(program, &round, *subject, options.time),
                    Built::Not(why) => Outcome::Failed(why.clone()),
                };
                results.add(&round, *subject, outcome);
            }
        }
        eprintln!();
    }
    say_how_busy_it_is();
    print!("{}", table::markdown(&options, &subjects, &results));
    Ok(())
}

/// murmer and what it is held against are neighbours, and lead in turn, so that neither has the cooler
/// machine.
fn in_turn(subjects: &[(Subject, Built)], repetition: usize) -> Vec<&(Subject, Built)> {
    let mut turn: Vec<_> = subjects.iter().collect();
    if repetition % 2 == 1 {
        turn.swap(0, 1);
    }
    turn
}

/// Figures from a machine that does something else as well are worth little; whoever reads them is to
/// know.
fn say_how_busy_it_is() {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    eprintln!("load average {} on {cores} cores", load.split(' ').next().unwrap_or("unknown"));
}
