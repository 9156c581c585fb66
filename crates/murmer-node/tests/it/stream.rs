//! The two ends of a stream to one actor, back to back.

mod answer_room;
mod blocked;
mod hostile;
mod items;
mod model;
mod moving;
mod pipe;
mod settling;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_node::{
    ActorFrame, Callee, CalleeInput, Caller, CallerInput, CallerOutput, Draft, Outcome, RefuseReason,
    STREAM_BYTES_MAX, STREAM_MESSAGES_MAX, StreamEnd, WriteError,
};

use self::pipe::{ACTOR, FRAME_BYTES_MAX, IDLE_AFTER, KEY, LARGE, Pipe, draft, frames};

#[test]
fn replies_come_back_in_any_order() {
    let mut pipe = Pipe::new();
    let ids = [pipe.ask(), pipe.ask(), pipe.ask()];
    pipe.run();
    assert_eq!(pipe.owed, ids);
    for n in [2, 0, 0] {
        pipe.reply(n);
        pipe.run();
    }
    for id in ids {
        assert_eq!(pipe.outcomes[&id], Outcome::Reply(Bytes::copy_from_slice(&id.to_le_bytes())));
    }
    assert_eq!(pipe.end, None);
}

#[test]
fn what_had_been_taken_before_a_close_may_be_handled_and_nothing_else() {
    let mut pipe = Pipe::new();
    let (taken, waiting) = (pipe.ask(), pipe.ask());
    pipe.flush_there();
    while pipe.read_there() && !pipe.take() {}
    pipe.read_there();
    let unwritten = pipe.ask();
    pipe.end_callee(StreamEnd::Stopped);
    pipe.flush_back();
    while pipe.read_back() {}
    let closed = |may_be_handled| Outcome::Closed { reason: StreamEnd::Stopped, may_be_handled };
    assert_eq!(pipe.outcomes[&taken], closed(true));
    assert_eq!(pipe.outcomes[&waiting], closed(false));
    assert_eq!(pipe.outcomes[&unwritten], closed(false));
    assert_eq!(pipe.end, Some(CallerOutput::Ended(Some(StreamEnd::Stopped))));
    assert_eq!(pipe.write(true, None, 1), Err(WriteError::Over));
    assert!(!pipe.caller.has_output());
}

#[test]
fn an_ask_that_times_out_before_it_is_sent_is_never_sent() {
    let mut pipe = Pipe::new();
    let timeout = Duration::from_millis(100);
    let first = pipe.ask();
    let expired = pipe.write(true, Some(timeout), 3).unwrap();
    let last = pipe.ask();
    pipe.wait(timeout);
    let outcome = Outcome::TimedOut { after: timeout, may_be_handled: false };
    assert_eq!(pipe.outcomes[&expired], outcome);
    pipe.run();
    assert_eq!(pipe.owed, [first, last]);
    assert_eq!(pipe.end, None);
}

#[test]
fn an_ask_that_times_out_after_it_was_sent_may_have_been_handled() {
    let mut pipe = Pipe::new();
    let timeout = Duration::from_millis(100);
    let id = pipe.write(true, Some(timeout), 3).unwrap();
    pipe.run();
    pipe.wait(timeout);
    assert_eq!(pipe.outcomes[&id], Outcome::TimedOut { after: timeout, may_be_handled: true });
    // The answer comes too late, and is nobody's.
    pipe.reply(0);
    pipe.run();
    assert_eq!(pipe.outcomes.len(), 1);
    assert_eq!(pipe.end, None);
}

#[test]
fn a_timeout_beyond_all_time_is_none() {
    let mut pipe = Pipe::new();
    pipe.wait(Duration::from_secs(1));
    pipe.write(true, Some(Duration::MAX), 3).unwrap();
    assert_eq!(pipe.caller.deadline(), None);
    let caller = Caller::<u64>::new(pipe.now, ACTOR, 1, FRAME_BYTES_MAX, Duration::MAX);
    assert_eq!(caller.deadline(), None);
}

