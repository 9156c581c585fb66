//! The mailbox, one poll at a time.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Wake;

use murmer_wire::{ActorId, ActorNumber, Incarnation, NodeId, NodeName};

use super::{Closed, Mailbox, Next, NotTaken, Parked, Push, Signal, Withdrawn};
use crate::{StopReason, Terminated, WatchId};

/// Counts how often it was woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Sender {
    push: Push<u32>,
    wakes: Arc<Wakes>,
}

impl Sender {
    fn new(message: u32) -> Self {
        Self { push: Push::Fresh(message), wakes: Arc::default() }
    }

    fn poll(&mut self, mailbox: &Mailbox<u32>) -> Poll<Result<(), Closed>> {
        let waker = Waker::from(self.wakes.clone());
        mailbox.poll_push(&mut Context::from_waker(&waker), &mut self.push)
    }

    fn push_is_done(&self) -> bool {
        matches!(self.push, Push::Done)
    }

    fn is_woken(&self) -> bool {
        self.wakes.0.load(Ordering::SeqCst) > 0
    }
}

fn sent(mailbox: &Mailbox<u32>, message: u32) -> Sender {
    let mut sender = Sender::new(message);
    let _ = sender.poll(mailbox);
    sender
}

fn batch(mailbox: &Mailbox<u32>) -> VecDeque<u32> {
    let mut batch = VecDeque::new();
    let _ = next(mailbox, &mut batch);
    batch
}

fn next(mailbox: &Mailbox<u32>, batch: &mut VecDeque<u32>) -> Poll<Next> {
    mailbox.poll_next(&mut Context::from_waker(Waker::noop()), batch)
}

/// One message is done, as the actor does it.
fn handled(mailbox: &Mailbox<u32>, left: usize) -> Option<Next> {
    if mailbox.handled(left) { mailbox.look(left) } else { None }
}

fn notice(watch: u64) -> Terminated {
    let node =
        NodeId { name: NodeName::new("n").expect("a valid name"), incarnation: Incarnation::mint(1, 1) };
    let actor = ActorId { node, number: ActorNumber(7) };
    Terminated { watch: WatchId(watch), tag: 0, actor, label: None, reason: StopReason::Stopped }
}

/// Handles everything there is, as the actor would.
fn handle_all(mailbox: &Mailbox<u32>) -> Vec<u32> {
    let mut all = Vec::new();
    loop {
        let mut batch = batch(mailbox);
        if batch.is_empty() {
            return all;
        }
        while let Some(message) = batch.pop_front() {
            all.push(message);
            assert_eq!(handled(mailbox, batch.len()), None);
        }
    }
}

#[test]
fn queue_and_batch_together_stay_within_the_capacity() {
    let mailbox = Mailbox::new(2);
    assert_eq!(Sender::new(1).poll(&mailbox), Poll::Ready(Ok(())));
    assert_eq!(batch(&mailbox), [1]);
    assert_eq!(Sender::new(2).poll(&mailbox), Poll::Ready(Ok(())));
    assert_eq!(Sender::new(3).poll(&mailbox), Poll::Pending);
}

#[test]
fn messages_are_handled_in_the_order_of_the_first_poll_whoever_is_woken_first() {
    let mailbox = Mailbox::new(1);
    let senders: Vec<_> = (0..5).map(|message| sent(&mailbox, message)).collect();
    assert_eq!(handle_all(&mailbox), [0, 1, 2, 3, 4]);
    assert!(senders[1..].iter().all(Sender::is_woken));
}

#[test]
fn nobody_barges_past_the_line() {
    let mailbox = Mailbox::new(1);
    let _first = sent(&mailbox, 1);
    let _lined = sent(&mailbox, 2);
    let mut taken = batch(&mailbox);
    taken.clear();
    let mut late = Sender::new(3);
    assert_eq!(late.poll(&mailbox), Poll::Pending);
    assert_eq!(handled(&mailbox, 0), None);
    assert_eq!(handle_all(&mailbox), [2, 3]);
}

