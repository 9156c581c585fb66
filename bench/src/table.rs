//! All results as one table in Markdown: a row for each quantity, a column for each subject.

use std::fmt::Write;

use crate::options::Options;
use crate::plan::{Quantity, Round, Target, Unit};
use crate::run::Results;
use crate::spread::Spread;
use crate::subject::{Built, Subject};

pub(crate) fn markdown(options: &Options, subjects: &[(Subject, Built)], results: &Results) -> String {
    let peers: Vec<Subject> = subjects.iter().map(|(subject, _)| *subject).filter(|s| s.is_peer()).collect();
    let mut head = vec!["what".into(), Subject::Raw.title(), Subject::Murmer.title()];
    head.extend(["murmer / raw", "target"].map(String::from));
    head.extend(peers.iter().map(|peer| peer.title()));
    let mut table = row(&head);
    table += &row(&vec!["---".to_owned(); head.len()]);
    let mut notes: Vec<String> = Vec::new();
    for round in options.rounds() {
        for quantity in round.quantities {
            let cells = Row { round: &round, quantity, results };
            table += &row(&cells.cells(&peers));
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
    round: &'r Round,
    quantity: &'r Quantity,
    results: &'r Results,
}

impl Row<'_> {
    fn cells(&self, peers: &[Subject]) -> Vec<String> {
        let mut cells = vec![self.quantity.title.to_owned()];
        cells.push(self.value(Subject::Raw));
        cells.push(self.value(Subject::Murmer));
        let ratio = self.ratio(Subject::Murmer);
        cells.push(ratio.map_or("–".into(), |ratio| {
            format!("**{}** [{}..{}]", times(ratio.median), times(ratio.min), times(ratio.max))
        }));
        cells.push(self.target(ratio));
        for peer in peers {
            let ratio = self.ratio(*peer).map(|ratio| format!(" ({})", times(ratio.median)));
            cells.push(self.value(*peer) + &ratio.unwrap_or_default());
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

    /// Of each repetition with raw in the same one, so that a machine that slows down slows both.
    fn ratio(&self, subject: Subject) -> Option<Spread> {
        let pairs = self.figures(subject).into_iter().zip(self.figures(Subject::Raw));
        Spread::of(pairs.filter_map(|(value, raw)| Some(value? / raw?)))
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
            Target::UpTo(limit) => (
                format!("≤ {} {}", unit.format(limit), unit.name()),
                self.spread(Subject::Murmer).map(|spread| spread.median <= limit),
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
            Self::Nanoseconds => "ns",
            Self::Bytes => "B",
            Self::Seconds => "s",
        }
    }

    fn format(self, value: f64) -> String {
        match self {
            Self::MillionsPerSecond => format!("{:.2}", value / 1e6),
            Self::Nanoseconds | Self::Bytes => format!("{value:.0}"),
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
