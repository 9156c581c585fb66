//! Whatever happens to a stream, every ask ends exactly once, and never with "it was not handled"
//! when it was.

use std::collections::BTreeSet;
use std::time::Duration;

use murmer_node::{CallerInput, CallerOutput, Outcome, RefuseReason, StreamEnd};
use proptest::prelude::*;

use super::pipe::{LARGE, Pipe};

#[derive(Debug, Clone)]
enum Step {
    Ask(Option<u16>, usize),
    Tell(usize),
    Cancel(u64),
    FlushThere,
    FlushBack,
    ReadThere,
    ReadBack,
    Take,
    Refuse,
    Reply(usize),
    ReplyLarge(usize),
    Fail(usize),
    Wait(u16),
    EndCallee(bool),
    Lose,
}

fn any_step() -> impl Strategy<Value = Step> {
    let bytes = || prop_oneof![4 => Just(2), 1 => Just(LARGE)];
    prop_oneof![
        6 => (proptest::option::of(1u16..500), bytes()).prop_map(|(ms, bytes)| Step::Ask(ms, bytes)),
        2 => bytes().prop_map(Step::Tell),
        2 => (0u64..40).prop_map(Step::Cancel),
        6 => Just(Step::FlushThere),
        6 => Just(Step::FlushBack),
        9 => Just(Step::ReadThere),
        9 => Just(Step::ReadBack),
        9 => Just(Step::Take),
        2 => Just(Step::Refuse),
        4 => any::<usize>().prop_map(Step::Reply),
        1 => any::<usize>().prop_map(Step::ReplyLarge),
        1 => any::<usize>().prop_map(Step::Fail),
        4 => prop_oneof![4 => 0u16..200, 1 => Just(60_000)].prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::EndCallee),
        1 => Just(Step::Lose),
    ]
}

/// What the test has asked for, beside what the pipe saw.
#[derive(Default)]
struct Asked {
    asks: BTreeSet<u64>,
    tells: BTreeSet<u64>,
    given_up: BTreeSet<u64>,
}

fn perform(pipe: &mut Pipe, asked: &mut Asked, step: Step) {
    match step {
        Step::Ask(ms, bytes) => {
            let timeout = ms.map(|ms| Duration::from_millis(ms.into()));
            asked.asks.extend(pipe.write(true, timeout, bytes).ok());
        }
        Step::Tell(bytes) => asked.tells.extend(pipe.write(false, None, bytes).ok()),
        Step::Cancel(id) => asked.given_up.extend(pipe.caller.cancel(id)),
        Step::FlushThere => pipe.flush_there(),
        Step::FlushBack => pipe.flush_back(),
        Step::ReadThere => drop(pipe.read_there()),
        Step::ReadBack => drop(pipe.read_back()),
        Step::Take => drop(pipe.take()),
        Step::Refuse => pipe.refuse(RefuseReason::Overloaded),
        Step::Reply(n) => pipe.reply(n),
        Step::ReplyLarge(n) => pipe.reply_large(n),
        Step::Fail(n) => pipe.fail(n),
        Step::Wait(ms) => pipe.wait(Duration::from_millis(ms.into())),
        Step::EndCallee(stopped) => {
            pipe.end_callee(if stopped { StreamEnd::Stopped } else { StreamEnd::Moved });
        }
        Step::Lose => pipe.tell_caller(CallerInput::Lost),
    }
}

fn check(pipe: &Pipe, asked: &Asked) {
    for id in &asked.asks {
        let is_given_up = asked.given_up.contains(id);
        let outcome = pipe.outcomes.get(id);
        assert!(is_given_up != outcome.is_some(), "ask {id} ended {outcome:?}, given up: {is_given_up}");
        let was_handled = pipe.handled.contains(id);
        match outcome {
            None => {}
            Some(Outcome::Reply(payload)) => {
                assert!(payload.chunks(8).all(|part| part == id.to_le_bytes()), "somebody else's answer");
                assert!(was_handled);
            }
            Some(Outcome::Failed { .. }) => assert!(was_handled),
            Some(Outcome::Refused(_)) => assert!(!was_handled, "{id} was handled"),
            Some(
                Outcome::Closed { may_be_handled, .. }
                | Outcome::Lost { may_be_handled }
                | Outcome::TimedOut { may_be_handled, .. },
            ) => {
                assert!(*may_be_handled || !was_handled, "{id} was handled: {outcome:?}");
            }
        }
    }
    assert!(pipe.outcomes.keys().all(|id| asked.asks.contains(id)), "a tell was settled");
}

/// An idle stream has nothing left that could be lost.
fn check_idle(pipe: &Pipe, asked: &Asked) {
    for id in asked.asks.union(&asked.tells) {
        let is_unsent = asked.given_up.contains(id)
            || matches!(pipe.outcomes.get(id), Some(Outcome::TimedOut { may_be_handled: false, .. }));
        assert!(pipe.handled.contains(id) || pipe.refused.contains(id) || is_unsent, "{id} is lost");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_ask_ends_exactly_once_and_truly(
        steps in proptest::collection::vec(any_step(), 0..150),
        arrives in any::<bool>(),
    ) {
        let (mut pipe, mut asked) = (Pipe::new(), Asked::default());
        for step in steps {
            perform(&mut pipe, &mut asked, step);
            if pipe.end == Some(CallerOutput::Idle) {
                check_idle(&pipe, &asked);
            }
        }
        if arrives {
            pipe.run();
        }
        pipe.tell_caller(CallerInput::Lost);
        // What was on its way when the stream was lost may still arrive there.
        pipe.run();
        check(&pipe, &asked);
        prop_assert!(pipe.end != Some(CallerOutput::Misbehaved), "both ends are correct");
    }

    #[test]
    fn order_is_kept_and_nothing_is_missing_while_nothing_breaks(
        steps in proptest::collection::vec(any_step(), 0..150),
    ) {
        let (mut pipe, mut asked) = (Pipe::new(), Asked::default());
        for step in steps {
            let breaks = matches!(step, Step::EndCallee(_) | Step::Lose | Step::Wait(60_000));
            if !breaks {
                perform(&mut pipe, &mut asked, step);
            }
        }
        pipe.run();
        while !pipe.owed.is_empty() {
            pipe.reply(0);
        }
        pipe.run();
        check(&pipe, &asked);
        check_idle(&pipe, &asked);
        prop_assert_eq!(pipe.end, None);
    }
}
