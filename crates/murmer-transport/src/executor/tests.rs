//! The executor through its doors, on runtimes that do and don't keep going.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use tokio::sync::{Notify, oneshot};

use super::*;

/// Set when it is dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn dropped() -> (Dropped, Arc<AtomicBool>) {
    let flag = Arc::new(AtomicBool::new(false));
    (Dropped(flag.clone()), flag)
}

/// Not tokio's way, which lets everybody else run first.
async fn woken_at_once() {
    let mut is_woken = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut is_woken, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Enough to be sure.
const TURNS: usize = 20;

async fn settled() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn tasks_run_whoever_wakes_them() {
    let executor = Executor::hosted();
    let (asks, answers) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (asked, answered) = (asks.clone(), answers.clone());
    executor.spawn(async move {
        loop {
            asked.notified().await;
            answered.notify_one();
        }
    });
    for _ in 0..3 {
        asks.notify_one();
        answers.notified().await;
    }
}

#[tokio::test]
async fn others_have_a_turn_whenever_a_task_asks_for_it() {
    let executor = Executor::hosted();
    let turns = Arc::new(AtomicUsize::new(0));
    let (seen, (done, is_done)) = (turns.clone(), oneshot::channel());
    let asks = executor.clone();
    executor.spawn(async move {
        let mut between = Vec::new();
        for _ in 0..TURNS {
            let before = seen.load(Ordering::SeqCst);
            asks.let_others_run();
            woken_at_once().await;
            between.push(seen.load(Ordering::SeqCst) - before);
        }
        done.send(between).unwrap();
    });
    tokio::spawn(async move {
        loop {
            turns.fetch_add(1, Ordering::SeqCst);
            woken_at_once().await;
        }
    });
    let between = is_done.await.unwrap();
    assert!(between.iter().all(|turns| *turns > 0), "{between:?}");
}

#[tokio::test]
async fn a_task_that_panics_ends_alone() {
    let executor = Executor::hosted();
    let (done, is_done) = oneshot::channel();
    executor.spawn(async { panic!("on purpose") });
    executor.spawn(async move { done.send(()).unwrap() });
    is_done.await.unwrap();
}

/// Panics when it is dropped, and what it panics with does so, too.
struct Thorny;

impl Drop for Thorny {
    fn drop(&mut self) {
        if !thread::panicking() {
            std::panic::panic_any(Self);
        }
    }
}

#[tokio::test]
async fn what_panics_as_it_is_dropped_takes_nobody_along() {
    let executor = Executor::hosted();
    let held = |thorny| async move {
        let _held: Thorny = thorny;
        std::future::pending::<()>().await;
    };
    let group = executor.group();
    group.spawn(held(Thorny));
    executor.spawn(async { drop(Thorny) });
    settled().await;
    drop(group);
    settled().await;
    let (done, is_done) = oneshot::channel();
    executor.spawn(async move { done.send(()).unwrap() });
    is_done.await.unwrap();
}

#[tokio::test]
async fn what_is_ended_is_dropped_and_so_is_what_comes_later() {
    let executor = Executor::hosted();
    let ((one, one_dropped), (other, other_dropped)) = (dropped(), dropped());
    let forever = |held| async move {
        let _held = held;
        std::future::pending::<()>().await;
    };
    executor.spawn(forever(one));
    settled().await;
    assert!(!one_dropped.load(Ordering::SeqCst));
    executor.end();
    assert!(one_dropped.load(Ordering::SeqCst));
    executor.spawn(forever(other));
    assert!(other_dropped.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_group_ends_with_its_owner_and_takes_nothing_else_along() {
    let executor = Executor::hosted();
    let (held, is_dropped) = dropped();
    let (go, on) = oneshot::channel::<()>();
    let (done, is_done) = oneshot::channel();
    let group = executor.group();
    group.spawn(async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    executor.spawn(async move {
        on.await.unwrap();
        done.send(()).unwrap();
    });
    settled().await;
    drop(group);
    settled().await;
    assert!(is_dropped.load(Ordering::SeqCst));
    go.send(()).unwrap();
    is_done.await.unwrap();
}

#[tokio::test]
async fn a_host_is_over_when_nobody_can_bring_a_task_any_more() {
    let executor = Executor::new();
    let host = tokio::spawn(executor.host());
    let (go, on) = oneshot::channel::<()>();
    executor.spawn(async move { drop(on.await) });
    settled().await;
    drop(executor);
    settled().await;
    assert!(!host.is_finished(), "a task is left");
    drop(go);
    host.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn timers_fire_in_their_order_and_a_later_one_can_be_moved_before() {
    let executor = Executor::hosted();
    let begun = Instant::now();
    let (ends, mut ended) = tokio::sync::mpsc::channel(3);
    for millis in [300, 100, 200] {
        let (handle, ends) = (executor.clone(), ends.clone());
        executor.spawn(async move {
            let mut timer = handle.timer((begun + Duration::from_secs(9)).into_std());
            assert!(poll_fn(|cx| Poll::Ready(timer.poll(cx))).await.is_pending());
            timer.reset((begun + Duration::from_millis(millis)).into_std());
            poll_fn(|cx| timer.poll(cx)).await;
            ends.send((millis, begun.elapsed())).await.unwrap();
        });
    }
    for millis in [100, 200, 300] {
        let (which, after) = ended.recv().await.unwrap();
        assert_eq!(which, millis);
        assert!(after >= Duration::from_millis(millis) && after < Duration::from_millis(millis + 50));
    }
}

#[test]
fn whoever_stands_in_runs_tasks_only_while_the_host_does_not() {
    let executor = Executor::new();
    let (block, is_blocked) = mpsc::channel();
    let (unblock, unblocked) = mpsc::channel::<()>();
    let handle = executor.clone();
    let busy = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let host = tokio::spawn(handle.host());
            settled().await;
            block.send(()).unwrap();
            // What handlers should not do, and do.
            unblocked.recv().unwrap();
            host.await.unwrap();
        });
    });
    is_blocked.recv().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (ran, by) = (Arc::new(AtomicUsize::new(0)), thread::current().id());
    let counted = ran.clone();
    executor.spawn(async move {
        assert_eq!(thread::current().id(), by);
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let _in_runtime = runtime.enter();
    let mut watch = Watch::default();
    let looks: Vec<_> = (0..=MISSED_MAX + 1).map(|_| executor.stand_in(&mut watch)).collect();
    assert_eq!(looks, [false, false, false, true, true], "first it is given time");
    assert_eq!(ran.load(Ordering::SeqCst), 1);
    unblock.send(()).unwrap();
    let (done, is_done) = mpsc::channel();
    executor.spawn(async move {
        assert_ne!(thread::current().id(), by);
        done.send(()).unwrap();
    });
    is_done.recv().unwrap();
    assert!(!executor.stand_in(&mut watch), "the host is back");
    executor.end();
    busy.join().unwrap();
}

#[tokio::test]
async fn a_task_that_comes_after_one_from_inside_is_noticed() {
    let executor = Executor::hosted();
    let inside = executor.clone();
    executor.spawn(async move { inside.spawn(std::future::pending()) });
    settled().await;
    let (done, is_done) = oneshot::channel();
    executor.spawn(async move { done.send(()).unwrap() });
    tokio::time::timeout(Duration::from_secs(10), is_done).await.expect("it runs").unwrap();
}
