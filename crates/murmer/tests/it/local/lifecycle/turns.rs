//! Actors that always have another message, and those beside them.

use std::future::ready;

use murmer::prelude::*;
use tokio::task::yield_now;

use super::super::subject::{Deed, Journal, Subject, SubjectWith};
use super::start;
use crate::local::subject::{Script, SubjectHold, SubjectNote};

/// Tells itself to go on, so often.
fn go_on(left: u32) -> Deed {
    Box::new(move |ctx| {
        if left > 0 {
            ctx.endpoint().try_tell(SubjectWith { deed: go_on(left - 1) }).unwrap();
        }
    })
}

#[tokio::test]
async fn one_that_tells_itself_to_go_on_gives_others_a_turn() {
    let (system, _journal, subject) = start(Script::default());
    subject.try_tell(SubjectWith { deed: go_on(100_000) }).unwrap();
    for _ in 0..10 {
        yield_now().await;
    }
    let handled = system.actors()[0].handled;
    assert!(handled > 0 && handled < 10_000, "{handled}");
}

#[tokio::test]
async fn one_whose_handlers_could_wait_and_never_do_gives_others_a_turn() {
    let (system, _journal, subject) = start(Script::default());
    (0..1_000).for_each(|_| subject.try_tell(SubjectHold { wait: Box::pin(ready(())) }).unwrap());
    yield_now().await;
    let left = system.actors()[0].mailbox_depth;
    assert!(left > 0 && left < 1_000, "{left}");
}

#[tokio::test]
async fn a_stop_during_the_turn_of_others_comes_before_the_next_message() {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.start("a", Subject::new("a", &journal), 0);
    (0..1_000).for_each(|n| subject.try_tell(SubjectNote { n }).unwrap());
    yield_now().await;
    let before = journal.take().len();
    assert!(before > 1 && before < 1_000, "it lets others have a turn between: {before}");
    system.stop("a");
    subject.closed().await;
    assert_eq!(journal.take(), ["a stops: stopped", "a is gone"]);
}
