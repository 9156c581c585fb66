//! What Prometheus is given to read.

use metrics::{counter, describe_counter, gauge, histogram};

use super::*;

fn rendered(publish: impl FnOnce()) -> String {
    let page = Page::default();
    metrics::with_local_recorder(&page, publish);
    page.render()
}

#[test]
fn what_ends_a_line_or_a_value_is_escaped() {
    let page = rendered(|| {
        describe_counter!("things_total", "One \\ line,\nand no more.");
        counter!("things_total", "kind" => "a \"b\" \\ c\nd").increment(3);
    });
    let expected = "# HELP things_total One \\\\ line,\\nand no more.\n# TYPE things_total counter\n\
                    things_total{kind=\"a \\\"b\\\" \\\\ c\\nd\"} 3\n";
    assert_eq!(page, expected);
}

#[test]
fn a_histogram_counts_what_is_at_most_each_bound() {
    let page = rendered(|| {
        let histogram = histogram!("wait_seconds");
        histogram.record_many(0.0001, 2); // just within the first bucket
        histogram.record(0.000_100_1);
        histogram.record(31.0);
    });
    for line in [
        "# TYPE wait_seconds histogram",
        "wait_seconds_bucket{le=\"0.0001\"} 2",
        "wait_seconds_bucket{le=\"0.00025\"} 3",
        "wait_seconds_bucket{le=\"30\"} 3",
        "wait_seconds_bucket{le=\"+Inf\"} 4",
        "wait_seconds_sum 31.0003001",
        "wait_seconds_count 4",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} in\n{page}");
    }
    assert_eq!(page.lines().count(), 2 + BOUNDS.len() + 3);
}

#[test]
fn series_of_one_name_are_together_and_those_set_again_are_one() {
    let page = rendered(|| {
        gauge!("depth", "of" => "b").set(1.5);
        counter!("calls").increment(1);
        gauge!("depth", "of" => "a").set(2.0);
        gauge!("depth", "of" => "b").set(0.25);
        describe_counter!("never_set", "Nothing.");
    });
    let expected = "# HELP calls \n# TYPE calls counter\ncalls 1\n\
                    # HELP depth \n# TYPE depth gauge\ndepth{of=\"a\"} 2\ndepth{of=\"b\"} 0.25\n";
    assert_eq!(page, expected);
}
