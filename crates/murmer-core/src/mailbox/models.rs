//! The mailbox under every interleaving of its threads, within loom's bounds. Run by the step `loom` of
//! `cargo xtask ci`.

use core::future::poll_fn;
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;

use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;

use murmer_wire::{ActorId, ActorNumber, Incarnation, NodeId, NodeName};

use super::{Mailbox, Next, Push, Signal, Withdrawn};
use crate::{StopReason, Terminated, WatchId};

type Shared = Arc<Mailbox<u32>>;

/// All interleavings with few enough forced switches: nearly every known race needs no more than two (Musuvathi
/// and Qadeer, "Iterative context bounding", 2007).
fn search(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Sends and waits for a place; false if refused.
fn send(mailbox: &Mailbox<u32>, message: u32) -> bool {
    let mut push = Push::Fresh(message);
    block_on(poll_fn(|cx| mailbox.poll_push(cx, &mut push))).is_ok()
}

/// Handles until it has `wanted` messages or is told to end.
fn handle(mailbox: &Mailbox<u32>, wanted: usize) -> Vec<u32> {
    let (mut all, mut batch) = (Vec::new(), VecDeque::new());
    while all.len() < wanted {
        match block_on(poll_fn(|cx| mailbox.poll_next(cx, &mut batch))) {
            Next::Messages => {}
            Next::Signal(_) => break,
            Next::Notice(_) | Next::Renew => unreachable!("nobody does that here"),
        }
        while let Some(message) = batch.pop_front() {
            all.push(message);
            if mailbox.handled(batch.len()) {
                let _ = mailbox.look(batch.len());
            }
        }
    }
    all
}

#[test]
fn senders_that_find_it_full_all_get_in_and_nobody_sleeps_through_it() {
    search(|| {
        let mailbox: Shared = Arc::new(Mailbox::new(1));
        let senders: Vec<_> = (0..2)
            .map(|message| {
                let mailbox = mailbox.clone();
                thread::spawn(move || assert!(send(&mailbox, message)))
            })
            .collect();
        let mut handled = handle(&mailbox, 2);
        handled.sort_unstable();
        assert_eq!(handled, [0, 1]);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    });
}

#[test]
fn messages_of_one_sender_keep_their_order_through_the_line() {
    search(|| {
        let mailbox: Shared = Arc::new(Mailbox::new(1));
        let sender = {
            let mailbox = mailbox.clone();
            thread::spawn(move || (0..2).for_each(|message| assert!(send(&mailbox, message))))
        };
        assert_eq!(handle(&mailbox, 2), [0, 1]);
        sender.join().unwrap();
    });
}

#[test]
fn at_a_stop_every_message_is_handled_or_refused_and_never_both() {
    search(|| {
        let mailbox: Shared = Arc::new(Mailbox::new(1));
        let sender = {
            let mailbox = mailbox.clone();
            thread::spawn(move || usize::from(send(&mailbox, 0)) + usize::from(send(&mailbox, 1)))
        };
        let actor = {
            let mailbox = mailbox.clone();
            thread::spawn(move || handle(&mailbox, usize::MAX))
        };
        let refused = mailbox.end(Signal::Stop);
        let handled = actor.join().unwrap();
        assert_eq!(handled.len() + refused.len(), sender.join().unwrap());
    });
}

#[test]
fn a_sender_that_gives_up_has_its_message_back_or_it_is_handled() {
    search(|| {
        let mailbox: Shared = Arc::new(Mailbox::new(1));
        assert!(send(&mailbox, 0));
        let quitter = {
            let mailbox = mailbox.clone();
            thread::spawn(move || {
                let mut push = Push::Fresh(1);
                let first = mailbox.poll_push(&mut Context::from_waker(Waker::noop()), &mut push);
                match first {
                    Poll::Ready(result) => result.is_ok(),
                    Poll::Pending => mailbox.withdraw(&mut push) == Withdrawn::In,
                }
            })
        };
        let mut handled = handle(&mailbox, 1);
        let is_in = quitter.join().unwrap();
        handled.extend(handle(&mailbox, usize::from(is_in).saturating_sub(handled.len() - 1)));
        assert_eq!(handled.len(), 1 + usize::from(is_in));
    });
}

/// The handler of the last message waits for something that only the sender in line can bring about.
#[test]
fn a_handler_that_waits_does_not_keep_out_a_sender_there_is_room_for() {
    search(|| {
        let mailbox: Shared = Arc::new(Mailbox::new(2));
        assert!(send(&mailbox, 0) && send(&mailbox, 1));
        let mut batch = VecDeque::new();
        assert_eq!(block_on(poll_fn(|cx| mailbox.poll_next(cx, &mut batch))), Next::Messages);
        let sender = {
            let mailbox = mailbox.clone();
            thread::spawn(move || assert!(send(&mailbox, 2)))
        };
        batch.pop_front();
        if mailbox.handled(batch.len()) {
            assert_eq!(mailbox.look(batch.len()), None);
        }
        // The second message is in hand, and its handler waits until the sender is through.
        assert_eq!(mailbox.park(&Context::from_waker(Waker::noop())), None);
        sender.join().unwrap();
    });
}

/// One place keeps the waker of an actor that waits for messages and of one whose handler waits.
#[test]
fn a_kill_or_another_life_reaches_an_actor_whichever_way_it_waits() {
    for renews in [false, true] {
        search(move || {
            let mailbox: Shared = Arc::new(Mailbox::new(2));
            let other = {
                let mailbox = mailbox.clone();
                thread::spawn(move || {
                    assert!(send(&mailbox, 0));
                    if renews { mailbox.renew() } else { drop(mailbox.end(Signal::Kill)) }
                })
            };
            let mut batch = VecDeque::new();
            match block_on(poll_fn(|cx| mailbox.poll_next(cx, &mut batch))) {
                // Its handler waits for what never comes.
                Next::Messages => {
                    block_on(poll_fn(|cx| mailbox.park(cx).map_or(Poll::Pending, |_| Poll::Ready(()))))
                }
                Next::Signal(Signal::Kill) | Next::Renew => {}
                other => panic!("{other:?}"),
            }
            other.join().unwrap();
        });
    }
}

#[test]
fn a_notice_wakes_an_actor_that_falls_asleep() {
    search(|| {
        let mailbox: Shared = Arc::new(Mailbox::new(1));
        let other = {
            let mailbox = mailbox.clone();
            let name = NodeName::new("n").expect("a valid name");
            let node = NodeId { name, incarnation: Incarnation::mint(1, 1) };
            let actor = ActorId { node, number: ActorNumber(1) };
            let (watch, reason) = (WatchId(1), StopReason::Stopped);
            thread::spawn(move || mailbox.notify(Terminated { watch, tag: 0, actor, label: None, reason }))
        };
        let mut batch = VecDeque::new();
        let next = block_on(poll_fn(|cx| mailbox.poll_next(cx, &mut batch)));
        assert!(matches!(next, Next::Notice(_)), "{next:?}");
        other.join().unwrap();
    });
}
