//! What was counted, at one time.

use super::table::Metric;

/// In the order of the table.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    pub(crate) series: Vec<Series>,
}

/// One number, or several that belong together.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) metric: &'static Metric,
    /// The value of the metric's label.
    pub(crate) label: Option<String>,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Counter(u64),
    Gauge(f64),
    /// How many are in each bucket, and the seconds that they took together.
    Histogram(Vec<(u64, f64)>),
}

impl Sample {
    pub(super) fn add(&mut self, metric: &'static Metric, value: Value) {
        self.series.push(Series { metric, label: None, value });
    }

    pub(super) fn add_labelled(&mut self, metric: &'static Metric, label: &str, value: Value) {
        self.series.push(Series { metric, label: Some(label.to_owned()), value });
    }
}
