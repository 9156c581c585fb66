//! The large clusters that figures are taken of, small: they do come to agree, and say so truly.

use std::time::Duration;

use murmer_sim::Scale;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_cluster_agrees_after_its_start_after_churn_and_after_a_partition() {
    let mut scale = Scale::new(12, 600);
    assert!(scale.converge(PATIENCE).expect("all know all") < Duration::from_secs(1));
    assert!(!scale.has_doubts());

    let before = scale.sent();
    assert_eq!(scale.churn(), 24); // one in each node's 50 ended, one began
    let took = scale.converge(PATIENCE).expect("all know all again");
    assert!(took > Duration::ZERO && took < Duration::from_millis(100), "{took:?}");
    assert!(scale.sent().since(before).registry > 24 * 11 * 8, "it was told");

    scale.cut();
    scale.run(Duration::from_secs(30));
    assert!(scale.has_doubts(), "each half holds the other to be down");
    assert!(scale.converge(Duration::from_secs(1)).is_none(), "and knows nothing of it");
    scale.heal();
    assert!(scale.converge(PATIENCE).expect("together again") < Duration::from_secs(15));
    scale.run(Duration::from_secs(5));
    assert!(!scale.has_doubts());
}

#[test]
fn a_quiet_cluster_says_little() {
    let mut scale = Scale::new(12, 600);
    scale.converge(PATIENCE).expect("all know all");
    scale.run(Duration::from_secs(30));
    let before = scale.sent();
    scale.run(Duration::from_secs(60));
    let sent = scale.sent().since(before);
    let per_node_and_second = sent.sum() / 12 / 60;
    assert!((50..1_000).contains(&per_node_and_second), "{sent:?}");
}
