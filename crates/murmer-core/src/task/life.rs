//! One life of an actor: from its factory to the end of its teardown.

mod work;

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;
use std::panic::catch_unwind;

use crate::contained::{contained_now, message};
use crate::family::{Doors, Place};
use crate::mailbox::{Parked, Signal};
use crate::near::{AnyNear, Near};
use crate::{ActorContext, ActorState, Handlers, StopReason, current};

pub(super) struct Life<'a, A: Handlers> {
    pub(super) near: &'a Near<A>,
    pub(super) place: Option<&'a Place>,
    pub(super) body: &'a mut Body<A>,
    /// Messages taken off the mailbox and not handled yet. They outlive this life.
    pub(super) batch: &'a mut VecDeque<A::Envelope>,
    /// Messages since others had a turn: batches may be short, and never end all the same.
    pub(super) in_turn: usize,
}

/// What begins and ends with a life.
pub(super) struct Body<A: Handlers> {
    pub(super) actor: A,
    pub(super) state: A::State,
    pub(super) ctx: ActorContext<A>,
}

/// How a life ended.
pub(super) enum End {
    Over {
        /// Boxed, since every task has room for several of these.
        reason: Box<StopReason>,
        /// It stopped itself, rather than being told to.
        by_itself: bool,
    },
    /// Laid down for a sibling's sake.
    Renewed,
}

impl End {
    fn over(reason: StopReason, by_itself: bool) -> Self {
        Self::Over { reason: Box::new(reason), by_itself }
    }

    pub(super) fn panicked(panic: String) -> Self {
        Self::over(StopReason::Panicked(panic), true)
    }
}

/// How running a hook or a handler ended.
enum Ran<T> {
    Done(T),
    Panicked(String),
    /// The actor is to end at once.
    Killed,
    /// This life is to be laid down.
    Renewed,
}

impl<A: Handlers> Life<'_, A> {
    /// What is not needed while the actor works is behind boxes: most actors are idle most of the time, and
    /// there may be a million of them. For their sake, too, what an idle one is in the middle of are blocks: an
    /// async function keeps its arguments twice.
    pub(super) fn run(&mut self) -> impl Future<Output = End> {
        async move {
            if let Err(end) = Box::pin(self.start_up()).await {
                return Box::pin(self.tear_down(end, false)).await;
            }
            let end = self.work().await;
            Box::pin(self.tear_down(end, true)).await
        }
    }

    async fn start_up(&mut self) -> Result<(), End> {
        self.near.vitals.set_state(ActorState::Starting);
        let Body { actor, state, ctx } = &mut *self.body;
        let hook = pin!(Some(actor.started(ctx, state)));
        let failed = |why| Err(failed(self.near, StopReason::StartFailed(why)));
        match guard(self.near, hook, true, self.batch).await {
            Ran::Done(Ok(())) => {
                begun(self.near, self.place);
                Ok(())
            }
            // A user's value, which may panic over that.
            Ran::Done(Err(error)) => {
                failed(contained_now(|| error.to_string()).unwrap_or_else(|panic| panic))
            }
            Ran::Panicked(panic) => {
                self.near.panicked();
                failed(format!("it panicked: {panic}"))
            }
            Ran::Killed => Err(killed()),
            Ran::Renewed => Err(renewed(self.near)),
        }
    }

    async fn tear_down(&mut self, end: End, has_started: bool) -> End {
        self.near.vitals.set_state(ActorState::Stopping);
        current::set_deadline(None);
        refuse_if_stopped(self.near, self.batch);
        let mut is_killed = matches!(&end, End::Over { reason, .. } if **reason == StopReason::Killed);
        is_killed = self.end_company(is_killed, Doors::Open).await;
        if has_started && !is_killed {
            is_killed = self.clean_up(&end).await;
        }
        // Also what the clean-up has begun.
        is_killed = self.end_company(is_killed, Doors::Closed).await;
        if is_killed { killed() } else { end }
    }

    /// Ends the tasks and children of this life. True if the actor is killed, or has been meanwhile.
    async fn end_company(&mut self, is_killed: bool, doors: Doors) -> bool {
        let ctx = &self.body.ctx;
        if !is_killed {
            let killed = poll_fn(|cx| match self.near.mailbox.park(cx) {
                Some(Parked::Killed) => Poll::Ready(()),
                Some(Parked::Renewed) | None => Poll::Pending,
            });
            tokio::select! {
                biased;
                () = killed => {}
                () = ctx.end(Signal::Stop, doors) => return false,
            }
        }
        ctx.end(Signal::Kill, doors).await;
        true
    }

    /// Runs the last hook. True if the actor has been killed meanwhile.
    async fn clean_up(&mut self, end: &End) -> bool {
        let Body { actor, state, ctx } = &mut *self.body;
        let (reason, wait) = match end {
            End::Over { reason, .. } => (&**reason, None),
            // Siblings wait for it, perhaps the very one that it asks now.
            End::Renewed => (&StopReason::Stopped, Some(ctx.system().options().shutdown_wait)),
        };
        let mut hook = pin!(Some(actor.stopped(ctx, state, reason)));
        let cleaned = guard(self.near, hook.as_mut(), false, self.batch);
        let ran = match wait {
            None => cleaned.await,
            Some(wait) => tokio::time::timeout(wait, cleaned).await.unwrap_or_else(|_| {
                tracing::warn!(label = ?self.near.label(), actor_type = A::TYPE, ?wait,
                    "an actor has not cleaned up in time; going on without");
                let_go(self.near, hook);
                Ran::Done(())
            }),
        };
        match ran {
            Ran::Panicked(panic) => {
                self.near.panicked();
                tracing::error!(label = ?self.near.label(), actor_type = A::TYPE, panic,
                    "an actor panicked while it cleaned up");
                false
            }
            Ran::Killed => true,
            Ran::Done(()) | Ran::Renewed => false,
        }
    }
}