#[test]
fn nobody_barges_past_the_line_while_a_place_is_free_that_the_actor_has_not_given_away() {
    let mailbox = Mailbox::new(1);
    let _first = sent(&mailbox, 1);
    let _lined = sent(&mailbox, 2);
    batch(&mailbox).clear();
    assert!(mailbox.handled(0));
    assert_eq!(mailbox.try_push(9), Err(NotTaken::Full(9)));
    let mut late = Sender::new(3);
    assert_eq!(late.poll(&mailbox), Poll::Pending);
    assert_eq!(mailbox.look(0), None);
    assert_eq!(handle_all(&mailbox), [2, 3]);
}

#[test]
fn an_actor_that_saw_nobody_line_up_lets_the_line_in_before_it_waits() {
    let mailbox = Mailbox::new(1);
    let _first = sent(&mailbox, 1);
    assert_eq!(batch(&mailbox), [1]);
    let lined = sent(&mailbox, 2);
    // Its last message is done, and it goes on as if it had looked for a line before there was one.
    assert_eq!(batch(&mailbox), [2]);
    assert!(lined.is_woken());
}

#[test]
fn a_sender_that_steps_out_keeps_its_message_and_holds_nobody_up() {
    let mailbox = Mailbox::new(1);
    let _first = sent(&mailbox, 1);
    let mut quitter = sent(&mailbox, 2);
    let last = sent(&mailbox, 3);
    assert_eq!(mailbox.withdraw(&mut quitter.push), Withdrawn::Back(2));
    assert_eq!(handle_all(&mailbox), [1, 3]);
    assert!(last.is_woken());
}

#[test]
fn a_message_already_in_cannot_be_withdrawn() {
    let mailbox = Mailbox::new(1);
    let _first = sent(&mailbox, 1);
    let mut lined = sent(&mailbox, 2);
    assert_eq!(handle_all(&mailbox), [1, 2]);
    assert_eq!(mailbox.withdraw(&mut lined.push), Withdrawn::In);
}

#[test]
fn an_end_refuses_those_in_line_and_those_who_come() {
    for signal in [Signal::Drain, Signal::Stop, Signal::Kill] {
        let mailbox = Mailbox::new(1);
        let _first = sent(&mailbox, 1);
        let mut lined = sent(&mailbox, 2);
        let mut quitter = sent(&mailbox, 3);
        let refused = mailbox.end(signal);
        assert_eq!(mailbox.withdraw(&mut quitter.push), Withdrawn::Refused);
        assert!(lined.is_woken());
        assert_eq!(lined.poll(&mailbox), Poll::Ready(Err(Closed)));
        assert_eq!(Sender::new(3).poll(&mailbox), Poll::Ready(Err(Closed)));
        assert_eq!(mailbox.try_push(4), Err(NotTaken::Closed(4)));
        let (accepted, handled): (&[u32], &[u32]) =
            if signal == Signal::Drain { (&[], &[1]) } else { (&[1], &[]) };
        assert_eq!((Vec::from(refused), handle_all(&mailbox)), (accepted.to_vec(), handled.to_vec()));
        assert_eq!(next(&mailbox, &mut VecDeque::new()), Poll::Ready(Next::Signal(signal)));
    }
}

#[test]
fn a_sender_whose_message_got_in_before_the_end_is_not_told_otherwise() {
    let mailbox = Mailbox::new(1);
    let _first = sent(&mailbox, 1);
    let mut lined = sent(&mailbox, 2);
    assert_eq!(handle_all(&mailbox), [1, 2]);
    mailbox.end(Signal::Stop);
    assert_eq!(lined.poll(&mailbox), Poll::Ready(Ok(())));
}

#[test]
fn a_signal_wakes_an_idle_actor_and_one_whose_handler_waits() {
    for act in [|mailbox: &Mailbox<u32>| drop(mailbox.end(Signal::Stop)), Mailbox::renew] {
        let mailbox = Mailbox::new(1);
        let wakes = Arc::<Wakes>::default();
        let waker = Waker::from(wakes.clone());
        let mut cx = Context::from_waker(&waker);
        assert!(mailbox.poll_next(&mut cx, &mut VecDeque::new()).is_pending());
        act(&mailbox);
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
        let mailbox = Mailbox::new(1);
        assert_eq!(mailbox.park(&cx), None);
        act(&mailbox);
        assert_eq!(wakes.0.load(Ordering::SeqCst), 2);
    }
}

