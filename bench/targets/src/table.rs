//! How long everything took, beside how long it may.

use std::fmt;
use std::time::Duration;

use crate::measure::Measure;

#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<(Measure, Vec<Vec<Duration>>)>,
    skipped: Vec<Measure>,
}

impl Table {
    /// One round: how long each bound of `measure` took.
    pub(crate) fn add(&mut self, measure: Measure, took: Vec<Duration>) {
        match self.rows.iter_mut().find(|(row, _)| *row == measure) {
            Some((_, rounds)) => rounds.push(took),
            None => self.rows.push((measure, vec![took])),
        }
    }

    pub(crate) fn skip(&mut self, measure: Measure) {
        self.skipped.push(measure);
    }

    /// Whether nothing took longer than it may. What was skipped is not held against it.
    pub(crate) fn is_kept(&self) -> bool {
        self.rows.iter().all(|(measure, rounds)| {
            let bounds = measure.bounds();
            rounds.iter().all(|took| bounds.iter().zip(took).all(|(bound, took)| *took <= bound.max))
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | p50 | worst | allowed | |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for (measure, rounds) in &self.rows {
            for (index, bound) in measure.bounds().iter().enumerate() {
                let mut took: Vec<_> = rounds.iter().map(|round| round[index]).collect();
                took.sort();
                let (p50, worst) = (took[took.len() / 2], took[took.len() - 1]);
                let verdict = if worst <= bound.max { "kept" } else { "BROKEN" };
                let [p50, worst, max] = [p50, worst, bound.max].map(seconds);
                writeln!(f, "| {} | {p50} | {worst} | {max} | {verdict} |", bound.what)?;
            }
        }
        for measure in &self.skipped {
            writeln!(f, "| {} | | | | SKIPPED |", measure.name())?;
        }
        Ok(())
    }
}

fn seconds(span: Duration) -> String {
    if span < Duration::from_secs(1) {
        format!("{:.1} ms", span.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", span.as_secs_f64())
    }
}
