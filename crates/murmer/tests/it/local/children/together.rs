//! Siblings that lie down and begin again together.

use std::time::Duration;

use murmer::prelude::*;
use murmer::{ChildStrategy, StopReason, Supervision};
use tokio::time::timeout;

use super::super::subject::{Journal, Script, Subject, SubjectExt, Turn, gate, idle, within};
use super::{Home, SOON};

/// Nothing at the first start.
fn after_the_first(turn: Turn) -> Script {
    Script::default().started(Turn::Does(Box::new(|_| ()))).started(turn)
}

/// The starts and ends among the lines.
fn order(journal: &Journal) -> Vec<String> {
    let mut lines = journal.take();
    lines.retain(|line| line.ends_with("starts") || line.ends_with("is gone"));
    lines
}

#[tokio::test(start_paused = true)]
async fn they_lie_down_youngest_first_and_begin_oldest_first() {
    let cases: [(_, &[&str]); 2] = [
        (
            ChildStrategy::OneForAll,
            &["y is gone", "z is gone", "x is gone", "x starts", "y starts", "z starts"],
        ),
        (ChildStrategy::RestForOne, &["y is gone", "z is gone", "y starts", "z starts"]),
    ];
    for (strategy, expected) in cases {
        let home = Home::new(strategy);
        let mut children = Vec::new();
        for name in ["x", "y", "z"] {
            children.push(home.child(name, Script::default()).await);
        }
        home.journal.take();
        children[1].boom().await.unwrap_err();
        idle().await;
        assert_eq!(order(&home.journal), expected, "{strategy:?}");
        for child in &children {
            child.note(1).await.unwrap();
        }
        let restarts: Vec<_> = home.system.actors()[1..].iter().map(|info| info.restarts).collect();
        assert_eq!(restarts, if strategy == ChildStrategy::OneForAll { [1, 1, 1] } else { [0, 1, 1] });
    }
}

#[tokio::test(start_paused = true)]
async fn each_begins_only_once_the_one_before_it_has_begun() {
    let home = Home::new(ChildStrategy::OneForAll);
    let (wait, open) = gate();
    let x = home.child("x", after_the_first(Turn::Waits(wait))).await;
    let y = home.child("y", Script::default()).await;
    home.journal.take();
    y.boom().await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(order(&home.journal), ["y is gone", "x is gone", "x starts"]);
    open.send(()).unwrap();
    y.note(1).await.unwrap();
    x.note(1).await.unwrap();
    assert_eq!(order(&home.journal), ["y starts"]);
}

