//! What an actor has running beside its handlers: timers, sources, tasks, threads.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, StopReason, Supervision, TaskHandle};
use tokio::time::{Instant, timeout};

use super::subject::{
    Journal, Script, Subject, SubjectBlock, SubjectExt, SubjectNote, Turn, gate, idle, within,
};

fn start(options: ActorOptions) -> (System, Journal, Endpoint<Subject>) {
    let (system, journal) = (System::local(), Journal::default());
    let subject = system.prepare("a", options).unwrap().start(Subject::new("a", &journal), 0);
    (system, journal, subject)
}

fn note(n: u32) -> SubjectNote {
    SubjectNote { n }
}

async fn every(subject: &Endpoint<Subject>, every: Duration) -> TaskHandle {
    within(subject, move |ctx| {
        let mut n = 0;
        ctx.send_every(every, move || {
            n += 1;
            note(n)
        })
    })
    .await
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_timer_tells_once_when_its_time_has_come() {
    let (_system, journal, subject) = start(ActorOptions::default());
    let timer = within(&subject, |ctx| ctx.send_after(SECOND, note(1))).await;
    tokio::time::sleep(SECOND - Duration::from_millis(1)).await;
    assert_eq!(journal.take(), ["a starts"]);
    assert!(!timer.is_finished());
    tokio::time::sleep(SECOND * 10).await;
    assert_eq!(journal.take(), ["a 1"]);
    assert!(timer.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_timer_tells_nothing() {
    let (_system, journal, subject) = start(ActorOptions::default());
    let timer = within(&subject, |ctx| ctx.send_after(SECOND, note(1))).await;
    let ticks = every(&subject, SECOND).await;
    timer.cancel();
    tokio::time::sleep(SECOND * 2 + SECOND / 2).await;
    ticks.cancel();
    tokio::time::sleep(SECOND * 10).await;
    assert_eq!(journal.take(), ["a starts", "a 1", "a 2"]);
    assert!(timer.is_finished() && ticks.is_finished());
}

#[tokio::test(start_paused = true)]
async fn ticks_come_once_a_period_and_outlive_their_handle() {
    let (_system, journal, subject) = start(ActorOptions::default());
    drop(every(&subject, SECOND).await);
    tokio::time::sleep(SECOND * 3 + SECOND / 2).await;
    assert_eq!(journal.take(), ["a starts", "a 1", "a 2", "a 3"]);
}

#[tokio::test(start_paused = true)]
async fn a_period_of_no_time_is_refused() {
    let (_system, _journal, subject) = start(ActorOptions::default());
    let deed = subject.with(Box::new(|ctx| drop(ctx.send_every(Duration::ZERO, || note(1)))));
    assert!(matches!(deed.await, Err(SendError::Panicked)));
}

#[tokio::test(start_paused = true)]
async fn ticks_missed_by_a_busy_actor_are_skipped_and_at_most_one_waits() {
    let (system, journal, subject) = start(ActorOptions::default().mailbox(1));
    drop(every(&subject, SECOND).await);
    let (wait, open) = gate();
    let held = tokio::spawn(subject.hold(wait));
    tokio::time::sleep(SECOND * 20 + SECOND / 2).await;
    assert_eq!(journal.take(), ["a starts"]);
    assert_eq!(system.actors()[0].mailbox_depth, 1, "the one in hand");
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    idle().await;
    // The one that waited, and the next is due again on the beat.
    assert_eq!(journal.take(), ["a 1"]);
    tokio::time::sleep(SECOND).await;
    assert_eq!(journal.take(), ["a 2"]);
}

#[tokio::test(start_paused = true)]
async fn timers_end_with_the_life_that_set_them() {
    let (system, journal) = (System::local(), Journal::default());
    let supervision = Supervision::transient().backoff(Duration::ZERO, Duration::ZERO);
    let script = Script::default().started(Turn::Does(Box::new(|ctx| {
        ctx.send_every(SECOND, || note(7));
        ctx.send_after(SECOND * 3, note(8));
    })));
    let subject = system.supervise("a", supervision, Subject::factory("a", &journal, script));
    tokio::time::sleep(SECOND * 2 + SECOND / 2).await;
    subject.boom().await.unwrap_err();
    subject.note(1).await.unwrap();
    journal.take();
    tokio::time::sleep(SECOND * 10).await;
    assert!(journal.take().is_empty());
}

/// Counts up, as often as it is polled, and says how far it got.
struct Numbers(u32, std::sync::Arc<std::sync::atomic::AtomicU32>);

impl Stream for Numbers {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.0 += 1;
        self.1.store(self.0, std::sync::atomic::Ordering::SeqCst);
        Poll::Ready((self.0 <= 100).then_some(self.0))
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_is_drawn_from_as_fast_as_the_actor_takes_it_and_in_order() {
    let (_system, journal, subject) = start(ActorOptions::default().mailbox(4));
    let drawn = std::sync::Arc::<std::sync::atomic::AtomicU32>::default();
    let (wait, open) = gate();
    let held = tokio::spawn(subject.hold(wait));
    let numbers = Numbers(0, drawn.clone());
    let source = within_soon(&subject, move |ctx| ctx.attach(numbers, note));
    tokio::time::sleep(SECOND * 60).await;
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    let source = source.await.unwrap();
    let (wait, open) = gate();
    let held = tokio::spawn(subject.hold(wait));
    tokio::time::sleep(SECOND * 60).await;
    let so_far = drawn.load(std::sync::atomic::Ordering::SeqCst);
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    tokio::time::sleep(SECOND).await;
    assert!(source.is_finished());
    let numbers = (1..=100).map(|n| format!("a {n}"));
    let expected: Vec<_> = std::iter::once("a starts".to_owned()).chain(numbers).collect();
    assert_eq!(journal.take(), expected);
    assert!(so_far <= 101);
}

#[tokio::test(start_paused = true)]
async fn a_source_waits_for_a_full_mailbox_for_as_long_as_it_takes() {
    let (_system, journal, subject) = start(ActorOptions::default().mailbox(4));
    let drawn = std::sync::Arc::<std::sync::atomic::AtomicU32>::default();
    let numbers = Numbers(0, drawn.clone());
    let (wait, open) = gate();
    // One message, so that the source begins in the handler that then waits.
    let deed: super::subject::Deed = Box::new(move |ctx| drop(ctx.attach(numbers, note)));
    let attached = tokio::spawn(subject.with(deed));
    let held = tokio::spawn(subject.hold(wait));
    tokio::time::sleep(SECOND * 60).await;
    attached.await.unwrap().unwrap();
    let so_far = drawn.load(std::sync::atomic::Ordering::SeqCst);
    assert!(so_far <= 5, "{so_far} were drawn for 4 places");
    open.send(()).unwrap();
    held.await.unwrap().unwrap();
    tokio::time::sleep(SECOND).await;
    assert_eq!(journal.take().len(), 101);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_is_nothing_to_its_actor() {
    let (_system, _journal, subject) = start(ActorOptions::default());
    let task = within(&subject, |ctx| ctx.spawn(async { panic!("on purpose") })).await;
    idle().await;
    assert!(task.is_finished());
    assert_eq!(subject.note(1).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_never_waits_is_left_behind() {
    let (system, _journal, subject) = start(ActorOptions::default());
    let (_keep, gate) = std::sync::mpsc::channel::<()>();
    within(&subject, move |ctx| {
        drop(ctx.spawn(async move { assert!(gate.recv_timeout(SECOND * 8).is_err()) }))
    })
    .await;
    // Until it has begun.
    tokio::time::sleep(Duration::from_millis(50)).await;
    system.stop("a");
    timeout(SECOND * 7, subject.closed()).await.expect("it goes on without the task");
}

#[tokio::test]
async fn blocking_work_holds_up_nobody_else_and_its_panic_is_the_handlers() {
    let (system, _journal, subject) = start(ActorOptions::default());
    let blocker = system.start("b", Blocker, ());
    let (go, gone) = std::sync::mpsc::channel();
    let asked = tokio::spawn(blocker.compute(Box::new(move || gone.recv().unwrap())));
    tokio::task::yield_now().await;
    assert_eq!(subject.note(1).await.unwrap(), 1);
    go.send(7).unwrap();
    assert_eq!(asked.await.unwrap().unwrap(), 7);
    let error = blocker.compute(Box::new(|| panic!("over the work"))).await.unwrap_err();
    assert!(matches!(error, SendError::Panicked), "{error:?}");
    assert_eq!(blocker.ended().await, StopReason::Panicked("over the work".into()));
}

struct Blocker;

impl Actor for Blocker {
    type State = ();
}

#[handlers(local)]
impl Blocker {
    #[handler]
    async fn compute(&self, ctx: &ActorContext<Self>, work: Box<dyn FnOnce() -> u32 + Send>) -> u32 {
        ctx.spawn_blocking(work).await
    }
}

#[tokio::test]
async fn an_actor_on_its_own_thread_may_block() {
    let (system, journal, subject) = start(ActorOptions::default().own_thread());
    let neighbour = system.start("n", Subject::new("n", &Journal::default()), 0);
    // Started by it, but not its own: neither held up by it, nor ended with it.
    let noted = journal.clone();
    let started = within(&subject, move |ctx| {
        ctx.send_after(Duration::from_millis(1), note(5));
        let child = ctx.start_child(None, Subject::new("child", &noted), 0);
        (ctx.system().start("s", Subject::new("s", &noted), 0), child)
    })
    .await;
    let (open, gate) = std::sync::mpsc::channel();
    let blocked = tokio::spawn(subject.block(gate));
    tokio::task::yield_now().await;
    for other in [&neighbour, &started.0, &started.1] {
        assert_eq!(timeout(SECOND * 10, other.note(1)).await.expect("it is not held up").unwrap(), 1);
    }
    open.send(()).unwrap();
    blocked.await.unwrap().unwrap();
    assert!(system.stop_and_wait("a").await);
    assert_eq!(started.0.note(2).await.unwrap(), 2, "it outlives the one that started it");
    assert_eq!(started.1.ended().await, StopReason::Stopped);
}

#[tokio::test]
async fn a_shutdown_leaves_a_blocked_thread_behind() {
    let (system, _journal, subject) = start(ActorOptions::default().own_thread());
    let (open, gate) = std::sync::mpsc::channel();
    subject.try_tell(SubjectBlock { gate }).unwrap();
    let behind = tokio::spawn(subject.note(1));
    let before = Instant::now();
    system.shutdown().await;
    assert!(before.elapsed() < SECOND * 8);
    behind.await.unwrap().unwrap_err();
    drop(open);
    timeout(SECOND * 10, subject.closed()).await.expect("it ends once it can");
}

/// As [`within`], while the actor is busy.
fn within_soon<R: Send + 'static>(
    subject: &Endpoint<Subject>,
    deed: impl FnOnce(&ActorContext<Subject>) -> R + Send + 'static,
) -> tokio::task::JoinHandle<R> {
    let subject = subject.clone();
    tokio::spawn(async move { within(&subject, deed).await })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_actor_killed_while_it_waits_for_its_tasks_waits_on() {
    let (_system, _journal, subject) = start(ActorOptions::default());
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let (begin, begun) = tokio::sync::oneshot::channel();
    within(&subject, move |ctx| {
        drop(ctx.spawn(async move {
            begin.send(()).unwrap();
            // Until it is let go: a task that doesn't wait for anything.
            let _ = gate.recv();
        }));
    })
    .await;
    begun.await.unwrap();
    let control = subject.control();
    control.stop();
    let soon = Duration::from_millis(50);
    assert!(timeout(soon, subject.closed()).await.is_err());
    control.kill();
    assert!(timeout(soon, subject.closed()).await.is_err(), "the task might still send");
    drop(open);
    timeout(SECOND * 10, subject.closed()).await.expect("it ends once the task has");
}
