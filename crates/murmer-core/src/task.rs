//! The loop that runs one actor, and what is left in order when it ends, however it ends.

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::Poll;
use std::any::Any;
use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::sync::Arc;

use crate::near::{AnyNear, Near};
use crate::{ActorContext, Handlers, System};

/// Handles messages until the mailbox is closed or a handler panics.
pub(crate) fn run<A: Handlers>(
    near: Arc<Near<A>>,
    actor: A,
    state: A::State,
    system: System,
) -> impl Future<Output = ()> + Send {
    // Made before the first poll: a runtime that is ending drops the task without one, and then, too,
    // nobody may wait for this actor.
    system.running().begin();
    let ending = Ending { near: near.clone(), system: system.clone() };
    async move {
        // Dropped last: by then the actor, its state and its batch are gone.
        let _ending = ending;
        let ctx = ActorContext::new(near.clone(), system);
        work(&near, actor, state, &ctx).await;
    }
}

async fn work<A: Handlers>(near: &Near<A>, mut actor: A, mut state: A::State, ctx: &ActorContext<A>) {
    let mut batch = VecDeque::new();
    while poll_fn(|cx| near.mailbox.poll_batch(cx, &mut batch)).await {
        while let Some(envelope) = batch.pop_front() {
            // tokio can't see our queue, so a busy mailbox would never let go of its worker.
            tokio::task::coop::consume_budget().await;
            if near.mailbox.is_closed() {
                return;
            }
            if let Err(panic) = contained(A::dispatch(&mut actor, ctx, &mut state, envelope)).await {
                tracing::error!(label = %near.label(), actor_type = A::TYPE, id = %near.id(),
                    panic = message(&*panic), "handler panicked; the actor has ended");
                return;
            }
            near.mailbox.handled();
        }
    }
}

/// Runs `handler` and returns its panic, if it panics. The caller of the message has been told by
/// the dropped reply; the actor's state is not used again.
async fn contained(handler: impl Future<Output = ()>) -> Result<(), Box<dyn Any + Send>> {
    let mut handler = pin!(handler);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(())) => Poll::Ready(Ok(())),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}

struct Ending<A: Handlers> {
    near: Arc<Near<A>>,
    system: System,
}

impl<A: Handlers> Drop for Ending<A> {
    fn drop(&mut self) {
        self.system.retire(&*self.near);
        self.near.set_ended();
        self.system.running().end();
    }
}
