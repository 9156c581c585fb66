//! One life of an actor: from its factory to the end of its teardown.

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::Poll;
use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::sync::Arc;

use crate::contained::{contained_now, message};
use crate::family::{Place, Younger};
use crate::mailbox::{Next, Parked, Signal};
use crate::near::{AnyNear, Near};
use crate::{ActorContext, ActorState, ChildStrategy, Handlers, StopReason, current};

pub(super) struct Life<'a, A: Handlers> {
    pub(super) near: &'a Arc<Near<A>>,
    pub(super) strategy: ChildStrategy,
    pub(super) is_permanent: bool,
    pub(super) place: Option<&'a Place>,
    /// Siblings that begin again once this life has begun.
    pub(super) younger: Option<Younger>,
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
        mut self,
        factory: &mut (impl FnMut() -> (A, A::State) + Send),
        batch: &mut VecDeque<A::Envelope>,
    ) -> End {
        self.near.vitals.set_state(ActorState::Starting);
        self.near.mailbox.renewed();
        let (mut actor, mut state) = match contained_now(factory) {
            Ok(made) => made,
            Err(panic) => {
                return self.failed(StopReason::StartFailed(format!("the factory panicked: {panic}")));
            }
        };
        let ctx = ActorContext::new(self.near.clone(), self.strategy, self.is_permanent);
        let (end, has_started) = match self.guard(actor.started(&ctx, &mut state), true).await {
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
        let reason = match &end {
            End::Over { reason, .. } => reason.clone(),
            End::Renewed => StopReason::Stopped,
        };
        let is_killed = reason == StopReason::Killed;
        ctx.end(if is_killed { Signal::Kill } else { Signal::Stop }).await;
        if has_started && !is_killed {
            match self.guard(actor.stopped(&ctx, &mut state, &reason), false).await {
                Ran::Panicked(panic) => {
                    tracing::error!(label = ?self.near.label(), actor_type = A::TYPE, panic,
                        "an actor panicked while it cleaned up");
                }
                Ran::Killed => return killed(),
                Ran::Done(()) | Ran::Renewed => {}
            }
        }
        end
    }

    /// The start-up is done: siblings that waited for it may begin.
    fn begun(&mut self) {
        self.near.vitals.set_state(ActorState::Running);
        if let Some(place) = self.place {
            place.is_running();
        }
        if let Some(younger) = self.younger.take() {
            // Beside this actor, which may be asked by them.
            tokio::spawn(younger.begin());
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
        loop {
            // Left over from a life that ended in the middle of it, the batch comes first.
            let next = if batch.is_empty() {
                Some(poll_fn(|cx| mailbox.poll_next(cx, batch)).await)
            } else {
                mailbox.look(batch.len())
            };
            match next {
                Some(Next::Messages) | None => {
                    if let Some(end) = self.work_off(actor, state, ctx, batch).await {
                        return end;
                    }
                }
                Some(Next::Notice(notice)) => {
                    current::set_deadline(None);
                    let ran = self.guard(actor.terminated(ctx, state, notice), true).await;
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
        let before = batch.len();
        let sample = vitals.begin(before);
        let mut end = None;
        while let Some(envelope) = batch.pop_front() {
            let ran = self.guard(A::dispatch(actor, ctx, state, envelope), true).await;
            let is_called = mailbox.handled(batch.len());
            end = self.ended(ran);
            if end.is_some() || is_called {
                break;
            }
            // tokio can't see our queue, so a busy mailbox would never let go of its worker.
            if (before - batch.len()).is_multiple_of(MESSAGES_PER_TURN) {
                tokio::task::yield_now().await;
            }
        }
        vitals.end(before - batch.len(), sample);
        end
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
    /// is `renewable`.
    async fn guard<T>(&self, work: impl Future<Output = T>, renewable: bool) -> Ran<T> {
        let mailbox = &self.near.mailbox;
        let interrupted = |parked| match parked {
            Parked::Killed => Some(Ran::Killed),
            // Who stops itself finishes what it is at.
            Parked::Renewed if renewable && self.near.wish() != Some(StopReason::Stopped) => {
                Some(Ran::Renewed)
            }
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
            mailbox.park(cx).and_then(interrupted).map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

const fn killed() -> End {
    End::Over { reason: StopReason::Killed, by_itself: false }
}

/// Messages handled before other tasks of the runtime get a turn: as many as tokio grants its own queues.
const MESSAGES_PER_TURN: usize = 128;
