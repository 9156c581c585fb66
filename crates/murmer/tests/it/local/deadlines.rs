//! How much time there is for an answer, and who inherits it.

use std::time::Duration;

use murmer::Delivery;
use murmer::prelude::*;
use tokio::time::Instant;

use super::subject::{Journal, Subject, SubjectExt, gate, idle};

/// Asks another one of its kind, in several ways.
struct Link {
    next: Option<Endpoint<Self>>,
}

impl Actor for Link {
    type State = ();
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    Inherit,
    Anew(Duration),
    Spawn,
}

#[handlers(local)]
impl Link {
    /// The time that the last link of the chain has left.
    #[handler]
    async fn remaining(&self, ctx: &ActorContext<Self>, how: How) -> Option<Duration> {
        let Some(next) = self.next.clone() else { return ctx.remaining() };
        let ask = next.remaining(how);
        match how {
            How::Inherit => ask.await.unwrap(),
            How::Anew(after) => ask.timeout(after).await.unwrap(),
            How::Spawn => tokio::spawn(ask).await.unwrap().unwrap(),
        }
    }

    /// Asks one that never answers.
    #[handler]
    async fn wait(&self, of: Endpoint<Subject>) -> Result<(), SendError> {
        of.hold(super::subject::for_ever()).await
    }
}

fn chain(length: usize) -> (System, Endpoint<Link>) {
    let system = System::local();
    let mut next = None;
    for _ in 0..length {
        next = Some(system.start_anonymous(Link { next }, ()));
    }
    (system, next.unwrap())
}

const TEN: Duration = Duration::from_secs(10);

#[tokio::test(start_paused = true)]
async fn a_chain_of_asks_has_the_time_of_the_first() {
    let (_system, first) = chain(4);
    assert_eq!(first.remaining(How::Inherit).await.unwrap(), None, "without end");
    assert_eq!(first.remaining(How::Inherit).timeout(TEN).await.unwrap(), Some(TEN));
    assert_eq!(first.remaining(How::Inherit).await.unwrap(), None, "nothing is left of the one before");
}

#[tokio::test(start_paused = true)]
async fn an_ask_may_set_its_own_time_and_a_task_of_its_own_inherits_none() {
    let (_system, first) = chain(2);
    let minute = Duration::from_secs(60);
    assert_eq!(first.remaining(How::Anew(minute)).timeout(TEN).await.unwrap(), Some(minute));
    assert_eq!(first.remaining(How::Spawn).timeout(TEN).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn an_inherited_ask_ends_with_the_first_and_frees_whoever_waits() {
    let (system, first) = chain(1);
    let subject = system.start("a", Subject::new("a", &Journal::default()), 0);
    let before = Instant::now();
    let error = first.wait(subject).timeout(TEN).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { after: TEN, delivery: Delivery::Maybe }), "{error:?}");
    idle().await;
    assert_eq!(first.remaining(How::Inherit).await.unwrap(), None, "it is free for others");
    assert!(before.elapsed() < TEN + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn an_ask_whose_time_is_over_before_its_turn_is_not_handled() {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.start("a", Subject::new("a", &journal), 0);
    let (wait, open) = gate();
    let held = tokio::spawn(subject.hold(wait));
    idle().await;
    let error = subject.note(1).timeout(TEN).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { after: TEN, .. }), "{error:?}");
    let kept = tokio::spawn(subject.note(2));
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    assert_eq!(kept.await.unwrap().unwrap(), 1);
    assert_eq!(journal.take(), ["a starts", "a 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_time_beyond_all_time_is_no_limit() {
    let (_system, first) = chain(1);
    assert_eq!(first.remaining(How::Inherit).timeout(Duration::MAX).await.unwrap(), None);
}
