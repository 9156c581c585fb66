//! The task that runs one actor through all its lives, and what is left in order when it ends, however it
//! ends.
//!
//! ```text
//! factory ─▶ started ─▶ messages ─▶ tasks and children end ─▶ stopped ─▶ restart? ─▶ factory …
//! ```
//!
//! Doesn't decide about restarts; see [`crate::supervision`].

#![expect(
    clippy::manual_async_fn,
    reason = "an async function keeps its arguments twice, in every idle actor"
)]

mod life;

use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use self::life::{Body, End, Life, failed};
use crate::boot::os_random;
use crate::contained::contained_now;
use crate::family::Place;
use crate::mailbox::Signal;
use crate::near::{AnyNear, Near};
use crate::supervision::{Restart, Restarts, Supervision, Verdict};
use crate::{ActorContext, ActorState, ChildStrategy, Event, Handlers, StopReason, current};

/// Runs an actor that has one life.
///
/// All it keeps is in one value that its future holds by reference: what is moved from one async function to
/// the next would be kept in each.
pub(crate) fn run_once<A: Handlers>(
    near: Arc<Near<A>>,
    place: Option<Place>,
    strategy: ChildStrategy,
    actor: A,
    state: A::State,
) -> impl Future<Output = ()> + Send {
    let ctx = ActorContext::new(near.clone(), strategy, false);
    let ending = Ending::new(near.clone(), place);
    let mut task = Task { body: Some(Body { actor, state, ctx }), ending };
    current::scope(near, async move {
        let reason = task.live().await;
        task.end(reason);
    })
}

/// What a task keeps. Dropped in this order, also half-way: whoever waits for the actor finds all in order.
struct Task<A: Handlers> {
    body: Option<Body<A>>,
    ending: Ending<A>,
}

impl<A: Handlers> Task<A> {
    /// One life.
    fn live(&mut self) -> impl Future<Output = StopReason> {
        async move {
            // What is told to end before it has begun need not begin.
            if let Some(reason) = ended_already(&self.ending.near).await {
                return reason;
            }
            let Self { body: Some(body), ending } = self else { return StopReason::Stopped };
            let Ending { near, batch, place, .. } = ending;
            match (Life { near, place: place.as_deref(), body, batch, in_turn: 0 }).run().await {
                End::Over { reason, .. } => *reason,
                // Laid down and never restarted.
                End::Renewed => StopReason::Stopped,
            }
        }
    }

    fn end(&mut self, reason: StopReason) {
        let reason = match contained_now(|| self.body = None) {
            Ok(()) => reason,
            Err(panic) => StopReason::Panicked(panic),
        };
        self.ending.reason = Some(Box::new(reason));
    }
}

/// Runs an actor through all its lives.
pub(crate) fn run_supervised<A: Handlers>(
    near: Arc<Near<A>>,
    place: Option<Place>,
    strategy: ChildStrategy,
    supervision: Supervision,
    factory: impl FnMut() -> (A, A::State) + Send + 'static,
) -> impl Future<Output = ()> + Send {
    let ending = Ending::new(near.clone(), place);
    let lives = async move {
        // Dropped last: by then the actor and its state are gone.
        let mut ending = ending;
        let Ending { near, batch, place, .. } = &mut ending;
        let reason = lives(near, supervision, strategy, place.as_deref(), batch, factory).await;
        ending.reason = Some(Box::new(reason));
    };
    current::scope(near, Box::pin(lives) as Pin<Box<dyn Future<Output = ()> + Send>>)
}

