//! All results as one table in Markdown: a row for each quantity, a column for each subject.

use std::fmt::Write;

use crate::options::Options;
use crate::plan::{Quantity, Round, Suite, Target, Unit};
use crate::run::Results;
use crate::spread::Spread;
use crate::subject::{Built, Subject};

pub(crate) fn markdown(options: &Options, subjects: &[(Subject, Built)], results: &Results) -> String {
    let suite = &options.suite;
    let others: Vec<Subject> = subjects
        .iter()
        .map(|(subject, _)| *subject)
        .filter(|subject| ![suite.raw(), suite.murmer()].contains(subject))
        .collect();
    let mut head = vec!["what".into(), suite.raw().title(), suite.murmer().title()];
    head.extend(["murmer / raw", "target"].map(String::from));
    head.extend(others.iter().map(|other| other.title()));
    let mut table = row(&head);
    table += &row(&vec!["---".to_owned(); head.len()]);
    let mut notes: Vec<String> = Vec::new();
    for round in options.rounds() {
        for quantity in round.quantities {
            let cells = Row { suite, round: &round, quantity, results };
            table += &row(&cells.cells(&others));
        }
        for (subject, _) in subjects {
            if let Some(why) = results.failure(&round, *subject) {
                notes.push(format!("{}, {}: {}", subject.title(), round.name, why.trim()));
            }
        }
    }
    for note in notes {
        // A String takes whatever is written to it.
        let _ = write!(table, "\n{note}\n");
    }
    table
}

struct Row<'r> {
    suite: &'r Suite,
    round: &'r Round,
    quantity: &'r Quantity,
    results: &'r Results,
}

impl Row<'_> {
    fn cells(&self, others: &[Subject]) -> Vec<String> {
        let murmer = self.suite.murmer();
        let mut cells = vec![self.quantity.title.to_owned()];
        cells.push(self.value(self.suite.raw()));
        cells.push(self.value(murmer));
        let ratio = self.ratio(murmer);
        cells.push(ratio.map_or("–".into(), |ratio| {
            format!("**{}** [{}..{}]", times(ratio.median), times(ratio.min), times(ratio.max))
        }));
        cells.push(self.target(ratio));
        for other in others {
            let ratio = self.ratio_to_raw(*other).map(|ratio| format!(" ({})", times(ratio.median)));
            cells.push(self.value(*other) + &ratio.unwrap_or_default());
        }
        cells
    }

    fn value(&self, subject: Subject) -> String {
        match self.spread(subject) {
            Some(spread) => {
                let unit = self.quantity.unit;
                let [median, min, max] =
                    [spread.median, spread.min, spread.max].map(|value| unit.format(value));
                format!("{median} {} [{min}..{max}]", unit.name())
            }
            None if self.round.has(subject) => "none, see below".into(),
            None => "–".into(),
        }
    }

    fn spread(&self, subject: Subject) -> Option<Spread> {
        Spread::of(self.figures(subject).into_iter().flatten())
    }

    /// What the target is about.
    fn ratio(&self, subject: Subject) -> Option<Spread> {
        match self.quantity.target {
            Target::OwnRatioFrom(_, round) => {
                let own = self.suite.rounds.iter().find(|other| other.name == round)?;
                self.ratio_to(subject, self.results.figures(own, subject, self.quantity.figure))
            }
            _ => self.ratio_to_raw(subject),
        }
    }

    fn ratio_to_raw(&self, subject: Subject) -> Option<Spread> {
        self.ratio_to(subject, self.figures(self.suite.raw()))
    }

    /// Of each repetition with the other in the same one, so that a machine that slows down slows both.
    fn ratio_to(&self, subject: Subject, others: Vec<Option<f64>>) -> Option<Spread> {
        let pairs = self.figures(subject).into_iter().zip(others);
        Spread::of(pairs.filter_map(|(value, other)| Some(value? / other?)))
    }

    fn figures(&self, subject: Subject) -> Vec<Option<f64>> {
        self.results.figures(self.round, subject, self.quantity.figure)
    }

    fn target(&self, ratio: Option<Spread>) -> String {
        let unit = self.quantity.unit;
        let (text, is_met) = match self.quantity.target {
            Target::RatioFrom(limit) => {
                (format!("≥ {}", times(limit)), ratio.map(|ratio| ratio.median >= limit))
            }
            Target::RatioTo(limit) => {
                (format!("≤ {}", times(limit)), ratio.map(|ratio| ratio.median <= limit))
            }
            Target::OwnRatioFrom(limit, round) => {
                (format!("≥ {} its own {round}", times(limit)), ratio.map(|ratio| ratio.median >= limit))
            }
            Target::UpTo(limit) => (
                format!("≤ {} {}", unit.format(limit), unit.name()),
                self.spread(self.suite.murmer()).map(|spread| spread.median <= limit),
            ),
            Target::From(limit) => (
                format!("≥ {} {}", unit.format(limit), unit.name()),
                self.spread(self.suite.murmer()).map(|spread| spread.median >= limit),
            ),
            Target::Open => return "–".into(),
        };
        match is_met {
            Some(true) => text + ": met",
            Some(false) => text + ": **missed**",
            None => text,
        }
    }
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
        }
    }

    fn format(self, value: f64) -> String {
        match self {
            Self::MillionsPerSecond => format!("{:.2}", value / 1e6),
            Self::ThousandsPerSecond | Self::Microseconds => format!("{:.0}", value / 1e3),
            Self::MegabytesPerSecond => format!("{:.0}", value / 1e6),
            Self::Nanoseconds | Self::Bytes | Self::Actors => format!("{value:.0}"),
            Self::Seconds => format!("{value:.2}"),
        }
    }
}

fn times(ratio: f64) -> String {
    format!("{ratio:.2}x")
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}
