//! Answers without the task that writes them.

use std::sync::Arc;

use murmer_transport::Sum;

use super::*;

struct Unspeakable;

impl serde::Serialize for Unspeakable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("on purpose"))
    }
}

/// Holds an ask back; when it is woken, it may look after it at once.
struct Holder {
    answers: Answers,
    may_look: AtomicBool,
}

impl std::task::Wake for Holder {
    fn wake(self: Arc<Self>) {
        self.may_look.store(self.answers.state.try_lock().is_ok(), Ordering::SeqCst);
    }
}

fn answers() -> Answers {
    Answers::new(Callee::new(1 << 20), Sum::default().portion(), usize::MAX)
}

fn deliver(answers: &Answers, id: u64) {
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(answers.poll_admit(&mut cx, id), Poll::Ready(Ok(()))));
}

#[test]
fn a_cancelled_ask_is_not_wanted_until_it_is_answered() {
    let answers = answers();
    answers.cancel(1);
    assert!(answers.is_wanted(1), "there is no such ask");
    deliver(&answers, 1);
    deliver(&answers, 2);
    answers.cancel(2);
    assert!(answers.is_wanted(1) && !answers.is_wanted(2));
    answers.fail(2, Failure::Stopped);
    assert!(answers.is_wanted(2), "forgotten with its answer");
    answers.cancel(9);
    answers.fail(1, Failure::NoReply);
    assert!(answers.is_wanted(9) && answers.all_answered(), "nothing is kept for asks that are over");
}

#[test]
fn nobody_waits_for_a_value_that_encodes() {
    let (answers, other) = (answers(), answers());
    let mut is_written = false;
    deliver(&answers, 1);
    answers.reply(1, &mut |out| {
        // On another thread these would wait for ever if this one held the lock.
        assert!(answers.state.try_lock().is_ok());
        // And a value may do as it likes: its memory is its own.
        deliver(&other, 1);
        other.fail(1, Failure::NoReply);
        out.extend_from_slice(b"worth the wait");
        is_written = true;
        Ok(())
    });
    assert!(is_written && answers.all_answered());
    assert!(answers.lock().callee.take_buffer().ends_with(b"worth the wait"));
}

#[test]
fn a_turn_that_comes_wakes_whoever_holds_an_ask_back() {
    let holder = Arc::new(Holder { answers: answers(), may_look: AtomicBool::new(false) });
    let answers = &holder.answers;
    let mut cx = Context::from_waker(Waker::noop());
    let mut last = 0;
    while answers.poll_admit(&mut cx, last + 1).is_ready() {
        last += 1;
    }
    let waker = Waker::from(holder.clone());
    let mut cx = Context::from_waker(&waker);
    assert!(answers.poll_admit(&mut cx, last + 1).is_pending());
    assert!(answers.is_wanted(1) && holder.may_look.load(Ordering::SeqCst));
    assert!(answers.poll_admit(&mut cx, last + 1).is_ready(), "also if the answer is kept for later");
}

#[test]
fn a_value_that_refuses_to_be_encoded_is_no_answer() {
    let answers = answers();
    deliver(&answers, 1);
    answers.reply(1, &mut |out| murmer_wire::encode(&Unspeakable, out));
    assert!(answers.all_answered());
}

#[test]
fn a_peer_is_owed_no_more_answers_than_are_remembered() {
    let answers = answers();
    for id in 1..=UNANSWERED_MAX as u64 {
        deliver(&answers, id);
        assert!(answers.is_wanted(id), "the answer is kept for later");
    }
    let mut cx = Context::from_waker(Waker::noop());
    let next = UNANSWERED_MAX as u64 + 1;
    assert!(matches!(answers.poll_admit(&mut cx, next), Poll::Ready(Err(TooMany))));
    answers.fail(1, Failure::NoReply);
    deliver(&answers, next);
}

#[test]
fn while_a_node_holds_much_no_stream_that_holds_its_part_of_it_is_let_in_another_ask() {
    const MAX: usize = 64 << 10;
    let sum = Sum::default();
    let [one, other, third] = [(); 3].map(|()| Answers::new(Callee::new(1 << 20), sum.portion(), MAX));
    for (answers, bytes) in [(&one, MAX), (&other, COUNTED_BYTES), (&third, 1)] {
        deliver(answers, 1);
        answers.reply(1, &mut |out| {
            out.extend_from_slice(&[7; MAX][..bytes]);
            Ok(())
        });
    }
    let mut cx = Context::from_waker(Waker::noop());
    assert!(one.poll_admit(&mut cx, 2).is_pending() && other.poll_admit(&mut cx, 2).is_pending());
    // One that holds little is not slowed by the others.
    deliver(&third, 2);
    let mut state = one.lock();
    while state.callee.has_output() {
        state.callee.take_buffer();
    }
    state.count_unsent(None);
    drop(state);
    deliver(&other, 2);
}

#[test]
fn a_peer_that_cancels_without_end_makes_nobody_remember_without_end() {
    let answers = answers();
    deliver(&answers, 1);
    for id in 0..10 * CANCELLED_MAX as u64 {
        answers.cancel(id);
    }
    assert!(answers.lock().cancelled.len() <= CANCELLED_MAX);
}

#[test]
fn answers_of_a_stream_that_is_lost_are_counted_no_more() {
    let sum = Sum::default();
    let answers = Answers::new(Callee::new(4 << 20), sum.portion(), usize::MAX);
    deliver(&answers, 1);
    // Which its actor keeps for later, and so all of this.
    deliver(&answers, 2);
    answers.reply(1, &mut |out| {
        out.extend_from_slice(&[7; 200 << 10]);
        Ok(())
    });
    assert!(sum.get() > 100 << 10);
    answers.handle(Duration::ZERO, false, CalleeInput::Lost, &mut Vec::new());
    assert_eq!(sum.get(), 0);
}