#[test]
fn a_timeout_below_a_millisecond_is_one_over_there_and_not_none() {
    let mut pipe = Pipe::new();
    pipe.write(true, Some(Duration::from_micros(1)), 3).unwrap();
    let sent = frames(pipe.caller.take_buffer()).pop().unwrap();
    let sent = ActorFrame::read(sent).unwrap();
    assert!(matches!(&sent, ActorFrame::Ask(sent) if sent.remaining_ms == 1), "{sent:?}");
}

#[test]
fn an_ask_that_is_given_up_is_cancelled_there_or_never_sent() {
    let mut pipe = Pipe::new();
    let sent = pipe.ask();
    pipe.run();
    let unsent = pipe.ask();
    assert_eq!(pipe.caller.cancel(sent), Some(sent));
    assert_eq!(pipe.caller.cancel(unsent), Some(unsent));
    assert_eq!(pipe.caller.cancel(unsent), None);
    let next = pipe.ask();
    pipe.run();
    assert_eq!(pipe.cancelled, [sent]);
    assert_eq!(pipe.owed, [sent, next]);
    assert!(pipe.outcomes.is_empty());
}

#[test]
fn a_message_that_cannot_be_written_leaves_no_trace() {
    let mut pipe = Pipe::new();
    pipe.ask();
    let refused = Draft::encode(BytesMut::new(), &mut |out| {
        out.extend_from_slice(b"half a mess");
        Err("no")
    });
    assert_eq!(refused.unwrap_err(), "no");
    let too_large = pipe.write(true, None, FRAME_BYTES_MAX);
    assert!(
        matches!(too_large, Err(WriteError::TooLarge { bytes, max: FRAME_BYTES_MAX }) if bytes > FRAME_BYTES_MAX)
    );
    pipe.ask();
    pipe.run();
    assert_eq!(pipe.owed, [1, 2]);
    assert_eq!(pipe.end, None);
}

#[test]
fn a_large_message_is_handed_on_as_it_was_drafted_and_in_its_place() {
    let mut pipe = Pipe::new();
    let small = pipe.ask();
    let mut message = draft(&[2; LARGE]);
    pipe.caller.write(pipe.now, KEY, None, None, false, &mut message).unwrap();
    assert_eq!(message.into_scratch().capacity(), 0, "its memory went with it");
    let given_up = pipe.write(true, None, LARGE).unwrap();
    let last = pipe.ask();
    pipe.caller.cancel(given_up);
    pipe.run();
    assert_eq!(pipe.handled.iter().copied().collect::<Vec<_>>(), [small, 2, last]);
    pipe.reply_large(0);
    pipe.reply(0);
    pipe.run();
    assert_eq!(pipe.outcomes[&small], Outcome::Reply(small.to_le_bytes().repeat(LARGE / 8).into()));
    assert_eq!(pipe.outcomes[&last], Outcome::Reply(Bytes::copy_from_slice(&last.to_le_bytes())));
}

#[test]
fn of_a_stream_that_closes_no_further_piece_is_sent() {
    let mut pipe = Pipe::new();
    pipe.ask();
    pipe.write(true, None, LARGE).unwrap();
    assert!(!pipe.caller.take_buffer().is_empty());
    assert!(pipe.caller.has_output());
    pipe.tell_caller(CallerInput::Lost);
    assert!(!pipe.caller.has_output());
    assert_eq!(pipe.outcomes[&2], Outcome::Lost { may_be_handled: true });
}

#[test]
fn the_buffer_has_room_for_so_many_messages() {
    let mut pipe = Pipe::new();
    for _ in 0..STREAM_MESSAGES_MAX {
        pipe.write(false, None, 1).unwrap();
    }
    assert!(!pipe.caller.has_room());
    assert_eq!(pipe.write(true, None, 1), Err(WriteError::Full));
    pipe.flush_there();
    assert!(pipe.caller.has_room());
    pipe.write(true, None, 1).unwrap();
}

#[test]
fn the_buffer_has_room_for_so_many_bytes() {
    let mut pipe = Pipe::new();
    pipe.write(false, None, STREAM_BYTES_MAX - 1_000).unwrap();
    pipe.write(false, None, FRAME_BYTES_MAX / 2).unwrap();
    assert_eq!(pipe.write(false, None, 1), Err(WriteError::Full));
    pipe.flush_there();
    pipe.write(false, None, 1).unwrap();
}