#[tokio::test(start_paused = true)]
async fn a_child_whose_handler_waits_for_the_one_that_failed_lies_down_all_the_same() {
    for strategy in [ChildStrategy::OneForAll, ChildStrategy::RestForOne] {
        let home = Home::new(strategy);
        let x = home.child("x", Script::default()).await;
        let y = home.child("y", Script::default()).await;
        let (wait, open) = gate();
        let in_hand = tokio::spawn(x.hold(wait));
        idle().await;
        let boom = tokio::spawn(x.boom());
        idle().await;
        // Behind the message that fails: it waits for x's next life, and that waits for y.
        let asked = x.clone();
        let waiting = tokio::spawn(y.hold(Box::pin(async move { drop(asked.note(1).await) })));
        idle().await;
        open.send(()).unwrap();
        in_hand.await.unwrap().unwrap();
        boom.await.unwrap().unwrap_err();
        assert!(timeout(SOON, waiting).await.expect("it is broken off").unwrap().is_err());
        assert_eq!(timeout(SOON, y.note(2)).await.expect("both live").unwrap(), 1);
        assert_eq!(x.note(2).await.unwrap(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_up_that_waits_for_an_older_sibling_does_not_hold_up_that_ones_restart() {
    let home = Home::new(ChildStrategy::OneForAll);
    let x = home.child("x", Script::default()).await;
    let asked = x.clone();
    // Its second start-up makes x fail, and asks it.
    let script = after_the_first(Turn::Waits(Box::pin(async move {
        asked.boom().tell().await.unwrap();
        drop(asked.note(1).await);
    })));
    let y = home.child("y", script).await;
    y.boom().await.unwrap_err();
    assert_eq!(timeout(SOON, y.note(2)).await.expect("it begins").unwrap(), 1);
    timeout(SOON, x.note(2)).await.expect("it begins, too").unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_that_never_restarts_ends_with_its_siblings() {
    let home = Home::new(ChildStrategy::OneForAll);
    let plain = home.plain("plain").await;
    let noted = home.journal.clone();
    let temporary = within(&home.parent, move |ctx| {
        ctx.supervise_child(None, Supervision::temporary(), Subject::factory("t", &noted, Script::default()))
    })
    .await;
    let x = home.child("x", Script::default()).await;
    home.journal.take();
    x.boom().await.unwrap_err();
    assert_eq!(timeout(SOON, x.note(1)).await.expect("it begins").unwrap(), 1);
    assert_eq!(plain.ended().await, StopReason::Stopped);
    assert_eq!(temporary.ended().await, StopReason::Stopped);
    assert_eq!(order(&home.journal), ["x is gone", "t is gone", "plain is gone", "x starts"]);
}

#[tokio::test(start_paused = true)]
async fn a_sibling_begins_again_though_the_one_that_failed_is_stopped_meanwhile() {
    let home = Home::new(ChildStrategy::OneForAll);
    let (wait, open) = gate();
    let x = home.child("x", Script::default().stopped(Turn::Waits(wait))).await;
    let y = home.child("y", Script::default()).await;
    y.boom().await.unwrap_err();
    idle().await;
    // x is about to lie down for y, which waits for that.
    y.control().stop();
    timeout(SOON, y.closed()).await.expect("it waits for nobody");
    open.send(()).unwrap();
    assert_eq!(timeout(SOON, x.note(1)).await.expect("it begins again").unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_clean_up_that_waits_for_a_sibling_is_bounded() {
    let home = Home::new(ChildStrategy::OneForAll);
    let y = std::sync::Arc::new(std::sync::OnceLock::<Endpoint<Subject>>::new());
    let asked = y.clone();
    let script = Script::default().stopped(Turn::Waits(Box::pin(async move {
        drop(asked.get().unwrap().note(1).await);
    })));
    let x = home.child("x", script).await;
    let child = home.child("y", Script::default()).await;
    y.set(child.clone()).unwrap();
    child.boom().await.unwrap_err();
    assert_eq!(timeout(SOON, x.note(2)).await.expect("it goes on").unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_up_that_fails_is_tried_again_before_the_younger_ones_begin() {
    let home = Home::new(ChildStrategy::OneForAll);
    let second = Duration::from_secs(1);
    let x = home.supervised("x", after_the_first(Turn::Fails), second).await;
    let y = home.child("y", Script::default()).await;
    home.journal.take();
    y.boom().await.unwrap_err();
    y.note(1).await.unwrap();
    x.note(1).await.unwrap();
    let expected = ["y is gone", "x is gone", "x starts", "x is gone", "x starts", "y starts"];
    assert_eq!(order(&home.journal), expected);
}

#[tokio::test(start_paused = true)]
async fn one_that_gives_up_does_not_hold_up_the_others() {
    let home = Home::new(ChildStrategy::OneForAll);
    let noted = home.journal.clone();
    let x = within(&home.parent, move |ctx| {
        let never = Supervision::transient().limit(0, Duration::from_secs(1));
        ctx.supervise_child(None, never, Subject::factory("x", &noted, after_the_first(Turn::Fails)))
    })
    .await;
    let y = home.child("y", Script::default()).await;
    y.boom().await.unwrap_err();
    assert_eq!(timeout(SOON, y.note(1)).await.expect("it begins").unwrap(), 1);
    assert!(matches!(x.ended().await, StopReason::RestartLimit(_)));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_laid_down_before_its_first_poll_lies_down() {
    let home = Home::new(ChildStrategy::OneForAll);
    let x = home.child("x", Script::default()).await;
    // A runtime that nobody drives yet.
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (handle, noted) = (other.handle().clone(), home.journal.clone());
    let y = within(&home.parent, move |ctx| {
        let _in = handle.enter();
        let at_once = Supervision::transient().backoff(Duration::ZERO, Duration::ZERO);
        ctx.supervise_child(None, at_once, Subject::factory("y", &noted, Script::default()))
    })
    .await;
    home.journal.take();
    x.boom().await.unwrap_err();
    idle().await;
    assert_eq!(order(&home.journal), ["x is gone"], "x waits for y to lie down");
    let (done, is_done) = tokio::sync::oneshot::channel();
    let asked = y.clone();
    let driver = std::thread::spawn(move || {
        other.block_on(async move {
            asked.note(1).await.unwrap();
            drop(is_done.await);
        });
    });
    x.note(1).await.unwrap();
    y.note(2).await.unwrap();
    done.send(()).unwrap();
    tokio::task::spawn_blocking(|| driver.join().unwrap()).await.unwrap();
    assert_eq!(order(&home.journal)[..4], ["y starts", "y is gone", "x starts", "y starts"]);
}