#[test]
fn an_actor_is_woken_where_it_waited_last() {
    let waits: [fn(&Mailbox<u32>, &mut Context<'_>); 3] = [
        |mailbox, cx| assert!(mailbox.poll_next(cx, &mut VecDeque::new()).is_pending()),
        |mailbox, cx| assert_eq!(mailbox.park(cx), None),
        |mailbox, cx| assert!(mailbox.poll_ended(cx).is_pending()),
    ];
    for wait in waits {
        let mailbox = Mailbox::new(1);
        let polled = [(); 2].map(|()| Arc::<Wakes>::default());
        for wakes in &polled {
            wait(&mailbox, &mut Context::from_waker(&Waker::from(wakes.clone())));
        }
        mailbox.end(Signal::Kill);
        assert_eq!(polled.map(|wakes| wakes.0.load(Ordering::SeqCst)), [0, 1]);
    }
}

#[test]
fn between_two_messages_a_stop_comes_first_and_a_drain_last() {
    let mailbox = Mailbox::new(4);
    let _messages = [sent(&mailbox, 1), sent(&mailbox, 2)];
    let mut taken = batch(&mailbox);
    taken.pop_front();
    mailbox.end(Signal::Drain);
    assert_eq!(handled(&mailbox, 1), None);
    mailbox.end(Signal::Stop);
    assert_eq!(handled(&mailbox, 1), Some(Next::Signal(Signal::Stop)));
}

#[test]
fn only_a_kill_or_another_life_interrupts_a_handler() {
    let mailbox = Mailbox::<u32>::new(1);
    let cx = Context::from_waker(Waker::noop());
    mailbox.end(Signal::Stop);
    assert_eq!((mailbox.park(&cx), mailbox.interrupted()), (None, None));
    mailbox.renew();
    assert_eq!((mailbox.park(&cx), mailbox.interrupted()), (Some(Parked::Renewed), Some(Parked::Renewed)));
    mailbox.end(Signal::Kill);
    assert_eq!((mailbox.park(&cx), mailbox.interrupted()), (Some(Parked::Killed), Some(Parked::Killed)));
}

#[test]
fn a_notice_comes_behind_what_was_accepted_before_it_and_ahead_of_what_came_later() {
    let mailbox = Mailbox::new(8);
    let _before = [sent(&mailbox, 1), sent(&mailbox, 2)];
    let mut taken = batch(&mailbox);
    mailbox.notify(notice(1));
    let _after = sent(&mailbox, 3);
    taken.pop_front();
    assert_eq!(handled(&mailbox, 1), None);
    taken.pop_front();
    assert_eq!(handled(&mailbox, 0), Some(Next::Notice(Box::new(notice(1)))));
    assert_eq!(handle_all(&mailbox), [3]);
    mailbox.notify(notice(2));
    assert_eq!(next(&mailbox, &mut taken), Poll::Ready(Next::Notice(Box::new(notice(2)))));
}

#[test]
fn a_notice_takes_no_place_and_can_be_taken_back() {
    let mailbox = Mailbox::new(1);
    mailbox.notify(notice(1));
    mailbox.notify(notice(2));
    assert_eq!(mailbox.try_push(1), Ok(()));
    assert_eq!(mailbox.try_push(2), Err(NotTaken::Full(2)));
    assert!(mailbox.take_back(WatchId(1)) && !mailbox.take_back(WatchId(1)));
    assert_eq!(next(&mailbox, &mut VecDeque::new()), Poll::Ready(Next::Notice(Box::new(notice(2)))));
}

#[test]
fn a_handler_that_waits_lets_the_line_in_first() {
    let mailbox = Mailbox::new(2);
    let _messages = [sent(&mailbox, 1), sent(&mailbox, 2)];
    let mut taken = batch(&mailbox);
    taken.pop_front();
    mailbox.handled(1);
    let lined = sent(&mailbox, 3);
    let mut late = sent(&mailbox, 4);
    assert!(lined.push_is_done());
    taken.pop_front();
    mailbox.in_hand.store(0, Ordering::SeqCst);
    assert_eq!(mailbox.park(&Context::from_waker(Waker::noop())), None);
    assert_eq!(late.poll(&mailbox), Poll::Ready(Ok(())));
}

#[test]
fn memory_of_a_burst_is_given_back_when_idle() {
    let mailbox = Mailbox::new(10_000);
    for message in 0..10_000 {
        let _ = sent(&mailbox, message);
    }
    let mut taken = VecDeque::new();
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(mailbox.poll_next(&mut cx, &mut taken), Poll::Ready(Next::Messages));
    taken.clear();
    assert!(mailbox.poll_next(&mut cx, &mut taken).is_pending());
    // Whatever the standard library rounds up to.
    assert!(taken.capacity() <= 256 && mailbox.lock().queue.capacity() <= 256);
}

/// A waker that is the last to hold something which sends, too, when it is dropped.
struct Nosy(Arc<Mailbox<u32>>, Arc<AtomicUsize>);

impl Wake for Nosy {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Nosy {
    fn drop(&mut self) {
        self.1.fetch_add(usize::from(self.0.inner.try_lock().is_err()), Ordering::SeqCst);
    }
}

#[test]
fn no_waker_is_dropped_under_the_lock() {
    let (mailbox, locked) = (Arc::new(Mailbox::new(1)), Arc::new(AtomicUsize::new(0)));
    let nosy = || Waker::from(Arc::new(Nosy(mailbox.clone(), locked.clone())));
    let poll = |push: &mut Push<u32>| mailbox.poll_push(&mut Context::from_waker(&nosy()), push);
    assert_eq!(mailbox.try_push(0), Ok(()));
    let mut pushes = [1, 2].map(Push::Fresh);
    for _ in 0..2 {
        assert!(pushes.iter_mut().all(|push| poll(push).is_pending()));
    }
    assert_eq!(mailbox.withdraw(&mut pushes[0]), Withdrawn::Back(1));
    mailbox.end(Signal::Stop);
    assert_eq!(poll(&mut pushes[1]), Poll::Ready(Err(Closed)));
    assert_eq!(locked.load(Ordering::SeqCst), 0);
}

/// A waker whose last holder panics.
struct Bomb;

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "on purpose");
    }
}

