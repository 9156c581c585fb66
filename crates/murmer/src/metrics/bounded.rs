//! Names that have series of their own: the first so many, until they are gone.
//!
//! So no program and no peer can fill a monitor's memory by inventing names.

use std::collections::{BTreeMap, BTreeSet};

use super::sample::{Sample, Value};
use super::table::{Kind, Metric};

#[derive(Debug)]
pub(super) struct Bounded {
    held: BTreeSet<String>,
    max: usize,
}

impl Bounded {
    pub(super) const fn new(max: usize) -> Self {
        Self { held: BTreeSet::new(), max }
    }

    /// These are all the names that there are now: whoever is gone makes room.
    pub(super) fn keep<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let names: BTreeSet<_> = names.collect();
        self.held.retain(|name| names.contains(name.as_str()));
        for name in names {
            if self.held.len() >= self.max {
                break;
            }
            self.held.insert(name.to_owned());
        }
    }

    /// Adds one series for each name that has one, and one for the rest together.
    pub(super) fn add<'n>(
        &self,
        sample: &mut Sample,
        metric: &'static Metric,
        values: impl Iterator<Item = (&'n str, f64)>,
    ) {
        let mut by_label = BTreeMap::<_, f64>::new();
        for (name, value) in values {
            let label = if self.held.contains(name) { name } else { REST };
            let sum = by_label.entry(label).or_default();
            *sum = if metric.kind == Kind::GaugeOfLargest { sum.max(value) } else { *sum + value };
        }
        for (label, value) in by_label {
            let value = match metric.kind {
                Kind::Counter => Value::Counter(value as u64),
                Kind::Gauge | Kind::GaugeOfLargest | Kind::Histogram => Value::Gauge(value),
            };
            sample.add_labelled(metric, label, value);
        }
    }
}

/// What those are called together that have no series of their own.
pub(super) const REST: &str = "other";

#[cfg(test)]
mod tests;