/// The start-up is done: siblings that waited for it may begin.
fn begun<A: Handlers>(near: &Near<A>, place: Option<&Place>) {
    near.vitals.set_state(ActorState::Running);
    if let Some(place) = place {
        place.is_running();
    }
}

/// What is not to be handled any more need not wait for what is.
fn refuse_if_stopped<A: Handlers>(near: &Near<A>, batch: &mut VecDeque<A::Envelope>) {
    if !batch.is_empty() && near.mailbox.is_stopped() {
        near.refuse(core::mem::take(batch));
    }
}

fn ended<A: Handlers>(near: &Near<A>, ran: Ran<()>) -> Option<End> {
    match ran {
        Ran::Done(()) => None,
        Ran::Panicked(panic) => Some(panicked(near, panic)),
        Ran::Killed => Some(killed()),
        Ran::Renewed => Some(renewed(near)),
    }
}

pub(super) fn failed<A: Handlers>(near: &Near<A>, reason: StopReason) -> End {
    tracing::error!(label = ?near.label(), actor_type = A::TYPE, %reason, "an actor has failed");
    End::over(reason, true)
}

/// A handler or a hook has.
#[cold]
pub(super) fn panicked<A: Handlers>(near: &Near<A>, panic: String) -> End {
    near.panicked();
    failed(near, StopReason::Panicked(panic))
}

/// This life was asked to be laid down: by whom tells what it comes to.
fn renewed<A: Handlers>(near: &Near<A>) -> End {
    match near.take_wish() {
        None => End::Renewed,
        Some(StopReason::Stopped) => End::over(StopReason::Stopped, true),
        Some(reason) => failed(near, reason),
    }
}

/// Runs a hook or handler. A kill breaks it off where it waits, and so does the end of this life if it
/// is `renewable`. A stop that finds it waiting refuses the `batch` behind it.
///
/// A future by hand, and `work` by reference: what an async function is given, it keeps twice.
fn guard<'a, A: Handlers, F: Future>(
    near: &'a Near<A>,
    work: Pin<&'a mut Option<F>>,
    renewable: bool,
    batch: &'a mut VecDeque<A::Envelope>,
) -> Guarded<'a, A, F> {
    Guarded { near, work, renewable, batch, has_waited: false }
}

struct Guarded<'a, A: Handlers, F> {
    near: &'a Near<A>,
    /// None once it has run, or was broken off.
    work: Pin<&'a mut Option<F>>,
    renewable: bool,
    batch: &'a mut VecDeque<A::Envelope>,
    has_waited: bool,
}

impl<A: Handlers, F: Future> Guarded<'_, A, F> {
    fn interrupted(&self, parked: Option<Parked>) -> Option<Ran<F::Output>> {
        match parked? {
            Parked::Killed => Some(Ran::Killed),
            // Who stops itself finishes what it is at.
            Parked::Renewed if self.renewable && !self.near.stops_itself() => Some(Ran::Renewed),
            Parked::Renewed => None,
        }
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Ran<F::Output>> {
        let mailbox = &self.near.mailbox;
        if self.has_waited
            && let Some(ran) = self.interrupted(mailbox.interrupted())
        {
            return Poll::Ready(ran);
        }
        let work = self.work.as_mut().as_pin_mut().expect("polled no more once it is ready");
        match catch_unwind(AssertUnwindSafe(|| work.poll(cx))) {
            Ok(Poll::Ready(done)) => return Poll::Ready(Ran::Done(done)),
            Ok(Poll::Pending) => self.has_waited = true,
            Err(panic) => return Poll::Ready(Ran::Panicked(message(panic))),
        }
        let parked = self.interrupted(mailbox.park(cx));
        refuse_if_stopped(self.near, self.batch);
        parked.map_or(Poll::Pending, Poll::Ready)
    }
}

impl<A: Handlers, F: Future> Future for Guarded<'_, A, F> {
    type Output = Ran<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let ran = ready!(this.poll_work(cx));
        let_go(this.near, this.work.as_mut());
        Poll::Ready(ran)
    }
}

/// Drops what has run, or was broken off. What a handler held may panic over that, which must not keep this
/// life from being torn down.
fn let_go<A: Handlers, W>(near: &Near<A>, mut work: Pin<&mut Option<W>>) {
    if let Err(panic) = contained_now(|| work.set(None)) {
        tracing::error!(label = ?near.label(), actor_type = A::TYPE, panic,
            "something a handler held panicked when it was dropped");
    }
}

fn killed() -> End {
    End::over(StopReason::Killed, false)
}
