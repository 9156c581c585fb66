//! How many names have series of their own.

use super::super::table;
use super::*;

fn added(bounded: &Bounded, metric: &'static Metric, values: &[(&str, f64)]) -> Vec<(String, Value)> {
    let mut sample = Sample::default();
    bounded.add(&mut sample, metric, values.iter().copied());
    sample.series.into_iter().map(|series| (series.label.unwrap(), series.value)).collect()
}

#[test]
fn names_beyond_the_limit_are_counted_together() {
    let mut bounded = Bounded::new(2);
    let values = [("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0)];
    bounded.keep(values.iter().map(|(name, _)| *name));
    let expect = |rest: f64, value: fn(f64) -> Value| {
        [("a", 1.0), ("b", 2.0), ("other", rest)].map(|(name, sum)| (name.to_owned(), value(sum)))
    };
    assert_eq!(added(&bounded, &table::PEER_SENT, &values), expect(7.0, |sum| Value::Counter(sum as u64)));
    assert_eq!(added(&bounded, &table::PEER_STREAMS, &values), expect(7.0, Value::Gauge));
    assert_eq!(added(&bounded, &table::PEER_RTT, &values), expect(4.0, Value::Gauge));
}

#[test]
fn a_name_keeps_its_series_until_it_is_gone_and_makes_room_then() {
    let mut bounded = Bounded::new(2);
    bounded.keep(["m", "n"].into_iter());
    bounded.keep(["a", "b", "m", "n"].into_iter());
    let labels = |bounded: &Bounded| -> Vec<String> {
        let values = [("a", 1.0), ("b", 1.0), ("m", 1.0), ("n", 1.0)];
        added(bounded, &table::PEER_RTT, &values).into_iter().map(|(label, _)| label).collect()
    };
    assert_eq!(labels(&bounded), ["m", "n", "other"]);
    bounded.keep(["a", "b", "n"].into_iter());
    assert_eq!(labels(&bounded), ["a", "n", "other"]);
}

#[test]
fn however_many_types_and_peers_there_are_a_page_has_so_many_series_at_most() {
    let names: Vec<_> = (0..10_000).map(|n| format!("name {n}")).collect();
    let values: Vec<_> = names.iter().map(|name| (&**name, 1.0)).collect();
    for max in [super::super::sampler::TYPES_MAX, super::super::sampler::PEERS_MAX] {
        let mut bounded = Bounded::new(max);
        bounded.keep(names.iter().map(|name| &**name));
        assert_eq!(added(&bounded, &table::HANDLED, &values).len(), max + 1);
    }
}
