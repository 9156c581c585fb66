//! How many asks may wait for their turn.

use murmer_node::{ANSWER_BYTES_MAX, AnswerRoom};
use proptest::prelude::*;

/// Hands asks over from `next` on until no more are admitted; returns how many that were.
fn fill(room: &mut AnswerRoom, next: &mut u64, buffered: usize) -> usize {
    let first = *next;
    while room.admits(buffered) && *next - first < 100_000 {
        room.delivered(*next);
        *next += 1;
    }
    (*next - first) as usize
}

#[test]
fn few_may_wait_until_an_answer_was_seen_and_many_once_answers_were_small() {
    let (mut room, mut next) = (AnswerRoom::new(), 1);
    assert_eq!(fill(&mut room, &mut next, 0), 16);
    for id in 1..1_000 {
        fill(&mut room, &mut next, 0);
        room.begun(id);
        room.answered(id, 100);
    }
    assert!(next > 10_000, "{next}");
}

#[test]
fn after_large_answers_few_may_wait_and_one_always_may() {
    let (mut room, mut next) = (AnswerRoom::new(), 1);
    fill(&mut room, &mut next, 0);
    room.begun(16);
    room.answered(1, 3 << 20);
    assert_eq!(fill(&mut room, &mut next, 0), 2);
    assert!(!room.admits(0));
    room.begun(18);
    assert_eq!(fill(&mut room, &mut next, ANSWER_BYTES_MAX), 1, "the buffer is full, and still");
    room.begun(19);
    room.answered(19, usize::MAX);
    assert_eq!(fill(&mut room, &mut next, 0), 1);
}

#[test]
fn an_answer_that_is_kept_for_later_holds_up_nobody() {
    let (mut room, mut next) = (AnswerRoom::new(), 1);
    room.delivered(1);
    room.answered(1, ANSWER_BYTES_MAX);
    for id in 2..1_000 {
        assert!(room.admits(0));
        room.delivered(id);
        room.begun(id);
        next = id + 1;
    }
    assert_eq!(fill(&mut room, &mut next, 0), 1);
}

#[test]
fn what_ends_before_its_turn_waits_no_more() {
    let (mut room, mut next) = (AnswerRoom::new(), 1);
    fill(&mut room, &mut next, 0);
    room.ended(3);
    room.ended(3);
    assert!(room.admits(0));
    room.begun(16);
    room.ended(5);
    assert_eq!(fill(&mut room, &mut next, 0), 16);
}

proptest! {
    /// Whatever sizes come: what waits, at the largest size seen in the last answers, fits the bound.
    #[test]
    fn what_waits_fits_the_bound(sizes in proptest::collection::vec(0usize..(4 << 20), 1..60)) {
        let (mut room, mut next) = (AnswerRoom::new(), 1);
        fill(&mut room, &mut next, 0);
        for (id, bytes) in (1u64..).zip(&sizes) {
            room.begun(id);
            room.answered(id, *bytes);
            let waiting = (next - id - 1) as usize;
            let before = waiting.max(1);
            fill(&mut room, &mut next, 0);
            let waiting = (next - id - 1) as usize;
            prop_assert!(waiting >= 1, "nobody is left waiting for nothing");
            prop_assert!(waiting <= before || waiting * bytes <= ANSWER_BYTES_MAX);
        }
    }
}
