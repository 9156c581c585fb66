//! The table of [`murmer::Control`]: what becomes of what, by the way an actor ends.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Control, Delivery, Event, Events, StopReason, Supervision};
use tokio::time::timeout;

use super::super::subject::{
    Journal, Script, Subject, SubjectBoom, SubjectExt, Turn, for_ever, gate, idle, within,
};
use super::SOON;

/// One column of the table.
struct Column {
    end: fn(&Control) -> bool,
    /// The message in hand, broken off or finished.
    in_hand_is_finished: bool,
    /// Those behind it, refused or handled.
    queued_are_handled: bool,
    hook_runs: bool,
    reason: StopReason,
}

/// Where the messages behind the one in hand are when the end comes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Behind {
    /// In the queue.
    Queue,
    /// In the batch that the actor has taken.
    Batch,
}

fn columns() -> [Column; 3] {
    [
        Column {
            end: Control::stop,
            in_hand_is_finished: true,
            queued_are_handled: false,
            hook_runs: true,
            reason: StopReason::Stopped,
        },
        Column {
            end: Control::drain,
            in_hand_is_finished: true,
            queued_are_handled: true,
            hook_runs: true,
            reason: StopReason::Stopped,
        },
        Column {
            end: Control::kill,
            in_hand_is_finished: false,
            queued_are_handled: false,
            hook_runs: false,
            reason: StopReason::Killed,
        },
    ]
}

#[tokio::test(start_paused = true)]
async fn the_table_of_ends_holds() {
    for behind in [Behind::Queue, Behind::Batch] {
        for column in columns() {
            check(column, behind).await;
        }
    }
}

async fn check(column: Column, behind: Behind) {
    let (system, journal) = (System::local(), Journal::default());
    let options = ActorOptions::default().mailbox(4);
    // Until all is in its mailbox, if that is to be one batch.
    let (begin, begun) = gate();
    let script = Script::default();
    let script = if behind == Behind::Batch { script.started(Turn::Waits(begin)) } else { script };
    let mut events = system.events();
    let subject = system.prepare("a", options).unwrap();
    let subject = subject.start(Subject::scripted("a", &journal, &script), 0);
    if behind == Behind::Queue {
        let noted = journal.clone();
        within(&subject, move |ctx| drop(ctx.start_child(None, Subject::new("child", &noted), 0))).await;
    }
    let (wait, open) = gate();
    let in_hand = tokio::spawn(subject.hold(wait));
    idle().await;
    let ask = tokio::spawn(subject.note(1));
    idle().await;
    subject.note(2).tell().await.unwrap();
    subject.note(3).tell().await.unwrap();
    let line = [tokio::spawn(subject.note(4).tell()), tokio::spawn(subject.note(5).tell())];
    idle().await;
    if behind == Behind::Batch {
        begun.send(()).unwrap();
        idle().await;
    }
    assert!(line.iter().all(|sender| !sender.is_finished()), "the mailbox is full");
    journal.take();

    assert!((column.end)(&subject.control()));
    assert!(!system.has_label("a"), "the label is free when it returns");
    for refused in [subject.note(6).await.unwrap_err(), subject.note(7).tell().await.unwrap_err(), {
        let [first, second] = line;
        first.await.unwrap().unwrap_err();
        second.await.unwrap().unwrap_err()
    }] {
        assert!(matches!(refused, SendError::Stopped), "{refused:?}");
    }
    let successor = system.start("a", Subject::new("successor", &Journal::default()), 0);
    assert_ne!(successor.id(), subject.id());
    if column.queued_are_handled {
        open.send(()).unwrap();
        in_hand.await.unwrap().unwrap();
        assert_eq!(ask.await.unwrap().unwrap(), 1);
        timeout(SOON, subject.closed()).await.unwrap();
        assert!(undelivered(&mut events).await.is_empty());
    } else {
        // Before the message in hand is done.
        let error = timeout(SOON, ask).await.expect("it is refused at once").unwrap().unwrap_err();
        assert_eq!(error.delivery(), Delivery::Never);
        assert_eq!(undelivered(&mut events).await, ["note", "note"]);
        if column.in_hand_is_finished {
            open.send(()).unwrap();
            in_hand.await.unwrap().unwrap();
        } else {
            let error = timeout(SOON, in_hand).await.expect("it is broken off").unwrap().unwrap_err();
            assert_eq!(error.delivery(), Delivery::Handled);
        }
        timeout(SOON, subject.closed()).await.unwrap();
    }
    let lines = journal.take();
    let mut expected = Vec::new();
    if column.queued_are_handled {
        expected.extend(["a 1", "a 2", "a 3"]);
    }
    if behind == Behind::Queue {
        expected.extend(column.hook_runs.then_some("child stops: stopped"));
        expected.push("child is gone");
    }
    expected.extend(column.hook_runs.then_some("a stops: stopped"));
    expected.push("a is gone");
    assert_eq!(lines, expected);
    assert_eq!(subject.ended().await, column.reason);
    assert_eq!(successor.note(1).await.unwrap(), 1, "whoever has the label now is left alone");
    assert!(system.has_label("a"), "and keeps it");
}

/// The names of the messages that were not delivered, so far.
async fn undelivered(events: &mut Events) -> Vec<&'static str> {
    let mut names = Vec::new();
    while let Ok(Some(event)) = timeout(Duration::from_nanos(1), events.next()).await {
        if let Event::Undelivered { message, label, .. } = event {
            assert_eq!(label.unwrap().as_str(), "a");
            names.push(message);
        }
    }
    names
}

#[tokio::test(start_paused = true)]
async fn a_milder_end_does_not_take_back_a_harder_one() {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.start("a", Subject::new("a", &journal), 0);
    let (wait, open) = gate();
    let in_hand = tokio::spawn(subject.hold(wait));
    idle().await;
    let ask = tokio::spawn(subject.note(1));
    idle().await;
    let control = subject.control();
    assert!(control.stop());
    assert!(!control.drain() && !control.stop(), "it is off the books");
    assert!(matches!(ask.await.unwrap(), Err(SendError::Stopped)));
    open.send(()).unwrap();
    in_hand.await.unwrap().unwrap();
    assert!(!control.stop_and_wait().await);
    assert_eq!(subject.ended().await, StopReason::Stopped);
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_life_has_left_is_refused_though_a_hook_still_runs() {
    for cleans_up in [true, false] {
        let (system, journal) = (System::local(), Journal::default());
        let (begin, begun) = gate();
        let script = Script::default().started(Turn::Waits(begin));
        let script = if cleans_up {
            script.stopped(Turn::Waits(for_ever()))
        } else {
            script.started(Turn::Waits(for_ever()))
        };
        let supervision = Supervision::transient().backoff(Duration::ZERO, Duration::ZERO);
        let subject = system.supervise("a", supervision, Subject::factory("a", &journal, script));
        idle().await;
        subject.try_tell(SubjectBoom {}).unwrap();
        let ask = tokio::spawn(subject.note(1));
        idle().await;
        begun.send(()).unwrap();
        idle().await;
        assert!(!ask.is_finished());
        system.stop("a");
        let refused = timeout(SOON, ask).await.expect("it waits for no hook").unwrap();
        assert!(matches!(refused, Err(SendError::Stopped)), "{refused:?}");
        subject.control().kill();
        subject.closed().await;
    }
}