#[test]
fn a_waker_that_panics_when_it_is_dropped_leaves_the_mailbox_whole() {
    let mailbox = Arc::new(Mailbox::<u32>::new(1));
    let other = mailbox.clone();
    let panicked = std::thread::spawn(move || {
        let bomb = Waker::from(Arc::new(Bomb));
        assert!(other.poll_next(&mut Context::from_waker(&bomb), &mut VecDeque::new()).is_pending());
        drop(bomb);
        drop(next(&other, &mut VecDeque::new()));
    });
    assert!(panicked.join().is_err());
    assert!(!mailbox.inner.is_poisoned(), "it was dropped outside the lock");
    assert_eq!(mailbox.try_push(1), Ok(()));
}

#[test]
fn a_lock_that_was_poisoned_all_the_same_is_taken() {
    let mailbox = Arc::new(Mailbox::<u32>::new(1));
    let other = mailbox.clone();
    let panicked = std::thread::spawn(move || {
        let _inner = other.lock();
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(mailbox.try_push(1)));
    assert_eq!(is_done.recv_timeout(core::time::Duration::from_secs(5)), Ok(Ok(())));
}

#[test]
fn whoever_has_waited_long_enough_takes_the_room_there_is() {
    let mailbox = Mailbox::new(8);
    (0..8).for_each(|message| assert_eq!(mailbox.try_push(message), Ok(())));
    let mut taken = batch(&mailbox);
    let mut late = sent(&mailbox, 8);
    taken.pop_front();
    assert!(!mailbox.handled(7), "the line is let in by the quarter");
    assert!(late.poll(&mailbox).is_pending());
    mailbox.let_in();
    assert!(late.is_woken());
    assert_eq!(late.poll(&mailbox), Poll::Ready(Ok(())));
}
