//! Streamed answers: in order, never beyond credit, and over exactly once.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use murmer_node::{
    ActorFrame, Callee, CalleeInput, CalleeOutput, CallerInput, CallerOutput, ITEM_BYTES_AHEAD_MAX,
    ITEMS_AHEAD_MAX, ItemsEnd, Outcome, Read, ReadEnd, StreamEnd,
};
use proptest::prelude::*;

use super::hostile::{OPEN, ask, body, close};
use super::pipe::{ACTOR, FRAME_BYTES_MAX, IDLE_AFTER, Pipe, frames};

const COMPLETE: Option<ReadEnd> = Some(ReadEnd::Ended(ItemsEnd::Complete));

#[test]
fn items_are_read_in_order_and_then_the_end() {
    let mut pipe = Pipe::new();
    let id = pipe.stream();
    assert!((0..3).all(|number| pipe.item(id, number, 10)));
    pipe.end_items(id);
    pipe.run();
    assert_eq!(pipe.read(id, 9), (vec![0, 1, 2], COMPLETE));
    assert_eq!(pipe.caller.read(id), Read::Nothing, "an end is told once");
    assert!(pipe.outcomes.is_empty(), "it was settled by its beginning");
}

#[test]
fn no_more_items_are_out_than_credit_covers() {
    let mut pipe = Pipe::new();
    let id = pipe.stream();
    let sent = (0..1_000).take_while(|number| pipe.item(id, *number, 10)).count();
    assert_eq!(sent, ITEMS_AHEAD_MAX);
    pipe.run();
    assert_eq!(pipe.read(id, ITEMS_AHEAD_MAX / 2 - 1).0.len(), ITEMS_AHEAD_MAX / 2 - 1);
    pipe.run();
    assert!(!pipe.item(id, 32, 10), "credit comes by the half");
    pipe.read(id, 1);
    pipe.run();
    let more = (32..1_000).take_while(|number| pipe.item(id, *number, 10)).count();
    assert_eq!(more, ITEMS_AHEAD_MAX / 2);
}

#[test]
fn no_more_bytes_are_out_than_credit_covers_but_for_the_last_item() {
    let mut pipe = Pipe::new();
    let id = pipe.stream();
    let quarter = ITEM_BYTES_AHEAD_MAX / 4;
    assert!((0..3).all(|number| pipe.item(id, number, quarter)));
    assert!(pipe.item(id, 3, ITEM_BYTES_AHEAD_MAX * 4));
    assert!(!pipe.item(id, 4, 1));
    pipe.run();
    assert_eq!(pipe.read(id, 2).0, [0, 1]);
    pipe.run();
    assert!(!pipe.item(id, 4, 1), "the large one is still there");
    assert_eq!(pipe.read(id, 2).0, [2, 3]);
    pipe.run();
    assert!(pipe.item(id, 4, 1));
}

#[test]
fn whatever_the_size_of_an_item_it_comes_through_while_the_reader_waits() {
    for bytes in [1, ITEM_BYTES_AHEAD_MAX / 2 - 1, ITEM_BYTES_AHEAD_MAX + 1, FRAME_BYTES_MAX - 100] {
        let mut pipe = Pipe::new();
        let id = pipe.stream();
        for number in 0..100 {
            assert!(pipe.item(id, number, bytes), "item {number} of {bytes} bytes waits for ever");
            pipe.run();
            assert_eq!(pipe.read(id, 9), (vec![number], None));
            pipe.run();
        }
    }
}

#[test]
fn an_item_over_the_limit_of_frames_ends_its_answer_and_nothing_else() {
    let mut pipe = Pipe::new();
    let (id, other) = (pipe.stream(), pipe.stream());
    assert!(pipe.item(id, 0, 10));
    assert!(pipe.item(id, 1, FRAME_BYTES_MAX));
    assert!(!pipe.item(id, 2, 10));
    assert!(pipe.item(other, 0, 10));
    pipe.run();
    let (items, end) = pipe.read(id, 9);
    let Some(ReadEnd::Ended(ItemsEnd::TooLarge { bytes, max })) = end else { panic!("{end:?}") };
    assert!(items == [0] && bytes > max && max == FRAME_BYTES_MAX as u64);
    assert_eq!(pipe.read(other, 9), (vec![0], None));
}

#[test]
fn an_answer_that_is_given_up_ends_over_there() {
    let mut pipe = Pipe::new();
    let id = pipe.stream();
    assert!(pipe.item(id, 0, 10));
    assert_eq!(pipe.caller.cancel(id), None, "its token was given back when it began");
    // These cross each other.
    pipe.run();
    assert_eq!(pipe.cancelled, [id]);
    assert_eq!(pipe.callee.may_send_item(id), None);
    pipe.end_items(id);
    assert!(!pipe.callee.has_output());
    assert_eq!(pipe.end, None);
    assert_eq!(pipe.caller.read(id), Read::Nothing);
}

