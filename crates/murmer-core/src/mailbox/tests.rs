//! The mailbox, one poll at a time.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Wake;

use super::{Closed, Mailbox, Push, Withdrawn};

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
    let _ = mailbox.poll_batch(&mut Context::from_waker(Waker::noop()), &mut batch);
    batch
}

/// Handles everything there is, as the actor would.
fn handle_all(mailbox: &Mailbox<u32>) -> Vec<u32> {
    let mut handled = Vec::new();
    loop {
        let batch = batch(mailbox);
        if batch.is_empty() {
            return handled;
        }
        for message in batch {
            handled.push(message);
            mailbox.handled();
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
    mailbox.handled();
    assert_eq!(handle_all(&mailbox), [2, 3]);
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
fn closing_refuses_those_in_line_and_those_who_come() {
    let mailbox = Mailbox::new(1);
    let _first = sent(&mailbox, 1);
    let mut lined = sent(&mailbox, 2);
    let mut quitter = sent(&mailbox, 3);
    mailbox.close();
    assert_eq!(mailbox.withdraw(&mut quitter.push), Withdrawn::Refused);
    assert!(lined.is_woken());
    assert_eq!(lined.poll(&mailbox), Poll::Ready(Err(Closed)));
    assert_eq!(Sender::new(3).poll(&mailbox), Poll::Ready(Err(Closed)));
    assert!(handle_all(&mailbox).is_empty());
}

#[test]
fn a_sender_whose_message_got_in_before_the_close_is_not_told_otherwise() {
    let mailbox = Mailbox::new(1);
    let _first = sent(&mailbox, 1);
    let mut lined = sent(&mailbox, 2);
    assert_eq!(handle_all(&mailbox), [1, 2]);
    mailbox.close();
    assert_eq!(lined.poll(&mailbox), Poll::Ready(Ok(())));
}

#[test]
fn a_close_wakes_an_idle_actor() {
    let mailbox = Mailbox::<u32>::new(1);
    let wakes = Arc::<Wakes>::default();
    let waker = Waker::from(wakes.clone());
    let mut batch = VecDeque::new();
    assert!(mailbox.poll_batch(&mut Context::from_waker(&waker), &mut batch).is_pending());
    mailbox.close();
    assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
    assert_eq!(mailbox.poll_batch(&mut Context::from_waker(&waker), &mut batch), Poll::Ready(false));
}

#[test]
fn memory_of_a_burst_is_given_back_when_idle() {
    let mailbox = Mailbox::new(10_000);
    for message in 0..10_000 {
        let _ = sent(&mailbox, message);
    }
    let mut taken = VecDeque::new();
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(mailbox.poll_batch(&mut cx, &mut taken), Poll::Ready(true));
    taken.drain(..).for_each(|_| mailbox.handled());
    assert!(mailbox.poll_batch(&mut cx, &mut taken).is_pending());
    assert!(taken.capacity() <= 2 * super::IDLE_MESSAGES_MAX);
    assert!(mailbox.lock().queue.capacity() <= 2 * super::IDLE_MESSAGES_MAX);
}
