//! The ledger: what was run is not run again, and nothing else is left out.

use murmer_sim::{Ledger, Plan, Row};

fn plan(span_seconds: u64) -> Plan {
    Plan { span_seconds, nodes: (3, 7) }
}

fn row(seeds: std::ops::Range<u64>, span_seconds: u64, commit: &str) -> Row {
    let (commit, virtual_seconds) = (commit.to_owned(), 100 * (seeds.end - seeds.start));
    Row { seeds, plan: plan(span_seconds), commit, violations: vec![], virtual_seconds, real_seconds: 0.5 }
}

#[test]
fn a_ledger_is_read_as_it_was_written_with_the_text_around_it() {
    let mut ledger = Ledger::parse("# Seeds\n\nSome words.\n");
    ledger.record(row(0..100, 300, "abc"));
    ledger.record(Row { violations: vec![130, 142], ..row(100..200, 30, "abd+") });
    let text = format!("{ledger}\nAnd more.\n");
    assert!(text.starts_with("# Seeds\n\nSome words.\n\n| seeds"), "{text}");
    let read = Ledger::parse(&text);
    assert_eq!(read.rows(), ledger.rows());
    assert_eq!(read.to_string(), text);
}

#[test]
fn a_run_that_was_cut_off_goes_on_where_it_stopped() {
    let mut ledger = Ledger::parse("");
    assert_eq!(ledger.next(&(0..1_000), &plan(300), 200), Some(0..200));
    ledger.record(row(0..200, 300, "abc"));
    ledger.record(row(200..350, 300, "abc"));
    assert_eq!(ledger.rows().len(), 1);
    assert_eq!(ledger.next(&(0..1_000), &plan(300), 200), Some(350..550));
    // Another span is another matter.
    assert_eq!(ledger.next(&(0..1_000), &plan(30), 200), Some(0..200));
    ledger.record(row(400..1_000, 300, "abd"));
    assert_eq!(ledger.next(&(0..1_000), &plan(300), 200), Some(350..400));
    ledger.record(row(350..400, 300, "abd"));
    assert_eq!(ledger.next(&(0..1_000), &plan(300), 200), None);
    assert_eq!(ledger.next(&(900..1_100), &plan(300), 200), Some(1_000..1_100));
}