#[test]
fn an_answer_that_had_ended_is_not_cancelled() {
    let mut pipe = Pipe::new();
    let id = pipe.stream();
    pipe.end_items(id);
    pipe.run();
    pipe.caller.cancel(id);
    assert!(!pipe.caller.has_output());
}

#[test]
fn a_time_limit_is_about_the_beginning() {
    let mut pipe = Pipe::new();
    let limit = Duration::from_millis(100);
    let in_time = pipe.write_streamed(true, Some(limit), true, 3).unwrap();
    let late = pipe.write_streamed(true, Some(limit), true, 3).unwrap();
    pipe.run();
    pipe.begin_items(in_time);
    pipe.run();
    pipe.wait(limit);
    let too_late = Outcome::TimedOut { after: limit, may_be_handled: true };
    assert_eq!(pipe.outcomes, BTreeMap::from([(late, too_late)]));
    pipe.run();
    assert_eq!(pipe.cancelled, [late], "nobody is going to read it");
    pipe.item(in_time, 0, 10);
    pipe.run();
    assert_eq!(pipe.read(in_time, 9), (vec![0], None));
}

#[test]
fn an_answer_that_begins_too_late_is_cancelled_once_more() {
    let mut pipe = Pipe::new();
    let id = pipe.write_streamed(true, None, true, 3).unwrap();
    pipe.run();
    // As if the first word of that had been forgotten over there.
    pipe.begin_items(id);
    assert_eq!(pipe.caller.cancel(id), Some(id));
    pipe.run();
    assert_eq!(pipe.cancelled, [id, id]);
    assert_eq!(pipe.callee.may_send_item(id), None);
}

#[test]
fn an_ask_for_a_stream_may_end_as_any_other_before_it_begins() {
    let mut pipe = Pipe::new();
    let id = pipe.write_streamed(true, None, true, 3).unwrap();
    pipe.run();
    pipe.fail(0);
    pipe.run();
    assert_eq!(pipe.outcomes[&id], Outcome::Failed { panicked: true });
}

#[test]
fn the_end_of_the_stream_ends_what_it_carried_behind_what_has_come() {
    let mut pipe = Pipe::new();
    let (id, whole) = (pipe.stream(), pipe.stream());
    pipe.item(id, 0, 10);
    pipe.item(whole, 0, 10);
    pipe.end_items(whole);
    pipe.end_callee(StreamEnd::Stopped);
    pipe.flush_back();
    while pipe.read_back() {}
    assert_eq!(pipe.end, Some(CallerOutput::Ended(Some(StreamEnd::Stopped))));
    assert_eq!(pipe.read(id, 9), (vec![0], Some(ReadEnd::Closed(StreamEnd::Stopped))));
    assert_eq!(pipe.read(whole, 9), (vec![0], COMPLETE));
    assert_eq!(pipe.callee.may_send_item(id), None);
    assert!(!pipe.caller.has_output());
}

#[test]
fn a_stream_that_is_lost_is_told_to_readers() {
    let mut pipe = Pipe::new();
    let id = pipe.stream();
    pipe.item(id, 0, 10);
    pipe.flush_back();
    pipe.read_back();
    pipe.tell_caller(CallerInput::Lost);
    pipe.tell_callee(CalleeInput::Lost);
    assert_eq!(pipe.read(id, 9), (vec![0], Some(ReadEnd::Lost)));
    assert_eq!(pipe.callee.may_send_item(id), None);
    assert!(pipe.callee_is_over && !pipe.callee.has_output());
}

#[test]
fn an_answer_that_goes_on_keeps_a_stream_from_being_idle() {
    let mut pipe = Pipe::new();
    let id = pipe.stream();
    pipe.wait(Duration::from_millis(50));
    pipe.run();
    pipe.wait(IDLE_AFTER * 10);
    assert_eq!(pipe.end, None);
    assert!(!pipe.caller.finish_if_quiet());
    pipe.end_items(id);
    pipe.run();
    pipe.wait(IDLE_AFTER);
    assert_eq!(pipe.end, Some(CallerOutput::Idle), "whether it has been read or not");
    assert_eq!(pipe.read(id, 9), (vec![], COMPLETE));
}