async fn lives<A: Handlers>(
    near: &Arc<Near<A>>,
    supervision: Supervision,
    strategy: ChildStrategy,
    place: Option<&Place>,
    batch: &mut VecDeque<A::Envelope>,
    mut factory: impl FnMut() -> (A, A::State) + Send,
) -> StopReason {
    let restart = supervision.restart();
    let is_permanent = restart == Restart::Permanent;
    let escalates = supervision.escalates;
    let mut restarts = Restarts::new(supervision, os_random());
    let epoch = Instant::now();
    let reason = loop {
        // What is told to end before it has begun need not begin.
        if let Some(reason) = ended_already(near).await {
            break reason;
        }
        let began_at = epoch.elapsed();
        let end = match contained_now(&mut factory) {
            Ok((actor, state)) => {
                let ctx = ActorContext::new(near.clone(), strategy, is_permanent);
                let mut body = Body { actor, state, ctx };
                let end = Life { near, place, body: &mut body, batch, in_turn: 0 }.run().await;
                // Handlers and hooks are contained one by one. This is for values that panic when dropped.
                contained_now(|| drop(body)).map_or_else(End::panicked, |()| end)
            }
            Err(panic) => {
                near.panicked();
                failed(near, StopReason::StartFailed(format!("the factory panicked: {panic}")))
            }
        };
        let next = match end {
            // Laid down and never restarted.
            End::Renewed if restart == Restart::Temporary => Some(StopReason::Stopped),
            End::Renewed => renewed(near, place).await,
            // Told to end meanwhile, it begins no other life, and this is why it ended.
            End::Over { reason, .. } if near.mailbox.is_stopped() => Some(*reason),
            End::Over { reason, by_itself } => {
                let reason = *reason;
                match restarts.next(began_at, epoch.elapsed(), reason.clone(), by_itself) {
                    Verdict::End(reason) => Some(reason),
                    Verdict::Restart { after } => restarted(near, place, restarts.count, reason, after).await,
                }
            }
        };
        if let Some(reason) = next {
            break reason;
        }
    };
    if let Some(place) = place.filter(|_| escalates && reason.is_failure()) {
        place.gave_up(reason.clone());
    }
    reason
}

/// Laid down for a sibling's sake: waits for its turn. The reason if it is to end instead.
async fn renewed<A: Handlers>(near: &Near<A>, place: Option<&Place>) -> Option<StopReason> {
    near.vitals.set_state(ActorState::Restarting);
    near.restarted();
    let Some(place) = place else {
        near.forget_renewal();
        return None;
    };
    tokio::select! {
        biased;
        reason = ended(near) => Some(reason),
        () = place.renewed() => None,
    }
}

/// It failed, and may begin again `after` so long. The reason if it is to end instead.
async fn restarted<A: Handlers>(
    near: &Near<A>,
    place: Option<&Place>,
    restarts: u64,
    reason: StopReason,
    after: Duration,
) -> Option<StopReason> {
    near.vitals.set_state(ActorState::Restarting);
    near.restarted();
    match place {
        Some(place) => place.failed(),
        None => near.forget_renewal(),
    }
    tracing::warn!(label = ?near.label(), actor_type = A::TYPE, id = %near.id(), %reason, ?after,
        "an actor has failed and will be restarted");
    near.system().bus().emit(|| Event::Restarted {
        actor: near.id(),
        label: near.label().cloned(),
        actor_type: A::TYPE,
        restarts,
        reason,
    });
    let turn = async {
        tokio::time::sleep(after).await; // tidy: sleep the back-off is what is asked for
        if let Some(place) = place {
            place.restart().await;
        }
    };
    tokio::select! {
        biased;
        reason = ended(near) => Some(reason),
        () = turn => None,
    }
}

/// Waits until the actor is told to end.
async fn ended<A: Handlers>(near: &Near<A>) -> StopReason {
    reason(poll_fn(|cx| near.mailbox.poll_ended(cx)).await)
}

/// Whether the actor has been told to end.
async fn ended_already<A: Handlers>(near: &Near<A>) -> Option<StopReason> {
    poll_fn(|cx| match near.mailbox.poll_ended(cx) {
        Poll::Ready(signal) => Poll::Ready(Some(reason(signal))),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

const fn reason(signal: Signal) -> StopReason {
    match signal {
        Signal::Kill => StopReason::Killed,
        Signal::Stop | Signal::Drain => StopReason::Stopped,
    }
}

struct Ending<A: Handlers> {
    near: Arc<Near<A>>,
    /// Messages taken off the mailbox and not handled yet.
    batch: VecDeque<A::Envelope>,
    place: Option<Box<Place>>,
    /// None if the task is dropped half-way.
    reason: Option<Box<StopReason>>,
}

impl<A: Handlers> Ending<A> {
    /// Made before the task is first polled: a runtime that is ending drops it without that, and then, too,
    /// nobody may wait for this actor.
    fn new(near: Arc<Near<A>>, place: Option<Place>) -> Self {
        near.system().running().begin();
        Self { near, batch: VecDeque::new(), place: place.map(Box::new), reason: None }
    }
}

impl<A: Handlers> Drop for Ending<A> {
    fn drop(&mut self) {
        self.near.system().retire(&*self.near);
        self.near.refuse(core::mem::take(&mut self.batch));
        self.near.set_ended(self.reason.take().map_or(StopReason::Killed, |reason| *reason));
        // A parent that waits for it finds all in order.
        drop(self.place.take());
        self.near.system().running().end();
    }
}
