//! Ending a stream that is to go before it would be idle.

use std::time::Duration;

use murmer_node::WriteError;

use super::pipe::Pipe;

#[test]
fn a_stream_can_be_finished_once_all_was_accepted_and_answered() {
    let mut pipe = Pipe::new();
    pipe.ask();
    pipe.run();
    assert!(!pipe.caller.has_all_accepted(), "that is told in batches");
    pipe.wait(Duration::from_millis(50));
    pipe.run();
    assert!(pipe.caller.has_all_accepted(), "what follows may go another way");
    assert!(!pipe.caller.finish_if_quiet(), "an answer is owed");
    pipe.reply(0);
    pipe.run();
    assert!(pipe.caller.finish_if_quiet());
    assert_eq!(pipe.write(false, None, 1), Err(WriteError::Over));
    assert_eq!(pipe.outcomes.len(), 1);
}

#[test]
fn a_tell_that_was_not_accepted_yet_keeps_a_stream_from_being_finished() {
    let mut pipe = Pipe::new();
    pipe.write(false, None, 3).unwrap();
    pipe.run();
    assert!(!pipe.caller.finish_if_quiet());
    pipe.wait(Duration::from_millis(50));
    pipe.run();
    assert!(pipe.caller.finish_if_quiet());
}