#[test]
fn where_a_newer_stream_speaks_answers_go_on_and_messages_are_too_late() {
    let mut pipe = Pipe::new();
    let (id, other) = (pipe.stream(), pipe.stream());
    while pipe.item(id, 0, 10) {}
    pipe.run();
    pipe.tell_callee(CalleeInput::Superseded);
    pipe.read(id, 16);
    pipe.ask();
    pipe.caller.cancel(other);
    pipe.run();
    assert!(pipe.item(id, 0, 10), "credit still counts");
    assert_eq!(pipe.cancelled, [other]);
    assert!(pipe.owed.is_empty(), "the message was for the newer stream");
    assert_eq!(pipe.end, None);
}

/// An asking end that heard of an item, and then hears this, has had enough.
fn check_caller(frames: impl IntoIterator<Item = ActorFrame>) {
    let mut pipe = Pipe::new();
    let id = pipe.stream();
    let pending = pipe.write_streamed(true, None, true, 3).unwrap();
    pipe.run();
    assert_eq!((id, pending), (1, 2));
    for frame in frames {
        assert_eq!(pipe.end, None);
        pipe.tell_caller(CallerInput::Frame(body(frame)));
    }
    assert_eq!(pipe.end, Some(CallerOutput::Misbehaved));
    assert_eq!(pipe.outcomes[&pending], Outcome::Lost { may_be_handled: true });
}

fn item(id: u64, bytes: usize) -> ActorFrame {
    ActorFrame::Item { id, payload: vec![0; bytes].into() }
}

#[test]
fn what_no_correct_peer_says_of_an_answer_ends_the_stream() {
    let end = |id| ActorFrame::End { id, how: ItemsEnd::Complete };
    let reply = |id, payload: &'static [u8]| ActorFrame::Reply { id, payload: payload.into() };
    check_caller((0..=ITEMS_AHEAD_MAX).map(|_| item(1, 4)));
    check_caller([item(1, ITEM_BYTES_AHEAD_MAX), item(1, 0)]);
    check_caller([item(2, 4)]);
    check_caller([end(2)]);
    check_caller([item(3, 4)]);
    check_caller([end(3)]);
    check_caller([end(1), item(1, 4)]);
    check_caller([end(1), end(1)]);
    check_caller([reply(1, b"")]);
    check_caller([reply(2, b"a value")]);
    check_caller([ActorFrame::Fail { id: 1, panicked: true }]);
    check_caller([ActorFrame::Credit { id: 1, n: 1 }]);
}

