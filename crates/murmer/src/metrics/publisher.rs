//! Says to the facade what has changed since it was last told.
//!
//! Counters and histograms are told what came on top: a recorder can't be told that one has begun anew, as that of a
//! node does that went and came back.

use std::collections::BTreeMap;

use metrics::{Label, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use super::sample::{Sample, Series, Value};
use super::table::{Kind, Metric};
use crate::cluster::counters::BOUNDS;

/// For one recorder.
#[derive(Debug, Default)]
pub(crate) struct Publisher {
    told: BTreeMap<(&'static str, Option<String>), Told>,
}

#[derive(Debug)]
struct Told {
    metric: &'static Metric,
    value: Value,
    is_current: bool,
}

impl Publisher {
    /// To the recorder of this thread, if it has one; else to that of the program.
    pub(crate) fn publish(&mut self, sample: &Sample) {
        self.told.values_mut().for_each(|told| told.is_current = false);
        for series in &sample.series {
            let key = (series.metric.name, series.label.clone());
            let before = self.told.get(&key).map(|told| &told.value);
            if before.is_none() {
                describe(series.metric);
            }
            tell(series, before);
            let told = Told { metric: series.metric, value: series.value.clone(), is_current: true };
            self.told.insert(key, told);
        }
        // Recorders keep what they were told last: that is not to be taken for what is.
        self.told.retain(|(_, label), told| {
            if !told.is_current && matches!(told.value, Value::Gauge(_)) {
                gauge!(told.metric.name, labels(told.metric, label.as_deref())).set(0.0);
            }
            told.is_current
        });
    }
}

fn tell(series: &Series, before: Option<&Value>) {
    let name = series.metric.name;
    let labels = labels(series.metric, series.label.as_deref());
    match (&series.value, before) {
        (Value::Counter(now), before) => {
            let before = if let Some(Value::Counter(before)) = before { *before } else { 0 };
            // One that has fallen has begun anew.
            let more = now.checked_sub(before).unwrap_or(*now);
            counter!(name, labels).increment(more);
        }
        (Value::Gauge(now), _) => gauge!(name, labels).set(*now),
        (Value::Histogram(now), before) => {
            let before = if let Some(Value::Histogram(before)) = before { &before[..] } else { &[] };
            let histogram = histogram!(name, labels);
            for (at, (count, seconds)) in now.iter().enumerate() {
                let (count_before, seconds_before) = before.get(at).copied().unwrap_or_default();
                let more = count.saturating_sub(count_before);
                if more > 0 {
                    // Their mean, which is in the same bucket: so counts and sums are true wherever they end up.
                    let mean = (seconds - seconds_before).max(0.0) / more as f64;
                    let bound = BOUNDS.get(at).map_or(f64::INFINITY, |bound| bound.as_secs_f64());
                    histogram.record_many(mean.min(bound), usize::try_from(more).unwrap_or(usize::MAX));
                }
            }
        }
    }
}

fn labels(metric: &Metric, value: Option<&str>) -> Vec<Label> {
    metric.label.zip(value).map(|(label, value)| Label::new(label, value.to_owned())).into_iter().collect()
}

fn describe(metric: &Metric) {
    let name = metric.name;
    let unit = if name.contains("_seconds") {
        Unit::Seconds
    } else if name.contains("_bytes") {
        Unit::Bytes
    } else {
        Unit::Count
    };
    match metric.kind {
        Kind::Counter => describe_counter!(name, unit, metric.help),
        Kind::Gauge | Kind::GaugeOfLargest => describe_gauge!(name, unit, metric.help),
        Kind::Histogram => describe_histogram!(name, unit, metric.help),
    }
}
