//! Which streams give way when many don't read.

use std::time::Duration;

use murmer_node::Blocked;

const fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn the_longest_blocked_of_too_many_gives_way() {
    let mut blocked = Blocked::new(2);
    blocked.enter(at(10), "second");
    blocked.enter(at(5), "first");
    assert_eq!(blocked.excess(), None);
    blocked.enter(at(20), "third");
    assert_eq!(blocked.excess(), Some("first"));
    assert_eq!(blocked.excess(), None, "it counts no more");
    blocked.enter(at(20), "fourth");
    assert_eq!(blocked.excess(), Some("second"));
    blocked.enter(at(20), "fifth");
    assert_eq!(blocked.excess(), Some("third"), "of equals the one that came first");
}

#[test]
fn one_that_reads_again_counts_no_more() {
    let mut blocked = Blocked::new(1);
    let first = blocked.enter(at(1), "first");
    blocked.leave(first);
    blocked.enter(at(2), "second");
    assert_eq!(blocked.excess(), None);
    let first = blocked.enter(at(3), "first");
    assert_eq!(blocked.excess(), Some("second"), "its time begins anew");
    blocked.leave(first);
    blocked.leave(first);
    blocked.enter(at(4), "third");
    assert_eq!(blocked.excess(), None);
}
