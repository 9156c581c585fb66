//! The task that runs one actor through all its lives, and what is left in order when it ends, however it
//! ends.
//!
//! ```text
//! factory ─▶ started ─▶ messages ─▶ tasks and children end ─▶ stopped ─▶ restart? ─▶ factory …
//! ```
//!
//! Doesn't decide about restarts; see [`crate::supervision`].

mod life;

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use self::life::{End, Life};
use crate::boot::os_random;
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
    // Made before the first poll: a runtime that is ending drops the task without one, and then, too,
    // nobody may wait for this actor.
    let ending = Ending { near: near.clone(), reason: StopReason::Killed };
    current::scope(near.clone(), async move {
        // Dropped last: by then the actor, its state and its batch are gone.
        let mut ending = ending;
        ending.reason = lives(&near, plan, factory).await;
    })
}

async fn lives<A: Handlers>(
    near: &Arc<Near<A>>,
    plan: Plan,
    mut factory: impl FnMut() -> (A, A::State) + Send,
) -> StopReason {
    let Plan { supervision, place, strategy } = plan;
    let (is_permanent, escalates) = match &supervision {
        Some(supervision) => (supervision.restart() == Restart::Permanent, supervision.escalates),
        None => (false, false),
    };
    // What only a supervised actor needs is not carried by the many others.
    let mut restarts = supervision.map(|supervision| Box::new(Restarts::new(supervision, os_random())));
    let epoch = Instant::now();
    let mut batch = VecDeque::new();
    let mut younger = None;
    let reason = loop {
        let began_at = epoch.elapsed();
        let life = Life { near, strategy, is_permanent, place: place.as_ref(), younger: younger.take() };
        let (reason, by_itself) = match life.run(&mut factory, &mut batch).await {
            End::Over { reason, by_itself } => (reason, by_itself),
            End::Renewed => {
                near.vitals.set_state(ActorState::Restarting);
                let Some(place) = &place else { continue };
                tokio::select! {
                    biased;
                    reason = ended(near) => break reason,
                    () = place.renewed() => continue,
                }
            }
        };
        let Some(restarts) = &mut restarts else { break reason };
        let after = match restarts.next(began_at, epoch.elapsed(), reason.clone(), by_itself) {
            Verdict::End(reason) => break reason,
            Verdict::Restart { after } => after,
        };
        near.vitals.set_state(ActorState::Restarting);
        near.vitals.restarted();
        tracing::warn!(label = ?near.label(), actor_type = A::TYPE, id = %near.id(), %reason, ?after,
            "an actor has failed and will be restarted");
        near.system().bus().emit(|| Event::Restarted {
            actor: near.id(),
            label: near.label().cloned(),
            actor_type: A::TYPE,
            restarts: restarts.count,
            reason,
        });
        let turn = async {
            tokio::time::sleep(after).await; // tidy: sleep the back-off is what is asked for
            match &place {
                Some(place) => place.restart().await,
                None => None,
            }
        };
        tokio::select! {
            biased;
            reason = ended(near) => break reason,
            siblings = turn => younger = siblings,
        }
    };
    near.refuse(batch);
    if let (StopReason::RestartLimit(_), Some(place)) = (&reason, &place) {
        place.gave_up(reason.clone(), escalates);
    }
    // The place is given up in `Ending`'s company: a parent that waits for it finds all in order.
    retire(near, reason.clone());
    drop(place);
    reason
}

/// Waits until the actor is told to end.
async fn ended<A: Handlers>(near: &Near<A>) -> StopReason {
    match core::future::poll_fn(|cx| near.mailbox.poll_ended(cx)).await {
        Signal::Kill => StopReason::Killed,
        Signal::Stop | Signal::Drain => StopReason::Stopped,
    }
}

fn retire<A: Handlers>(near: &Near<A>, reason: StopReason) {
    near.system().retire(near);
    near.set_ended(reason);
}

struct Ending<A: Handlers> {
    near: Arc<Near<A>>,
    reason: StopReason,
}

impl<A: Handlers> Drop for Ending<A> {
    fn drop(&mut self) {
        // Done already, unless the task was dropped half-way.
        retire(&self.near, core::mem::replace(&mut self.reason, StopReason::Killed));
        self.near.system().running().end();
    }
}