#[test]
fn credit_for_what_was_never_sent_ends_the_stream() {
    let credit = |id, n| ActorFrame::Credit { id, n };
    for (told, is_over) in [
        (credit(1, 1), false),
        (credit(1, 0), true),
        (credit(1, 2), true),
        (credit(1, u64::MAX), true),
        (credit(2, 1), false),
        (credit(3, 1), true),
    ] {
        let mut callee = Callee::new(FRAME_BYTES_MAX);
        for frame in [OPEN, ask(1, ACTOR), ask(2, ACTOR)] {
            callee.handle(Duration::ZERO, CalleeInput::Frame(body(frame)));
            if matches!(callee.poll(), Some(CalleeOutput::Deliver { .. })) {
                callee.handle(Duration::ZERO, CalleeInput::Taken);
            }
        }
        callee.begin_items(1);
        callee.item(1, &mut super::pipe::draft(b"item"));
        callee.handle(Duration::ZERO, CalleeInput::Frame(body(told.clone())));
        let said = frames(callee.take_buffer());
        let last = ActorFrame::read(said.last().unwrap().clone()).unwrap();
        assert_eq!(last == close(StreamEnd::Protocol, 2), is_over, "{told:?}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Ask,
    Begin(usize),
    Item(usize, usize),
    End(usize),
    Read(usize, usize),
    GiveUp(usize),
    FlushThere,
    FlushBack,
    ReadThere,
    ReadBack,
    EndCallee,
    Lose,
}

fn any_step() -> impl Strategy<Value = Step> {
    let bytes = prop_oneof![6 => 4usize..100, 2 => Just(ITEM_BYTES_AHEAD_MAX / 3), 1 => Just(ITEM_BYTES_AHEAD_MAX + 1)];
    let n = any::<usize>;
    prop_oneof![
        2 => Just(Step::Ask),
        3 => n().prop_map(Step::Begin),
        20 => (n(), bytes).prop_map(|(n, bytes)| Step::Item(n, bytes)),
        1 => n().prop_map(Step::End),
        8 => (n(), 1usize..40).prop_map(|(n, at_most)| Step::Read(n, at_most)),
        1 => n().prop_map(Step::GiveUp),
        6 => Just(Step::FlushThere),
        6 => Just(Step::FlushBack),
        10 => Just(Step::ReadThere),
        20 => Just(Step::ReadBack),
    ]
}

/// What was sent and read of one answer.
#[derive(Default)]
struct Answer {
    sent: Vec<usize>,
    has_ended: bool,
    read: usize,
    is_given_up: bool,
    end: Option<ReadEnd>,
}

impl Answer {
    fn read(&mut self, (numbers, end): (Vec<u32>, Option<ReadEnd>)) {
        for number in numbers {
            assert_eq!(number as usize, self.read, "out of order");
            self.read += 1;
        }
        assert!(end.is_none() || self.end.is_none(), "ended twice");
        self.end = self.end.or(end);
    }

    /// Whatever is out, the reader can have read none of it since the last credit.
    fn check(&self) {
        let out = &self.sent[self.read..];
        assert!(out.len() <= ITEMS_AHEAD_MAX);
        let but_the_last = out.len().saturating_sub(1);
        assert!(out[..but_the_last].iter().sum::<usize>() < ITEM_BYTES_AHEAD_MAX);
    }
}

fn perform(pipe: &mut Pipe, answers: &mut BTreeMap<u64, Answer>, step: Step) {
    let ids: Vec<u64> = answers.keys().copied().collect();
    let nth = |n: usize| (!ids.is_empty()).then(|| ids[n % ids.len()]);
    match step {
        Step::Ask => drop(pipe.write_streamed(true, None, true, 3)),
        Step::Begin(n) => {
            if !pipe.owed.is_empty() {
                let id = pipe.owed[n % pipe.owed.len()];
                pipe.begin_items(id);
                answers.insert(id, Answer::default());
            }
        }
        Step::Item(n, bytes) => {
            if let Some(id) = nth(n) {
                let answer = answers.get_mut(&id).unwrap();
                if pipe.item(id, answer.sent.len() as u32, bytes) {
                    answer.sent.push(bytes);
                }
            }
        }
        Step::End(n) => {
            if let Some(id) = nth(n) {
                answers.get_mut(&id).unwrap().has_ended |= pipe.callee.may_send_item(id).is_some();
                pipe.end_items(id);
            }
        }
        Step::Read(n, at_most) => {
            if let Some(id) = nth(n).filter(|id| pipe.begun.contains(id)) {
                let read = pipe.read(id, at_most);
                answers.get_mut(&id).unwrap().read(read);
            }
        }
        Step::GiveUp(n) => {
            if let Some(id) = nth(n).filter(|id| pipe.begun.contains(id)) {
                pipe.caller.cancel(id);
                answers.get_mut(&id).unwrap().is_given_up = true;
            }
        }
        Step::FlushThere => pipe.flush_there(),
        Step::FlushBack => pipe.flush_back(),
        Step::ReadThere => {
            pipe.read_there();
            pipe.take();
        }
        Step::ReadBack => drop(pipe.read_back()),
        Step::EndCallee => pipe.end_callee(StreamEnd::Stopped),
        Step::Lose => pipe.tell_caller(CallerInput::Lost),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn answers_are_read_as_they_were_sent_and_never_beyond_credit(
        steps in proptest::collection::vec(any_step(), 0..300),
        last in prop_oneof![Just(None), Just(Some(Step::EndCallee)), Just(Some(Step::Lose))],
    ) {
        let (mut pipe, mut answers) = (Pipe::new(), BTreeMap::new());
        for step in steps {
            perform(&mut pipe, &mut answers, step);
            answers.values().for_each(Answer::check);
        }
        let is_cut = last.is_some();
        last.into_iter().for_each(|step| perform(&mut pipe, &mut answers, step));
        pipe.run();
        prop_assert!(pipe.end != Some(CallerOutput::Misbehaved), "both ends are correct");
        answers.retain(|id, _| pipe.begun.contains(id));
        for (id, answer) in &mut answers {
            // Whatever is under way arrives.
            for _ in 0..3 {
                let read = pipe.read(*id, usize::MAX);
                answer.read(read);
                pipe.run();
            }
            if answer.is_given_up {
                continue;
            }
            if is_cut {
                prop_assert!(answer.end.is_some(), "a reader waits for ever");
            } else {
                prop_assert_eq!(answer.read, answer.sent.len());
                let expected = answer.has_ended.then_some(ReadEnd::Ended(ItemsEnd::Complete));
                prop_assert_eq!(answer.end, expected);
                prop_assert!(answer.has_ended || pipe.item(*id, 0, 1), "a sender waits for ever");
            }
        }
    }
}

#[test]
fn a_late_value_is_nobodys() {
    let mut pipe = Pipe::new();
    let id = pipe.ask();
    pipe.run();
    pipe.caller.cancel(id);
    pipe.run();
    let value = ActorFrame::Reply { id, payload: Bytes::from_static(b"late") };
    pipe.tell_caller(CallerInput::Frame(body(value)));
    assert!(!pipe.caller.has_output() && pipe.end.is_none());
}
