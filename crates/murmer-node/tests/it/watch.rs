//! Watches between two nodes: by hand, in every order of a few events, in any order of many, and with a peer that
//! says anything.

mod every_order;
mod pair;
mod properties;
mod words;

use murmer_node::{EndCause, REASON_BYTES_MAX, Standing, UNMET_WAIT, WatchEnd};

use self::pair::{Pair, Told};
use crate::world::ms;

const ACTOR: u64 = 7;
const WATCHER: u64 = 3;

fn ended(cause: EndCause) -> Told {
    Told::By(WatchEnd::Ended(cause.into()))
}

#[test]
fn an_end_is_told_once_with_its_reason_to_each_that_watches() {
    let mut pair = Pair::linked(&[ACTOR, 8, 9]);
    for (watch, target) in [(1, ACTOR), (2, ACTOR), (3, 8), (4, 9), (5, 1_000)] {
        pair.watch(watch, target, Some(WATCHER));
    }
    pair.settle();
    assert_eq!(pair.told(5), &ended(EndCause::NeverExisted));
    pair.end(ACTOR, EndCause::Panicked("too hot".into()));
    pair.end(8, EndCause::Killed);
    pair.settle();
    for watch in [1, 2] {
        assert_eq!(pair.told(watch), &ended(EndCause::Panicked("too hot".into())));
    }
    assert_eq!(pair.told(3), &ended(EndCause::Killed));
    assert_eq!(pair.told(4), &Told::Open);
    pair.check_settled();
    // One that comes too late is told so, too.
    pair.watch(6, 8, None);
    pair.settle();
    assert_eq!(pair.told(6), &ended(EndCause::Killed));
    pair.check_settled();
}

#[test]
fn a_watch_that_is_given_up_leaves_nothing_behind_and_is_never_told_of() {
    let mut pair = Pair::linked(&[ACTOR]);
    // Given up before it was said, while it is on its way, once it is held, and while its notice is on its way.
    pair.watch(1, ACTOR, Some(WATCHER));
    pair.unwatch(1);
    pair.watch(2, ACTOR, Some(WATCHER));
    pair.settle();
    pair.unwatch(2);
    pair.settle();
    pair.check_settled();
    pair.watch(3, ACTOR, Some(WATCHER));
    pair.settle();
    pair.end(ACTOR, EndCause::Stopped);
    pair.unwatch(3);
    pair.settle();
    pair.check_settled();
    assert_eq!(pair.told(3), &Told::GivenUp);
}

#[test]
fn an_end_during_a_broken_connection_is_told_once_it_is_made_anew() {
    let mut pair = Pair::linked(&[ACTOR, 8]);
    pair.watch(1, ACTOR, Some(WATCHER));
    pair.watch(2, 8, Some(WATCHER));
    pair.settle();
    pair.sever(0, true);
    pair.settle();
    pair.end(ACTOR, EndCause::Stopped);
    pair.watch(3, 8, Some(WATCHER));
    pair.settle();
    assert_eq!([pair.told(1), pair.told(2), pair.told(3)], [&Told::Open; 3]);
    pair.connect();
    pair.settle();
    assert_eq!([pair.told(1), pair.told(2)], [&ended(EndCause::Stopped), &Told::Open]);
    pair.check_settled();
}

#[test]
fn a_notice_that_was_lost_with_its_connection_is_said_again_and_one_that_was_not_does_no_harm() {
    for is_lost in [true, false] {
        let mut pair = Pair::linked(&[ACTOR]);
        pair.watch(1, ACTOR, Some(WATCHER));
        pair.settle();
        pair.end(ACTOR, EndCause::Stopped);
        pair.sever(0, is_lost);
        pair.connect();
        pair.settle();
        assert_eq!(pair.told(1), &ended(EndCause::Stopped));
        pair.check_settled();
    }
}

#[test]
fn what_is_watched_at_a_node_that_goes_is_told_of_as_that_and_forgotten() {
    for (has_left, reason) in [(false, WatchEnd::NodeDown), (true, WatchEnd::NodeLeft)] {
        let mut pair = Pair::linked(&[ACTOR, 8]);
        pair.watch(1, ACTOR, Some(WATCHER));
        pair.watch(2, 8, Some(WATCHER));
        pair.unwatch(2);
        pair.settle();
        pair.over(0, has_left);
        assert_eq!([pair.told(1), pair.told(2)], [&Told::By(reason), &Told::GivenUp]);
        // The other end holds on to what it knows, and is told better as soon as they meet again.
        pair.settle();
        assert_eq!(pair.held(), [(0, 0), (0, 1)]);
        pair.end(ACTOR, EndCause::Stopped);
        pair.connect();
        pair.watch(3, 8, Some(WATCHER));
        pair.settle();
        assert_eq!(pair.told(3), &Told::Open);
        pair.check_settled();
    }
}

#[test]
fn a_node_that_was_held_down_only_over_there_is_told_its_watches_anew() {
    let mut pair = Pair::linked(&[ACTOR]);
    pair.watch(1, ACTOR, Some(WATCHER));
    pair.settle();
    pair.over(1, false);
    pair.settle();
    assert_eq!(pair.held(), [(1, 0), (0, 0)]);
    pair.connect();
    pair.settle();
    pair.check_settled();
    pair.end(ACTOR, EndCause::Stopped);
    pair.settle();
    assert_eq!(pair.told(1), &ended(EndCause::Stopped));
}

