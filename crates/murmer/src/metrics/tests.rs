//! What a recorder is told, and when.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use super::sample::{Sample, Value};
use super::{Metrics, Publisher, table};
use crate::prelude::*;

struct Counted;

impl Actor for Counted {
    type State = u64;
}

#[handlers(crate = crate)]
impl Counted {
    #[handler]
    fn count(&mut self, state: &mut u64) -> u64 {
        *state += 1;
        *state
    }
}

/// Keeps what it is told, as recorders do.
#[derive(Default)]
struct Kept {
    numbers: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    times: Arc<Times>,
}

#[derive(Default)]
struct Times(Mutex<Vec<f64>>);

impl HistogramFn for Times {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

impl Kept {
    fn number(&self, key: &Key) -> Arc<AtomicU64> {
        self.numbers.lock().unwrap().entry(key.to_string()).or_default().clone()
    }

    fn counter(&self, key: &str) -> u64 {
        self.numbers.lock().unwrap()[key].load(Ordering::Relaxed)
    }

    fn gauge(&self, key: &str) -> f64 {
        f64::from_bits(self.counter(key))
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.number(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.number(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.times.clone())
    }
}

/// What is kept after these samples.
fn kept<const N: usize>(samples: [Sample; N]) -> Kept {
    let (kept, mut publisher) = (Kept::default(), Publisher::default());
    for sample in samples {
        metrics::with_local_recorder(&kept, || publisher.publish(&sample));
    }
    kept
}

fn sent(peers: &[(&str, u64)]) -> Sample {
    let mut sample = Sample::default();
    for (peer, bytes) in peers {
        sample.add_labelled(&table::PEER_SENT, peer, Value::Counter(*bytes));
        sample.add_labelled(&table::PEER_STREAMS, peer, Value::Gauge(*bytes as f64));
    }
    sample
}

const SENT: &str = "Key(murmer_peer_sent_bytes_total, [peer = a])";
const STREAMS: &str = "Key(murmer_peer_streams, [peer = a])";

#[test]
fn counters_come_to_what_they_are_however_often_they_are_published() {
    let kept = kept([sent(&[("a", 5)]), sent(&[("a", 5)]), sent(&[("a", 12)])]);
    assert_eq!((kept.counter(SENT), kept.gauge(STREAMS)), (12, 12.0));
}

#[test]
fn a_counter_that_begins_anew_goes_on() {
    // Another process under the same name, and then one that was gone in between.
    let kept = kept([sent(&[("a", 5)]), sent(&[("a", 2)]), sent(&[]), sent(&[("a", 1)])]);
    assert_eq!(kept.counter(SENT), 5 + 2 + 1);
}

#[test]
fn the_gauges_of_what_is_gone_are_set_to_nothing() {
    let kept = kept([sent(&[("a", 5), ("b", 7)]), sent(&[("b", 7)])]);
    assert_eq!((kept.counter(SENT), kept.gauge(STREAMS)), (5, 0.0));
    assert_eq!(kept.gauge("Key(murmer_peer_streams, [peer = b])"), 7.0);
}

#[test]
fn times_are_told_once_as_the_mean_of_their_bucket() {
    let asks = |buckets: &[(u64, f64)]| {
        let mut sample = Sample::default();
        sample.add(&table::ASK_SECONDS, Value::Histogram(buckets.to_vec()));
        sample
    };
    let kept = kept([
        asks(&[(2, 0.000_1), (0, 0.0)]),
        asks(&[(2, 0.000_1), (1, 0.000_2)]),
        asks(&[(2, 0.000_1), (1, 0.000_2)]),
    ]);
    assert_eq!(*kept.times.0.lock().unwrap(), [0.000_05, 0.000_05, 0.000_2]);
}

#[tokio::test(start_paused = true)]
async fn a_recorder_is_told_at_once_now_and_then_and_at_the_end() {
    let kept = Kept::default();
    // Tasks of this runtime run on this thread.
    let _guard = metrics::set_default_local_recorder(&kept);
    let system = System::local();
    let probe = system.start("probe", Counted, 0);
    let handled = || {
        let name = format!(
            "Key(murmer_messages_handled_total, [actor_type = {}])",
            <Counted as crate::Handlers>::TYPE
        );
        kept.counter(&name)
    };
    let seconds = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
    probe.count().await.unwrap();
    let metrics = Metrics::start(&system, Duration::from_secs(10));
    seconds(1).await;
    assert_eq!(handled(), 1);
    probe.count().await.unwrap();
    seconds(5).await;
    assert_eq!(handled(), 1);
    seconds(5).await;
    assert_eq!(handled(), 2);
    drop(metrics);
    probe.count().await.unwrap();
    seconds(60).await;
    assert_eq!(handled(), 2);
    let _metrics = Metrics::start(&system, Duration::from_secs(3_600));
    probe.count().await.unwrap();
    system.shutdown().await;
    seconds(1).await;
    // The second one was told of all from the beginning.
    assert_eq!(handled(), 2 + 4);
}
