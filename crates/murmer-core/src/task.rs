//! The task that runs one actor through all its lives, and what is left in order when it ends, however it
//! ends.
//!
//! ```text
//! factory ─▶ started ─▶ messages ─▶ tasks and children end ─▶ stopped ─▶ restart? ─▶ factory …
//! ```
//!
//! Doesn't decide about restarts; see [`crate::supervision`].

mod life;

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::sync::Arc;

use tokio::time::Instant;

use self::life::{End, Life};
use crate::boot::os_random;
use crate::contained::message;
use crate::family::Place;
use crate::mailbox::Signal;
use crate::near::{AnyNear, Near};
use crate::supervision::{Restart, Restarts, Supervision, Verdict};
use crate::{ActorState, ChildStrategy, Event, Handlers, StopReason, current};

/// How an actor is to be run.
pub(crate) struct Plan {
    pub(crate) supervision: Option<Supervision>,
    pub(crate) place: Option<Place>,
    pub(crate) strategy: ChildStrategy,
}

/// Runs an actor until it is over for good.
pub(crate) fn run<A: Handlers>(
    near: Arc<Near<A>>,
    plan: Plan,
    factory: impl FnMut() -> (A, A::State) + Send,
) -> impl Future<Output = ()> + Send {
    near.system().running().begin();
    let Plan { supervision, place, strategy } = plan;
    // Made before the first poll: a runtime that is ending drops the task without one, and then, too,
    // nobody may wait for this actor.
    let ending = Ending { near: near.clone(), place, reason: StopReason::Killed };
    current::scope(near.clone(), async move {
        // Dropped last: by then the actor, its state and its batch are gone.
        let mut ending = ending;
        let reason = lives(&near, supervision, strategy, ending.place.as_ref(), factory).await;
        ending.reason = reason;
    })
}

async fn lives<A: Handlers>(
    near: &Arc<Near<A>>,
    supervision: Option<Supervision>,
    strategy: ChildStrategy,
    place: Option<&Place>,
    mut factory: impl FnMut() -> (A, A::State) + Send,
) -> StopReason {
    let (restart, escalates) = match &supervision {
        Some(supervision) => (supervision.restart(), supervision.escalates),
        None => (Restart::Temporary, false),
    };
    let is_permanent = restart == Restart::Permanent;
    // What only a supervised actor needs is not carried by the many others.
    let mut restarts = supervision
        .filter(|_| restart != Restart::Temporary)
        .map(|supervision| Box::new(Restarts::new(supervision, os_random())));
    let epoch = Instant::now();
    let mut batch = VecDeque::new();
    let reason = loop {
        // What is told to end before it has begun need not begin.
        if let Some(reason) = ended_already(near).await {
            break reason;
        }
        let began_at = epoch.elapsed();
        let end = {
            let life = Life { near, strategy, is_permanent, place };
            let mut life = pin!(life.run(&mut factory, &mut batch));
            // Handlers and hooks are contained one by one. This is for values that panic when dropped.
            let run = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| life.as_mut().poll(cx))) {
                Ok(poll) => poll,
                Err(panic) => Poll::Ready(End::panicked(message(&*panic))),
            });
            run.await
        };
        let next = match (end, &mut restarts) {
            (End::Over { reason, .. }, None) => Some(reason),
            // Laid down and never restarted.
            (End::Renewed, None) => Some(StopReason::Stopped),
            (End::Renewed, Some(_)) => renewed(near, place).await,
            (End::Over { reason, by_itself }, Some(restarts)) => {
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
    near.refuse(batch);
    if let Some(place) = place.filter(|_| escalates && reason.is_failure()) {
        place.gave_up(reason.clone());
    }
    reason
}

/// Laid down for a sibling's sake: waits for its turn. The reason if it is to end instead.
async fn renewed<A: Handlers>(near: &Near<A>, place: Option<&Place>) -> Option<StopReason> {
    near.vitals.set_state(ActorState::Restarting);
    near.vitals.restarted();
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
    near.vitals.restarted();
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
    place: Option<Place>,
    /// Unless the task is dropped half-way, the true one.
    reason: StopReason,
}

impl<A: Handlers> Drop for Ending<A> {
    fn drop(&mut self) {
        self.near.system().retire(&*self.near);
        self.near.set_ended(core::mem::replace(&mut self.reason, StopReason::Killed));
        // A parent that waits for it finds all in order.
        drop(self.place.take());
        self.near.system().running().end();
    }
}
