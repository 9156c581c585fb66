//! One life of an actor: from its factory to the end of its teardown.

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::Poll;
use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::sync::Arc;

use crate::contained::{contained_now, message};
use crate::family::{Doors, Place};
use crate::mailbox::{Next, Parked, Signal};
use crate::near::{AnyNear, Near};
use crate::{ActorContext, ActorState, ChildStrategy, Handlers, StopReason, current};

pub(super) struct Life<'a, A: Handlers> {
    pub(super) near: &'a Arc<Near<A>>,
    pub(super) strategy: ChildStrategy,
    pub(super) is_permanent: bool,
    pub(super) place: Option<&'a Place>,
}

/// How a life ended.
pub(super) enum End {
    Over {
        reason: StopReason,
        /// It stopped itself, rather than being told to.
        by_itself: bool,
    },
    /// Laid down for a sibling's sake.
    Renewed,
}

impl End {
    pub(super) const fn panicked(panic: String) -> Self {
        Self::Over { reason: StopReason::Panicked(panic), by_itself: true }
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
    pub(super) async fn run(
        self,
        factory: &mut (impl FnMut() -> (A, A::State) + Send),
        batch: &mut VecDeque<A::Envelope>,
    ) -> End {
        self.near.vitals.set_state(ActorState::Starting);
        let (mut actor, mut state) = match contained_now(factory) {
            Ok(made) => made,
            Err(panic) => {
                return self.failed(StopReason::StartFailed(format!("the factory panicked: {panic}")));
            }
        };
        let ctx = ActorContext::new(self.near.clone(), self.strategy, self.is_permanent);
        let (end, has_started) = match self.guard(actor.started(&ctx, &mut state), true, batch).await {
            Ran::Done(Ok(())) => {
                self.begun();
                (self.work(&mut actor, &mut state, &ctx, batch).await, true)
            }
            Ran::Done(Err(error)) => (self.failed(StopReason::StartFailed(error.to_string())), false),
            Ran::Panicked(panic) => {
                (self.failed(StopReason::StartFailed(format!("it panicked: {panic}"))), false)
            }
            Ran::Killed => (killed(), false),
            Ran::Renewed => (self.renewed(), false),
        };
        self.near.vitals.set_state(ActorState::Stopping);
        current::set_deadline(None);
        self.refuse_if_stopped(batch);
        let mut is_killed = matches!(end, End::Over { reason: StopReason::Killed, .. });
        is_killed = self.end_company(&ctx, is_killed, Doors::Open).await;
        if has_started && !is_killed {
            is_killed = self.clean_up(&mut actor, &mut state, &ctx, batch, &end).await;
        }
        // Also what the clean-up has begun.
        is_killed = self.end_company(&ctx, is_killed, Doors::Closed).await;
        if is_killed { killed() } else { end }
    }

    /// The start-up is done: siblings that waited for it may begin.
    fn begun(&self) {
        self.near.vitals.set_state(ActorState::Running);
        if let Some(place) = self.place {
            place.is_running();
        }
    }

    /// Ends the tasks and children of this life. True if the actor is killed, or has been meanwhile.
    async fn end_company(&self, ctx: &ActorContext<A>, is_killed: bool, doors: Doors) -> bool {
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
    async fn clean_up(
        &self,
        actor: &mut A,
        state: &mut A::State,
        ctx: &ActorContext<A>,
        batch: &mut VecDeque<A::Envelope>,
        end: &End,
    ) -> bool {
        let (reason, wait) = match end {
            End::Over { reason, .. } => (reason, None),
            // Siblings wait for it, perhaps the very one that it asks now.
            End::Renewed => (&StopReason::Stopped, Some(ctx.system().options().shutdown_wait)),
        };
        let hook = self.guard(actor.stopped(ctx, state, reason), false, batch);
        let ran = match wait {
            None => hook.await,
            Some(wait) => tokio::time::timeout(wait, hook).await.unwrap_or_else(|_| {
                tracing::warn!(label = ?self.near.label(), actor_type = A::TYPE, ?wait,
                    "an actor has not cleaned up in time; going on without");
                Ran::Done(())
            }),
        };
        match ran {
            Ran::Panicked(panic) => {
                tracing::error!(label = ?self.near.label(), actor_type = A::TYPE, panic,
                    "an actor panicked while it cleaned up");
                false
            }
            Ran::Killed => true,
            Ran::Done(()) | Ran::Renewed => false,
        }
    }

    async fn work(
        &self,
        actor: &mut A,
        state: &mut A::State,
        ctx: &ActorContext<A>,
        batch: &mut VecDeque<A::Envelope>,
    ) -> End {
        let mailbox = &self.near.mailbox;
        let mut handled = 0;
        loop {
            // A sender at work on another thread would wake us for every few messages. One turn for the
            // others gives it the time to send many.
            if handled >= BURST && batch.is_empty() && mailbox.is_empty() {
                tokio::task::yield_now().await;
            }
            handled = 0;
            // Left over from a life that ended in the middle of it, the batch comes first.
            let next = if batch.is_empty() {
                Some(poll_fn(|cx| mailbox.poll_next(cx, batch)).await)
            } else {
                mailbox.look(batch.len())
            };
            match next {
                Some(Next::Messages) | None => {
                    handled = batch.len();
                    if let Some(end) = self.work_off(actor, state, ctx, batch).await {
                        return end;
                    }
                }
                Some(Next::Notice(notice)) => {
                    current::set_deadline(None);
                    let ran = self.guard(actor.terminated(ctx, state, notice), true, batch).await;
                    if let Some(end) = self.ended(ran) {
                        return end;
                    }
                }
                Some(Next::Signal(Signal::Kill)) => return killed(),
                Some(Next::Signal(Signal::Stop | Signal::Drain)) => {
                    return End::Over { reason: StopReason::Stopped, by_itself: false };
                }
                Some(Next::Renew) => return self.renewed(),
            }
        }
    }

    /// Handles the batch, all of it or until something else is to be looked at. The end of this life, if it
    /// came to that.
    async fn work_off(
        &self,
        actor: &mut A,
        state: &mut A::State,
        ctx: &ActorContext<A>,
        batch: &mut VecDeque<A::Envelope>,
    ) -> Option<End> {
        let Near { mailbox, vitals, .. } = &**self.near;
        let sample = vitals.begin(batch.len());
        let (mut handled, mut end) = (0, None);
        while let Some(envelope) = batch.pop_front() {
            let ran = match catch_unwind(AssertUnwindSafe(|| A::dispatch_now(actor, ctx, state, envelope))) {
                Ok(None) => Ran::Done(()),
                Ok(Some(envelope)) => self.guard(A::dispatch(actor, ctx, state, envelope), true, batch).await,
                Err(panic) => Ran::Panicked(message(&*panic)),
            };
            handled += 1;
            let is_called = mailbox.handled(batch.len());
            end = self.ended(ran);
            if end.is_some() || is_called {
                break;
            }
            // tokio can't see our queue, so a busy mailbox would never let go of its worker.
            if handled % MESSAGES_PER_TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        vitals.end(handled, sample);
        end
    }

    /// What is not to be handled any more need not wait for what is.
    fn refuse_if_stopped(&self, batch: &mut VecDeque<A::Envelope>) {
        if !batch.is_empty() && self.near.mailbox.is_stopped() {
            self.near.refuse(core::mem::take(batch));
        }
    }

    fn ended(&self, ran: Ran<()>) -> Option<End> {
        match ran {
            Ran::Done(()) => None,
            Ran::Panicked(panic) => Some(self.failed(StopReason::Panicked(panic))),
            Ran::Killed => Some(killed()),
            Ran::Renewed => Some(self.renewed()),
        }
    }

    fn failed(&self, reason: StopReason) -> End {
        tracing::error!(label = ?self.near.label(), actor_type = A::TYPE, %reason, "an actor has failed");
        End::Over { reason, by_itself: true }
    }

    /// This life was asked to be laid down: by whom tells what it comes to.
    fn renewed(&self) -> End {
        match self.near.take_wish() {
            None => End::Renewed,
            Some(StopReason::Stopped) => End::Over { reason: StopReason::Stopped, by_itself: true },
            Some(reason) => self.failed(reason),
        }
    }

    /// Runs a hook or handler. A kill breaks it off where it waits, and so does the end of this life if it
    /// is `renewable`. A stop that finds it waiting refuses the `batch` behind it.
    async fn guard<T>(
        &self,
        work: impl Future<Output = T>,
        renewable: bool,
        batch: &mut VecDeque<A::Envelope>,
    ) -> Ran<T> {
        let mailbox = &self.near.mailbox;
        let interrupted = |parked| match parked {
            Parked::Killed => Some(Ran::Killed),
            // Who stops itself finishes what it is at.
            Parked::Renewed if renewable && !self.near.stops_itself() => Some(Ran::Renewed),
            Parked::Renewed => None,
        };
        let mut work = pin!(work);
        let mut has_waited = false;
        poll_fn(|cx| {
            if has_waited && let Some(ran) = mailbox.interrupted().and_then(interrupted) {
                return Poll::Ready(ran);
            }
            match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
                Ok(Poll::Ready(done)) => return Poll::Ready(Ran::Done(done)),
                Ok(Poll::Pending) => has_waited = true,
                Err(panic) => return Poll::Ready(Ran::Panicked(message(&*panic))),
            }
            let parked = mailbox.park(cx).and_then(interrupted);
            self.refuse_if_stopped(batch);
            parked.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

const fn killed() -> End {
    End::Over { reason: StopReason::Killed, by_itself: false }
}

/// Messages at once that show that somebody is sending many.
const BURST: usize = 8;
/// Messages handled before other tasks of the runtime get a turn: as many as tokio grants its own queues.
const MESSAGES_PER_TURN: usize = 128;
