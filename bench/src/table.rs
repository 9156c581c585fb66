//! All results as tables in Markdown: a row for each quantity, a column for each subject.
//!
//! First what was done, then what that cost, then what went wrong.

mod row;

use std::fmt::Write;

use crate::options::Options;
use crate::plan::{Suite, Unit};
use crate::run::Results;
use crate::subject::{Built, Subject};
use row::Row;

pub(crate) fn markdown(options: &Options, subjects: &[(Subject, Built)], results: &Results) -> String {
    let suite = &options.suite;
    let others: Vec<Subject> = subjects
        .iter()
        .map(|(subject, _)| *subject)
        .filter(|subject| ![suite.raw(), suite.murmer()].contains(subject))
        .collect();
    let mut done = Vec::new();
    let mut costs = Vec::new();
    for round in options.rounds() {
        for quantity in round.quantities {
            let row = Row { suite, round: &round, quantity, results };
            done.push(row.done(&others));
        }
        for quantity in round.costs {
            let row = Row { suite, round: &round, quantity, results };
            costs.push(row.cost(&others));
        }
    }
    let mut text = table(&head(suite, "what", &["murmer / raw", "target"], &others), &done);
    if !costs.is_empty() {
        text += "\n";
        text += &table(&head(suite, "each costs", &["murmer / raw"], &others), &costs);
    }
    for (subject, _) in subjects {
        text += &trouble(options, *subject, results);
    }
    text
}

fn head(suite: &Suite, what: &str, about_murmer: &[&str], others: &[Subject]) -> Vec<String> {
    let mut head = vec![what.to_owned(), suite.raw().title(), suite.murmer().title()];
    head.extend(about_murmer.iter().map(|title| (*title).to_owned()));
    head.extend(others.iter().map(|other| other.title()));
    head
}

fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let mut text = line(head) + &line(&vec!["---".to_owned(); head.len()]);
    text.extend(rows.iter().map(|row| line(row)));
    text
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// A line for each round in which something of the subject's failed.
fn trouble(options: &Options, subject: Subject, results: &Results) -> String {
    let mut text = String::new();
    for round in options.rounds() {
        let Some(trouble) = results.trouble(&round, subject) else { continue };
        let what = match (trouble.failed_runs, trouble.failed_messages) {
            (0, messages) => format!("{messages} messages failed"),
            (runs, 0) => format!("{runs} of {} runs failed", options.repetitions),
            (runs, messages) => {
                format!("{runs} of {} runs failed, and {messages} messages", options.repetitions)
            }
        };
        // A String takes whatever is written to it.
        let _ = write!(text, "\n{}, {}: {what}: {}\n", subject.title(), round.name, trouble.because);
    }
    text
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::MillionsPerSecond => "M/s",
            Self::ThousandsPerSecond => "k/s",
            Self::MegabytesPerSecond => "MB/s",
            Self::Nanoseconds => "ns",
            Self::Microseconds => "µs",
            Self::Bytes => "B",
            Self::Seconds => "s",
            Self::Actors => "actors",
            Self::Packets => "packets",
        }
    }

    fn format(self, value: f64) -> String {
        match self {
            Self::MillionsPerSecond => format!("{:.2}", value / 1e6),
            Self::ThousandsPerSecond => format!("{:.0}", value / 1e3),
            Self::Microseconds => three_digits(value / 1e3),
            Self::MegabytesPerSecond => format!("{:.0}", value / 1e6),
            Self::Nanoseconds | Self::Bytes | Self::Actors => format!("{value:.0}"),
            Self::Seconds => format!("{value:.2}"),
            Self::Packets => three_digits(value),
        }
    }
}

/// Of what may be a thousandth as well as a thousand.
fn three_digits(value: f64) -> String {
    let places = match value {
        ..0.1 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.places$}")
}
