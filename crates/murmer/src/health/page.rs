//! A recorder of the facade for one page: takes what is published to it, and prints it as Prometheus reads it.
//!
//! Made for each page: what is gone is not on the next one. The format is Prometheus' text format 0.0.4.
//!
//! Not the facade's exporter: that keeps the series of peers that are gone, and brings two dozen crates for what is a
//! few lines here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use crate::cluster::counters::BOUNDS;

#[derive(Default)]
pub(super) struct Page {
    families: Mutex<BTreeMap<String, Family>>,
}

/// All series of one name.
#[derive(Default)]
struct Family {
    help: String,
    /// By their labels as they are printed.
    series: BTreeMap<String, Cell>,
}

enum Cell {
    Counter(Arc<AtomicU64>),
    /// The bits of a number.
    Gauge(Arc<AtomicU64>),
    Histogram(Arc<Buckets>),
}

#[derive(Default)]
struct Buckets(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    buckets: [u64; BOUNDS.len() + 1],
    sum: f64,
}

impl Page {
    pub(super) const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    pub(super) fn render(&self) -> String {
        let mut text = String::new();
        for (name, family) in &*self.lock() {
            // One that was described and never set has no kind, and nothing to say.
            let Some(first) = family.series.values().next() else { continue };
            let help = family.help.replace('\\', "\\\\").replace('\n', "\\n");
            put(&mut text, format_args!("# HELP {name} {help}\n# TYPE {name} {}\n", first.kind()));
            for (labels, cell) in &family.series {
                cell.render(&mut text, name, labels);
            }
        }
        text
    }

    fn describe(&self, name: &KeyName, help: &str) {
        help.clone_into(&mut self.lock().entry(name.as_str().to_owned()).or_default().help);
    }

    fn cell<T>(&self, key: &Key, new: fn() -> Cell, get: fn(&Cell) -> Option<T>) -> Option<T> {
        let mut families = self.lock();
        let family = families.entry(key.name().to_owned()).or_default();
        get(family.series.entry(labels(key)).or_insert_with(new))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Family>> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for Page {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, help: SharedString) {
        self.describe(&name, &help);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, help: SharedString) {
        self.describe(&name, &help);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, help: SharedString) {
        self.describe(&name, &help);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let get = |cell: &Cell| if let Cell::Counter(value) = cell { Some(value.clone()) } else { None };
        self.cell(key, || Cell::Counter(Arc::default()), get).map_or_else(Counter::noop, Counter::from_arc)
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let get = |cell: &Cell| if let Cell::Gauge(value) = cell { Some(value.clone()) } else { None };
        self.cell(key, || Cell::Gauge(Arc::default()), get).map_or_else(Gauge::noop, Gauge::from_arc)
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let get = |cell: &Cell| if let Cell::Histogram(value) = cell { Some(value.clone()) } else { None };
        self.cell(key, || Cell::Histogram(Arc::default()), get)
            .map_or_else(Histogram::noop, Histogram::from_arc)
    }
}

impl Cell {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Counter(_) => "counter",
            Self::Gauge(_) => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }

    fn render(&self, text: &mut String, name: &str, labels: &str) {
        match self {
            Self::Counter(value) => {
                line(text, name, labels, format_args!("{}", value.load(Ordering::Relaxed)));
            }
            Self::Gauge(value) => {
                let value = f64::from_bits(value.load(Ordering::Relaxed));
                line(text, name, labels, format_args!("{value}"));
            }
            Self::Histogram(buckets) => {
                let counts = buckets.0.lock().unwrap_or_else(PoisonError::into_inner);
                let bounds = BOUNDS.iter().map(|bound| bound.as_secs_f64().to_string());
                let mut count = 0;
                for (bound, bucket) in bounds.chain(["+Inf".to_owned()]).zip(counts.buckets) {
                    count += bucket;
                    let comma = if labels.is_empty() { "" } else { "," };
                    let labels = format!("{labels}{comma}le=\"{bound}\"");
                    line(text, &format!("{name}_bucket"), &labels, format_args!("{count}"));
                }
                line(text, &format!("{name}_sum"), labels, format_args!("{}", counts.sum));
                line(text, &format!("{name}_count"), labels, format_args!("{count}"));
            }
        }
    }
}

impl HistogramFn for Buckets {
    fn record(&self, value: f64) {
        self.record_many(value, 1);
    }

    fn record_many(&self, value: f64, count: usize) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = BOUNDS.partition_point(|bound| bound.as_secs_f64() < value);
        counts.buckets[at] += count as u64;
        counts.sum += value * count as f64;
    }
}

fn line(text: &mut String, name: &str, labels: &str, value: std::fmt::Arguments<'_>) {
    if labels.is_empty() {
        put(text, format_args!("{name} {value}\n"));
    } else {
        put(text, format_args!("{name}{{{labels}}} {value}\n"));
    }
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a string takes everything");
}

/// As they are printed: in order, with what ends a value or a line escaped.
fn labels(key: &Key) -> String {
    let labels = key.labels().map(|label| {
        let value = label.value().replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{}=\"{value}\"", label.key())
    });
    labels.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
