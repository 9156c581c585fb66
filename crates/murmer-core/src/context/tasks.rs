//! What an actor has running beside its handlers, for as long as its life lasts: tasks, timers, sources.

use core::future::poll_fn;
use core::task::{Poll, ready};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_core::Stream;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use super::ActorContext;
use crate::contained::contained;
use crate::{Accepts, Handlers, Message};

/// Something that runs on behalf of an actor. Dropping the handle leaves it running; the end of the actor's
/// life ends it.
///
/// # Examples
///
/// ```
/// # use std::time::Duration;
/// # use murmer::{TaskHandle, prelude::*};
/// # struct Alarm; impl Actor for Alarm { type State = Option<TaskHandle>; }
/// #[handlers]
/// impl Alarm {
///     #[handler]
///     fn set(&self, ctx: &ActorContext<Self>, task: &mut Option<TaskHandle>, secs: u64) {
///         let next = ctx.send_after(Duration::from_secs(secs), AlarmRing {});
///         if let Some(last) = task.replace(next) {
///             last.cancel();
///         }
///     }
///
///     #[handler]
///     fn ring(&self, ctx: &ActorContext<Self>) {
///         ctx.stop();
///     }
/// }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), SendError> {
///
/// # let before = tokio::time::Instant::now();
/// let alarm = System::local().start("alarm", Alarm, None);
/// alarm.set(5).await?;
/// alarm.set(60).await?;
/// alarm.closed().await;
/// assert_eq!(before.elapsed().as_secs(), 60);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct TaskHandle {
    task: AbortHandle,
}

impl TaskHandle {
    /// Ends it, where it waits next. A timer's message that is in the mailbox already will be handled.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Clock; impl Actor for Clock { type State = u32; }
    /// #[handlers]
    /// impl Clock {
    ///     #[handler]
    ///     fn tick(&self, ticks: &mut u32) {
    ///         *ticks += 1;
    ///     }
    ///
    ///     /// Ticks each second, for so long.
    ///     #[handler]
    ///     async fn run(&self, ctx: &ActorContext<Self>, secs: u64) {
    ///         let ticking = ctx.send_every(Duration::from_secs(1), || ClockTick {});
    ///         tokio::time::sleep(Duration::from_secs(secs)).await;
    ///         ticking.cancel();
    ///     }
    /// #   #[handler] fn ticks(&self, ticks: &mut u32) -> u32 { *ticks }
    /// }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), SendError> {
    ///
    /// let clock = System::local().start("clock", Clock, 0);
    /// clock.run(3).await?;
    /// let ticks = clock.ticks().await?;
    /// # assert!(ticks >= 2);
    /// tokio::time::sleep(Duration::from_secs(60)).await;
    /// assert_eq!(clock.ticks().await?, ticks);
    /// # Ok(()) }
    /// ```
    pub fn cancel(&self) {
        self.task.abort();
    }

    /// Whether it has run to its end, or been ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::TaskHandle;
    /// # struct Desk; impl Actor for Desk { type State = (); }
    /// # #[handlers(local)] impl Desk {
    /// #     #[handler] fn wait(&self, ctx: &ActorContext<Self>) -> TaskHandle { ctx.spawn(core::future::pending()) }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let desk = System::local().start("desk", Desk, ());
    /// let task = desk.wait().await?; // what ctx.spawn(…) has returned
    /// assert!(!task.is_finished());
    ///
    /// desk.control().stop_and_wait().await; // ends its tasks, too
    /// assert!(task.is_finished());
    /// # Ok(()) }
    /// ```
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

/// The tasks of one life.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    set: Mutex<Option<JoinSet<()>>>,
}

impl Tasks {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> TaskHandle {
        let mut set = self.lock();
        let set = set.get_or_insert_default();
        while set.try_join_next().is_some() {}
        let task = set.spawn(async {
            if let Err(panic) = contained(task).await {
                tracing::error!(panic, "a task of an actor panicked; the actor goes on");
            }
        });
        TaskHandle { task }
    }