#[test]
fn a_stream_is_idle_only_once_all_was_accepted() {
    let mut pipe = Pipe::new();
    pipe.write(false, None, 1).unwrap();
    pipe.flush_there();
    pipe.read_there();
    pipe.read_there();
    pipe.wait(IDLE_AFTER * 2);
    assert_eq!(pipe.end, None, "the mailbox has not taken it");
    pipe.take();
    pipe.wait(Duration::from_millis(50));
    pipe.run();
    pipe.wait(IDLE_AFTER - Duration::from_millis(1));
    assert_eq!(pipe.end, None);
    pipe.wait(Duration::from_millis(1));
    assert_eq!(pipe.end, Some(CallerOutput::Idle));
    assert_eq!(pipe.write(false, None, 1), Err(WriteError::Over));
}

#[test]
fn an_unanswered_ask_keeps_a_stream_from_being_idle() {
    let mut pipe = Pipe::new();
    pipe.ask();
    pipe.run();
    pipe.wait(Duration::from_millis(50));
    pipe.run();
    assert_eq!(pipe.caller.deadline(), None);
    pipe.wait(IDLE_AFTER * 10);
    assert_eq!(pipe.end, None);
}

#[test]
fn a_reply_that_is_too_large_is_a_failure() {
    let mut pipe = Pipe::new();
    let large = pipe.ask();
    pipe.run();
    pipe.callee.reply(large, &mut draft(&[0; FRAME_BYTES_MAX]));
    pipe.run();
    assert_eq!(pipe.outcomes[&large], Outcome::Failed { panicked: false });
}

/// A callee that has taken so many messages.
fn taking(messages: usize) -> Callee {
    let mut callee = Callee::new(FRAME_BYTES_MAX);
    let mut caller = Caller::<u64>::new(Duration::ZERO, ACTOR, 1, FRAME_BYTES_MAX, IDLE_AFTER);
    for _ in 0..messages {
        caller.write(Duration::ZERO, KEY, None, None, false, &mut draft(&[])).unwrap();
    }
    for frame in frames(caller.take_buffer()) {
        callee.handle(Duration::ZERO, CalleeInput::Frame(frame));
        let is_message = matches!(callee.poll(), Some(murmer_node::CalleeOutput::Deliver { .. }));
        if is_message {
            callee.handle(Duration::ZERO, CalleeInput::Taken);
        }
    }
    callee
}

#[test]
fn many_taken_messages_are_accepted_without_waiting_for_time() {
    assert!(frames(taking(255).take_buffer()).is_empty());
    let mut callee = taking(256);
    let said = frames(callee.take_buffer());
    assert_eq!(said.len(), 1);
    assert_eq!(ActorFrame::read(said[0].clone()), Ok(ActorFrame::Accepted { upto: 256 }));
    assert_eq!(callee.deadline(), None);
}

#[test]
fn an_answer_says_along_what_was_taken_if_that_is_much() {
    for (messages, words) in [(63, 0), (64, 1), (100, 1)] {
        let mut callee = taking(messages);
        callee.reply(1, &mut draft(&[]));
        callee.reply(2, &mut draft(&[]));
        let said = frames(callee.take_buffer());
        let said: Vec<_> = said.into_iter().map(|frame| ActorFrame::read(frame).unwrap()).collect();
        let accepted = ActorFrame::Accepted { upto: messages as u64 };
        assert_eq!(said.iter().filter(|frame| **frame == accepted).count(), words, "{said:?}");
        assert_eq!(said.len(), words + 2, "{said:?}");
        assert_eq!(callee.deadline().is_some(), words == 0);
    }
}

#[test]
fn a_refused_message_is_settled_as_such_and_the_next_one_served() {
    let mut pipe = Pipe::new();
    let (refused, served) = (pipe.ask(), pipe.ask());
    pipe.flush_there();
    pipe.read_there();
    pipe.read_there();
    pipe.refuse(RefuseReason::UnknownMessage);
    pipe.run();
    pipe.reply(0);
    pipe.run();
    assert_eq!(pipe.outcomes[&refused], Outcome::Refused(RefuseReason::UnknownMessage));
    assert!(matches!(pipe.outcomes[&served], Outcome::Reply(_)));
}