#[test]
fn a_watch_at_a_node_that_is_over_is_told_of_at_once() {
    let reasons = [(Standing::Down, WatchEnd::NodeDown), (Standing::Left, WatchEnd::NodeLeft)];
    let never = WatchEnd::Ended(EndCause::NeverExisted.into());
    for (standing, reason) in reasons.into_iter().chain([(Standing::Ourselves, never)]) {
        let mut pair = Pair::new(&[]);
        pair.standing = standing;
        pair.watch(1, ACTOR, Some(WATCHER));
        assert_eq!(pair.told(1), &Told::By(reason));
        assert_eq!(pair.held(), [(0, 0), (0, 0)]);
    }
}

#[test]
fn a_watch_at_a_node_nobody_has_met_is_held_for_a_while() {
    let mut pair = Pair::new(&[ACTOR]);
    pair.standing = Standing::Unmet;
    pair.watch(1, ACTOR, Some(WATCHER));
    pair.pass(UNMET_WAIT - ms(1));
    assert_eq!(pair.told(1), &Told::Open);
    pair.pass(ms(1));
    assert_eq!(pair.told(1), &Told::By(WatchEnd::NodeDown));
    assert_eq!(pair.deadline(), None);
    // One that is met in time is like any other.
    pair.watch(2, ACTOR, Some(WATCHER));
    pair.connect();
    pair.met();
    pair.pass(2 * UNMET_WAIT);
    pair.settle();
    assert_eq!((pair.told(2), pair.deadline()), (&Told::Open, None));
    pair.check_settled();
}

#[test]
fn each_watch_at_a_node_nobody_has_met_has_its_own_wait() {
    let mut pair = Pair::new(&[ACTOR]);
    pair.standing = Standing::Unmet;
    pair.watch(1, ACTOR, Some(WATCHER));
    pair.pass(UNMET_WAIT - ms(1_000));
    pair.watch(2, ACTOR, Some(WATCHER));
    pair.watch(3, ACTOR, Some(WATCHER));
    pair.pass(ms(1_000));
    assert_eq!([pair.told(1), pair.told(2)], [&Told::By(WatchEnd::NodeDown), &Told::Open]);
    pair.unwatch(3);
    pair.pass(UNMET_WAIT - ms(1_001));
    assert_eq!(pair.told(2), &Told::Open);
    pair.pass(ms(1));
    assert_eq!(pair.told(2), &Told::By(WatchEnd::NodeDown));
    assert_eq!((pair.held(), pair.deadline()), ([(0, 0), (0, 0)], None));
}

#[test]
fn a_notice_waits_until_what_the_target_sent_before_has_been_accepted() {
    let mut pair = Pair::linked(&[ACTOR, 8]);
    pair.watch(1, ACTOR, Some(WATCHER));
    pair.watch(2, 8, Some(WATCHER));
    // Whoever is not the one written to, or no actor, doesn't wait.
    pair.watch(3, ACTOR, Some(4));
    pair.watch(4, ACTOR, None);
    pair.settle();
    pair.send(ACTOR, WATCHER);
    pair.send(ACTOR, WATCHER);
    pair.end(ACTOR, EndCause::Stopped);
    pair.send(8, WATCHER);
    pair.end(8, EndCause::Stopped);
    let deliver_all = |pair: &mut Pair| {
        while let Some(next) = pair.under_way().first().copied() {
            pair.deliver(next);
        }
    };
    deliver_all(&mut pair);
    let over = ended(EndCause::Stopped);
    assert_eq!([pair.told(1), pair.told(3), pair.told(4)], [&Told::Open, &over, &over]);
    pair.accept();
    deliver_all(&mut pair);
    assert_eq!(pair.told(1), &Told::Open);
    pair.accept();
    deliver_all(&mut pair);
    // The second end came after the first wait had begun, and has one of its own.
    assert_eq!([pair.told(1), pair.told(2)], [&over, &Told::Open]);
    pair.accept();
    deliver_all(&mut pair);
    assert_eq!(pair.told(2), &over);
    pair.check_settled();
}

#[test]
fn thousands_of_watches_go_in_pieces_and_as_many_ends_in_batches() {
    let actors: Vec<_> = (1..=5_000).collect();
    let mut pair = Pair::linked(&actors);
    for actor in &actors {
        pair.watch(*actor, *actor, Some(WATCHER));
    }
    pair.settle();
    assert_eq!(pair.held(), [(5_000, 0), (0, 5_000)]);
    // A connection that follows brings nothing of what is known already.
    pair.sever(0, true);
    pair.connect();
    let mut words = 0;
    while let Some(next) = pair.under_way().first().copied() {
        words += usize::from(matches!(pair.deliver(next), pair::Item::Word(_)));
    }
    assert!(words <= 4, "each end begins, in time for the other one, and has nothing to add: {words} words");
    // But all of it to one that has forgotten.
    pair.over(1, false);
    pair.connect();
    pair.settle();
    assert_eq!(pair.held(), [(5_000, 0), (0, 5_000)]);
    for actor in &actors {
        pair.end(*actor, EndCause::Panicked("x".repeat(10_000)));
    }
    pair.settle();
    let text = EndCause::Panicked("x".repeat(REASON_BYTES_MAX));
    assert_eq!(pair.told(4_999), &ended(text));
    pair.check_settled();
    assert!(pair.under_way_max <= 40, "{} words under way at once", pair.under_way_max);
}

#[test]
fn a_reason_is_cut_to_its_size_and_never_within_a_letter() {
    let mut pair = Pair::linked(&[ACTOR]);
    pair.watch(1, ACTOR, None);
    pair.settle();
    pair.end(ACTOR, EndCause::StartFailed("ä".repeat(REASON_BYTES_MAX)));
    pair.settle();
    assert_eq!(pair.told(1), &ended(EndCause::StartFailed("ä".repeat(REASON_BYTES_MAX / 2))));
}
