//! One quantity of one round, and how all subjects did.

use crate::plan::{Quantity, Round, Suite, Target};
use crate::run::Results;
use crate::spread::Spread;
use crate::subject::Subject;

pub(super) struct Row<'r> {
    pub(super) suite: &'r Suite,
    pub(super) round: &'r Round,
    pub(super) quantity: &'r Quantity,
    pub(super) results: &'r Results,
}

impl Row<'_> {
    /// With a target.
    pub(super) fn done(&self, others: &[Subject]) -> Vec<String> {
        let ratio = self.ratio(self.suite.murmer());
        let mut cells = vec![self.quantity.title.to_owned()];
        cells
            .extend([self.suite.raw(), self.suite.murmer()].map(|subject| self.value_with_failures(subject)));
        cells.extend([bold(ratio), self.target(ratio)]);
        cells.extend(others.iter().map(|other| self.value_with_failures(*other) + &self.in_brackets(*other)));
        cells
    }

    /// Without one: it is measured to be seen.
    pub(super) fn cost(&self, others: &[Subject]) -> Vec<String> {
        let mut cells = vec![format!("{}: {}", self.round.name, self.quantity.title)];
        cells.extend([self.suite.raw(), self.suite.murmer()].map(|subject| self.value(subject)));
        cells.push(bold(self.ratio(self.suite.murmer())));
        cells.extend(others.iter().map(|other| self.value(*other) + &self.in_brackets(*other)));
        cells
    }

    fn value_with_failures(&self, subject: Subject) -> String {
        let mut value = self.value(subject);
        if subject.actors_max() < self.round.actors && self.round.has(subject) {
            value += &format!(", with {}", subject.actors_max());
        }
        match self.failed_messages(subject) {
            0 => value,
            failed => format!("{value}, **{failed} failed**"),
        }
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

    fn in_brackets(&self, subject: Subject) -> String {
        self.ratio_to_raw(subject).map_or_else(String::new, |ratio| format!(" ({})", times(ratio.median)))
    }

    fn failed_messages(&self, subject: Subject) -> u64 {
        self.results.trouble(self.round, subject).map_or(0, |trouble| trouble.failed_messages)
    }

    fn spread(&self, subject: Subject) -> Option<Spread> {
        Spread::of(self.figures(subject).into_iter().flatten())
    }

    /// What the target is about.
    fn ratio(&self, subject: Subject) -> Option<Spread> {
        match self.quantity.target {
            Target::OwnRatioFrom(_, round) => self.ratio_to_in(subject, subject, round),
            Target::RatioFromIn(_, round) => self.ratio_to_in(subject, self.suite.raw(), round),
            Target::RatioFrom(_) | Target::RatioTo(_) | Target::UpTo(_) | Target::From(_) | Target::Open => {
                self.ratio_to_raw(subject)
            }
        }
    }

    fn ratio_to_raw(&self, subject: Subject) -> Option<Spread> {
        self.ratio_to(subject, self.figures(self.suite.raw()))
    }

    /// To what somebody does in another round.
    fn ratio_to_in(&self, subject: Subject, other: Subject, round: &str) -> Option<Spread> {
        let round = self.suite.rounds.iter().find(|other| other.name == round)?;
        self.ratio_to(subject, self.results.figures(round, other, self.quantity.figure))
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
        let murmer = self.suite.murmer();
        let spread = self.spread(murmer);
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
            Target::RatioFromIn(limit, round) => {
                (format!("≥ {} raw's {round}", times(limit)), ratio.map(|ratio| ratio.median >= limit))
            }
            Target::UpTo(limit) => (
                format!("≤ {} {}", unit.format(limit), unit.name()),
                spread.map(|spread| spread.median <= limit),
            ),
            Target::From(limit) => (
                format!("≥ {} {}", unit.format(limit), unit.name()),
                spread.map(|spread| spread.median >= limit),
            ),
            Target::Open => return "–".into(),
        };
        match is_met {
            // What is fast because some of it wasn't done is not what the target is about.
            Some(true) if self.failed_messages(murmer) == 0 => text + ": met",
            Some(_) => text + ": **missed**",
            None => text,
        }
    }
}

fn bold(ratio: Option<Spread>) -> String {
    ratio.map_or("–".into(), |ratio| {
        format!("**{}** [{}..{}]", times(ratio.median), times(ratio.min), times(ratio.max))
    })
}

fn times(ratio: f64) -> String {
    format!("{ratio:.2}x")
}
