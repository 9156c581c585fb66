//! What a peer that is broken, or worse, can do to one end of a stream: end it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_node::{
    ActorFrame, Callee, CalleeInput, CalleeOutput, Caller, CallerInput, CallerOutput, RefuseReason, Sent,
    StreamEnd,
};
use murmer_wire::{ActorNumber, MessageKey};
use proptest::prelude::*;

use super::pipe::{ACTOR, FRAME_BYTES_MAX, IDLE_AFTER, KEY, Pipe, draft, frames};

pub(super) fn body(frame: ActorFrame) -> Bytes {
    let mut body = BytesMut::new();
    frame.write(&mut body);
    body.freeze()
}

pub(super) fn ask(id: u64, actor: ActorNumber) -> ActorFrame {
    let payload = Bytes::new();
    ActorFrame::Ask(Sent { id, actor, key: MessageKey(1), remaining_ms: 0, payload })
}

/// A callee that was told `told` says `said`, and is over if the last of that is a close.
fn check_callee(told: Vec<ActorFrame>, said: Vec<ActorFrame>) {
    let mut callee = Callee::new(FRAME_BYTES_MAX);
    for frame in told {
        callee.handle(Duration::ZERO, CalleeInput::Frame(body(frame)));
        let mut is_delivered = false;
        while let Some(output) = callee.poll() {
            is_delivered |= matches!(output, CalleeOutput::Deliver { .. });
        }
        if is_delivered {
            callee.handle(Duration::ZERO, CalleeInput::Taken);
        }
    }
    let heard: Vec<_> =
        frames(callee.take_buffer()).into_iter().map(|body| ActorFrame::read(body).unwrap()).collect();
    assert_eq!(heard, said);
}

pub(super) const OPEN: ActorFrame = ActorFrame::Open { actor: ACTOR, generation: 1 };

pub(super) const fn close(reason: StreamEnd, last_accepted: u64) -> ActorFrame {
    ActorFrame::Close { reason, last_accepted }
}

#[test]
fn a_message_for_another_actor_is_refused_and_ends_the_stream() {
    let refused = ActorFrame::Refuse { id: 2, reason: RefuseReason::WrongActor };
    check_callee(
        vec![OPEN, ask(1, ACTOR), ask(2, ActorNumber(8)), ask(3, ACTOR)],
        vec![refused, close(StreamEnd::WrongActor, 1)],
    );
}

#[test]
fn a_gap_in_the_ids_ends_the_stream() {
    check_callee(vec![OPEN, ask(1, ACTOR), ask(3, ACTOR)], vec![close(StreamEnd::Protocol, 1)]);
    check_callee(vec![OPEN, ask(1, ACTOR), ask(1, ACTOR)], vec![close(StreamEnd::Protocol, 1)]);
    check_callee(vec![OPEN, ask(0, ACTOR)], vec![close(StreamEnd::Protocol, 0)]);
    check_callee(vec![OPEN, ActorFrame::Cancel { id: 2 }], vec![close(StreamEnd::Protocol, 0)]);
}

#[test]
fn a_message_that_was_never_sent_leaves_no_gap() {
    let cancel = ActorFrame::Cancel { id: 1 };
    check_callee(vec![OPEN, cancel, ask(2, ACTOR), ask(2, ACTOR)], vec![close(StreamEnd::Protocol, 2)]);
}

#[test]
fn frames_out_of_turn_end_the_stream() {
    check_callee(vec![ask(1, ACTOR)], vec![close(StreamEnd::Protocol, 0)]);
    check_callee(vec![OPEN, OPEN], vec![close(StreamEnd::Protocol, 0)]);
    check_callee(vec![OPEN, ActorFrame::Accepted { upto: 0 }], vec![close(StreamEnd::Protocol, 0)]);
}

#[test]
fn nothing_is_written_after_the_end() {
    let mut pipe = Pipe::new();
    pipe.ask();
    pipe.run();
    pipe.end_callee(StreamEnd::ShuttingDown);
    pipe.callee.take_buffer();
    pipe.callee.fail(1, true);
    pipe.callee.refuse(1, RefuseReason::Expired);
    pipe.reply(0);
    pipe.end_callee(StreamEnd::Stopped);
    assert!(!pipe.callee.has_output());
    assert_eq!(pipe.callee.deadline(), None);
}

#[test]
fn an_answer_to_what_was_never_sent_is_no_answer() {
    for frame in [
        ActorFrame::Reply { id: 1, payload: Bytes::new() },
        ActorFrame::Fail { id: 1, panicked: true },
        ActorFrame::Accepted { upto: 1 },
        close(StreamEnd::Stopped, 1),
        OPEN,
    ] {
        let mut pipe = Pipe::new();
        let id = pipe.ask();
        pipe.tell_caller(CallerInput::Frame(body(frame)));
        assert_eq!(pipe.end, Some(CallerOutput::Misbehaved));
        assert_eq!(pipe.outcomes[&id], murmer_node::Outcome::Lost { may_be_handled: false });
    }
}

fn any_body() -> impl Strategy<Value = Bytes> {
    let small = prop_oneof![0u64..6, any::<u64>()];
    let well_formed = (0u8..13, proptest::collection::vec(small, 0..4), any::<Vec<u8>>());
    let well_formed = well_formed.prop_map(|(kind, numbers, rest)| {
        let mut body = BytesMut::from(&[kind][..]);
        numbers.into_iter().for_each(|number| murmer_wire::put_varint(&mut body, number));
        body.extend_from_slice(&rest);
        body.freeze()
    });
    prop_oneof![well_formed, any::<Vec<u8>>().prop_map(Bytes::from)]
}

proptest! {
    #[test]
    fn garbage_never_breaks_a_caller(bodies in proptest::collection::vec(any_body(), 0..20)) {
        let mut caller = Caller::new(Duration::ZERO, ACTOR, 1, FRAME_BYTES_MAX, IDLE_AFTER);
        for token in 0..3u64 {
            caller.write(Duration::ZERO, KEY, None, Some(token), token == 1, &mut draft(&[])).unwrap();
        }
        caller.take_buffer();
        let mut settled = Vec::new();
        for body in bodies.into_iter().map(CallerInput::Frame).chain([CallerInput::Lost]) {
            caller.handle(Duration::ZERO, body);
            while let Some(output) = caller.poll() {
                if let CallerOutput::Settled { token, .. } | CallerOutput::Begun { token, .. } = output {
                    settled.push(token);
                }
            }
        }
        settled.sort_unstable();
        prop_assert_eq!(settled, [0, 1, 2]);
        prop_assert!(caller.is_over());
    }

    #[test]
    fn garbage_never_breaks_a_callee(
        bodies in proptest::collection::vec(any_body(), 0..20),
        opens in any::<bool>(),
    ) {
        let mut callee = Callee::new(FRAME_BYTES_MAX);
        let mut is_over = false;
        for body in opens.then(|| body(OPEN)).into_iter().chain(bodies) {
            callee.handle(Duration::ZERO, CalleeInput::Frame(body));
            while let Some(output) = callee.poll() {
                prop_assert!(!is_over, "nothing comes after the end");
                is_over = output == CalleeOutput::Over;
            }
        }
        frames(callee.take_buffer());
    }
}