    /// Ends all of them, and waits until they have ended, for at most `wait`.
    ///
    /// # Cancel safety
    ///
    /// Called again, it goes on.
    pub(crate) async fn end(&self, wait: Duration) {
        match &mut *self.lock() {
            Some(set) => set.abort_all(),
            None => return,
        }
        let ended = poll_fn(|cx| {
            let mut set = self.lock();
            let Some(set) = &mut *set else { return Poll::Ready(()) };
            while ready!(set.poll_join_next(cx)).is_some() {}
            Poll::Ready(())
        });
        if tokio::time::timeout(wait, ended).await.is_err() {
            tracing::warn!(?wait, "a task of an actor doesn't wait for anything; going on without it");
        }
        let left = self.lock().take();
        drop(left);
    }

    fn lock(&self) -> MutexGuard<'_, Option<JoinSet<()>>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Handlers> ActorContext<A> {
    /// Runs `task` beside the actor, until it ends or this life of the actor does.
    ///
    /// What it asks inherits nothing of the message in hand.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime; handlers and hooks always run in one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Desk; impl Actor for Desk { type State = Vec<String>; }
    /// #[handlers]
    /// impl Desk {
    ///     #[handler]
    ///     fn fetch(&self, ctx: &ActorContext<Self>, reply: ReplyTo<usize>) {
    ///         let desk = ctx.endpoint();
    ///         ctx.spawn(async move {
    ///             let text = "what took a while".to_owned();
    ///             if let Ok(count) = desk.fetched(text).await {
    ///                 reply.send(count);
    ///             }
    ///         });
    ///     }
    ///
    ///     #[handler]
    ///     fn fetched(&self, texts: &mut Vec<String>, text: String) -> usize {
    ///         texts.push(text);
    ///         texts.len()
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let desk = System::local().start("desk", Desk, Vec::new());
    /// assert_eq!(desk.fetch().await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> TaskHandle {
        self.tasks.spawn(task)
    }

    /// Runs blocking or long computing `work` on a thread for such, and waits for its result. Meanwhile this
    /// actor handles nothing else, but no other actor is held up.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future, or the end of the actor, does not end the work; its result is dropped.
    ///
    /// # Panics
    ///
    /// When `work` does, with the same panic, so that the handler fails as if it had done the work itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Archive; impl Actor for Archive { type State = (); }
    /// #[handlers]
    /// impl Archive {
    ///     #[handler]
    ///     async fn count(&self, ctx: &ActorContext<Self>, folder: String) -> Option<usize> {
    ///         ctx.spawn_blocking(|| Some(std::fs::read_dir(folder).ok()?.count())).await
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let archive = System::local().start("archive", Archive, ());
    /// assert!(archive.count("/".into()).await?.is_some());
    /// assert_eq!(archive.count("/no/such/folder".into()).await?, None);
    /// # Ok(()) }
    /// ```
    pub async fn spawn_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Cancelled only while the runtime ends, and then nobody polls this again.
                Err(_) => core::future::pending().await,
            },
        }
    }

    /// Tells this actor `message` once `after` has passed. If the mailbox is full then, it waits for room.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Session;
    /// impl Actor for Session {
    ///     type State = ();
    ///
    ///     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut ()) -> Result<(), StartFailure> {
    ///         ctx.send_after(Duration::from_secs(60), SessionExpire {});
    ///         Ok(())
    ///     }
    /// }
    ///
    /// #[handlers]
    /// impl Session {
    ///     #[handler]
    ///     fn expire(&self, ctx: &ActorContext<Self>) {
    ///         ctx.stop();
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    ///
    /// # let before = tokio::time::Instant::now();
    /// let session = System::local().start("session", Session, ());
    /// session.closed().await;
    /// assert_eq!(before.elapsed().as_secs(), 60);
    /// # }
    /// ```
    pub fn send_after<M: Message>(&self, after: Duration, message: M) -> TaskHandle
    where
        A: Accepts<M>,
    {
        let endpoint = self.endpoint();
        self.spawn(async move {
            tokio::time::sleep(after).await; // tidy: sleep that is what a timer does
            // Refused only by an actor that is ending.
            let _ = endpoint.tell(message).patiently().await;
        })
    }

    /// Tells this actor what `message` makes, `every` so often, for the first time after one such period. For a
    /// handler `fn tick(&mut self)` of a `Clock` that is `|| ClockTick {}`.
    ///
    /// At most one of them waits for room in a full mailbox; ticks that pass meanwhile are skipped, so
    /// they never pile up.
    ///
    /// # Panics
    ///
    /// If `every` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Clock;
    /// impl Actor for Clock {
    ///     type State = u32;
    ///
    ///     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut u32) -> Result<(), StartFailure> {
    ///         ctx.send_every(Duration::from_secs(1), || ClockTick {});
    ///         Ok(())
    ///     }
    /// }
    ///
    /// #[handlers]
    /// impl Clock {
    ///     #[handler]
    ///     fn tick(&self, ctx: &ActorContext<Self>, ticks: &mut u32) {
    ///         *ticks += 1;
    ///         if *ticks == 3 {
    ///             ctx.stop();
    ///         }
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    ///
    /// # let before = tokio::time::Instant::now();
    /// System::local().start("clock", Clock, 0).closed().await;
    /// assert_eq!(before.elapsed().as_secs(), 3);
    /// # }
    /// ```
    pub fn send_every<M: Message>(
        &self,
        every: Duration,
        mut message: impl FnMut() -> M + Send + 'static,
    ) -> TaskHandle
    where
        A: Accepts<M>,
    {
        assert!(!every.is_zero(), "a period of no time never passes");
        let endpoint = self.endpoint();
        self.spawn(async move {
            let mut ticks = tokio::time::interval_at(Instant::now() + every, every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                ticks.tick().await;
                if endpoint.tell(message()).patiently().await.is_err() {
                    return;
                }
                // One that has passed meanwhile would come at once, and the others be skipped.
                poll_fn(|cx| Poll::Ready(ticks.poll_tick(cx).is_ready())).await;
            }
        })
    }

    /// Tells this actor what `message` makes of each item of `stream`, in order, until either ends. A full
    /// mailbox makes the stream wait.
    ///
    /// # Examples
    ///
    /// ```
    /// # use core::{ops::Range, pin::Pin, task::{Context, Poll}};
    /// # use murmer::prelude::*;
    /// # struct Numbers(Range<u64>);
    /// # impl Stream for Numbers {
    /// #     type Item = u64;
    /// #     fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
    /// #         Poll::Ready(self.0.next())
    /// #     }
    /// # }
    /// # struct Sum;
    /// impl Actor for Sum {
    ///     type State = u64;
    ///
    ///     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut u64) -> Result<(), StartFailure> {
    ///         ctx.attach(Numbers(1..4), |n| SumAdd { n }); // a stream of 1, 2, 3
    ///         Ok(())
    ///     }
    /// }
    ///
    /// #[handlers]
    /// impl Sum {
    ///     #[handler]
    ///     fn add(&self, sum: &mut u64, n: u64) -> u64 {
    ///         *sum += n;
    ///         *sum
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), SendError> {
    ///
    /// let sum = System::local().start("sum", Sum, 0);
    /// tokio::time::sleep(core::time::Duration::from_secs(1)).await; // far longer than it takes
    /// assert_eq!(sum.add(0).await?, 6);
    /// # Ok(()) }
    /// ```
    pub fn attach<S, M: Message>(
        &self,
        stream: S,
        mut message: impl FnMut(S::Item) -> M + Send + 'static,
    ) -> TaskHandle
    where
        A: Accepts<M>,
        S: Stream + Send + 'static,
        S::Item: Send,
    {
        let endpoint = self.endpoint();
        self.spawn(async move {
            let mut stream = core::pin::pin!(stream);
            while let Some(item) = poll_fn(|cx| stream.as_mut().poll_next(cx)).await {
                if endpoint.tell(message(item)).patiently().await.is_err() {
                    return;
                }
            }
        })
    }
}
