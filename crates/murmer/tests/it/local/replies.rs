//! Handlers that answer later, or let another actor answer.

use std::time::Duration;

use murmer::Delivery;
use murmer::prelude::*;

use crate::actors::{Clerk, ClerkExt, ClerkWait, Probe, ProbeExt, ProbeNote};

#[tokio::test]
async fn an_answer_may_be_kept_and_given_by_a_later_message() {
    let clerk = System::local().start("clerk", Clerk, vec![]);
    let (waited, released) = tokio::join!(biased; clerk.wait(7), clerk.release());
    assert_eq!((waited.unwrap(), released.unwrap()), (7, 1));
}

#[tokio::test]
async fn an_answer_may_be_given_by_a_task() {
    let clerk = System::local().start("clerk", Clerk, vec![]);
    assert_eq!(clerk.delegate(7).await.unwrap(), 14);
}

#[tokio::test]
async fn an_answer_may_come_from_the_actor_the_message_was_forwarded_to() {
    let system = System::local();
    let probe = system.start("probe", Probe, vec![]);
    let clerk = system.start("clerk", Clerk, vec![]);
    assert_eq!(clerk.refer(probe.actor_ref(), 7).await.unwrap(), 7);
}

#[tokio::test]
async fn a_handler_that_lets_go_of_its_reply_is_told_to_the_caller() {
    let clerk = System::local().start("clerk", Clerk, vec![]);
    let error = clerk.lose(7).await.unwrap_err();
    assert!(matches!(error, SendError::NoReply), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Handled);
}

#[tokio::test]
async fn an_answer_still_kept_when_the_actor_ends_is_none() {
    let system = System::local();
    let clerk = system.start("clerk", Clerk, vec![]);
    let (waited, ()) = tokio::join!(biased; clerk.wait(7), async {
        clerk.idle().await.unwrap();
        system.stop("clerk");
    });
    assert!(matches!(waited.unwrap_err(), SendError::NoReply));
}

#[tokio::test]
async fn a_panic_takes_the_reply_in_hand_with_it() {
    let clerk = System::local().start("clerk", Clerk, vec![]);
    assert!(matches!(clerk.fumble(7).await.unwrap_err(), SendError::Panicked));
}

#[tokio::test]
async fn a_reply_to_a_tell_is_for_nobody() {
    let clerk = System::local().start("clerk", Clerk, vec![]);
    clerk.wait(7).tell().await.unwrap();
    assert_eq!(clerk.wanted().await.unwrap(), 0);
    assert_eq!(clerk.release().await.unwrap(), 1, "and sending there does no harm");
}

#[tokio::test(start_paused = true)]
async fn a_handler_sees_that_nobody_waits_for_its_answer_any_more() {
    let clerk = System::local().start("clerk", Clerk, vec![]);
    let after = Duration::from_secs(1);
    let error = clerk.wait(7).timeout(after).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { delivery: Delivery::Maybe, .. }), "{error:?}");
    assert_eq!(clerk.wanted().await.unwrap(), 0);
}

#[tokio::test]
async fn a_recipient_gets_a_late_answer_too() {
    let clerk = System::local().start("clerk", Clerk, vec![]);
    let recipient = clerk.recipient::<ClerkWait>();
    let (waited, _) = tokio::join!(biased; recipient.send(ClerkWait { n: 7 }), clerk.release());
    assert_eq!(waited.unwrap(), 7);
}

/// Lets another actor answer.
struct Relay;

impl Actor for Relay {
    type State = Endpoint<Probe>;
}

#[handlers(local)]
impl Relay {
    #[handler]
    async fn relay(&self, to: &mut Endpoint<Probe>, n: u32, reply: ReplyTo<()>) {
        // If that fails, the reply has said so.
        let _ = to.forward(ProbeNote { n }, reply).await;
    }
}

#[tokio::test]
async fn a_tell_that_is_forwarded_is_handled_though_nobody_waits_for_an_answer() {
    let system = System::local();
    let probe = system.start("probe", Probe, vec![]);
    let relay = system.start("relay", Relay, probe.clone());
    relay.relay(7).tell().await.unwrap();
    relay.relay(8).await.unwrap();
    assert_eq!(probe.noted().await.unwrap(), [7, 8]);
}
