//! One life of an actor: from its factory to the end of its teardown.

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;
use std::panic::catch_unwind;

use crate::contained::{contained_now, message};
use crate::family::{Doors, Place};
use crate::mailbox::{Next, Parked, Signal};
use crate::near::{AnyNear, Near};
use crate::{ActorContext, ActorState, Handlers, StopReason, Terminated, current};

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
    /// there may be a million of them.
    pub(super) async fn run(&mut self) -> End {
        let started = Box::pin(self.start_up()).await;
        let (end, has_started) = match started {
            Ok(()) => (self.work().await, true),
            Err(end) => (end, false),
        };
        Box::pin(self.tear_down(end, has_started)).await
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
            Ran::Panicked(panic) => failed(format!("it panicked: {panic}")),
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
                tracing::error!(label = ?self.near.label(), actor_type = A::TYPE, panic,
                    "an actor panicked while it cleaned up");
                false
            }
            Ran::Killed => true,
            Ran::Done(()) | Ran::Renewed => false,
        }
    }

    async fn work(&mut self) -> End {
        let mailbox = &self.near.mailbox;
        let mut handled = 0;
        loop {
            // A sender at work on another thread would wake us for every few messages. One turn for the
            // others gives it the time to send many.
            if handled >= BURST && self.batch.is_empty() && mailbox.is_empty() {
                self.in_turn = 0;
                tokio::task::yield_now().await;
            }
            handled = 0;
            // Left over from a life that ended in the middle of it, the batch comes first.
            let next = if self.batch.is_empty() {
                let batch = &mut *self.batch;
                let in_turn = &mut self.in_turn;
                let next = poll_fn(|cx| {
                    let next = mailbox.poll_next(cx, batch);
                    if next.is_pending() {
                        *in_turn = 0;
                    }
                    next
                });
                Some(next.await)
            } else {
                mailbox.look(self.batch.len())
            };
            let end = match next {
                Some(Next::Messages) | None => {
                    handled = self.batch.len();
                    self.work_off().await
                }
                Some(Next::Notice(notice)) => Box::pin(self.hear(notice)).await,
                Some(Next::Signal(Signal::Kill)) => Some(killed()),
                Some(Next::Signal(Signal::Stop | Signal::Drain)) => {
                    Some(End::over(StopReason::Stopped, false))
                }
                Some(Next::Renew) => Some(renewed(self.near)),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// Another actor that this one watches is over.
    async fn hear(&mut self, notice: Box<Terminated>) -> Option<End> {
        current::set_deadline(None);
        let Body { actor, state, ctx } = &mut *self.body;
        let hook = pin!(Some(actor.terminated(ctx, state, *notice)));
        let ran = guard(self.near, hook, true, self.batch).await;
        ended(self.near, ran)
    }

    /// Handles the batch, all of it or until something else is to be looked at. The end of this life, if it
    /// came to that.
    async fn work_off(&mut self) -> Option<End> {
        let near = self.near;
        let Body { actor, state, ctx } = &mut *self.body;
        let sample = near.vitals.begin(self.batch.len());
        let (mut handled, mut end) = (0, None);
        loop {
            let (batch, in_turn) = (&mut *self.batch, &mut self.in_turn);
            let run = || run_now(near, (&mut *actor, &*ctx, &mut *state), batch, (&mut handled, in_turn));
            match catch_unwind(AssertUnwindSafe(run)) {
                Ok(Run::Dry | Run::Called) => break,
                Ok(Run::TurnOver) => {}
                Ok(Run::Waits(envelope)) => {
                    near.mailbox.show(self.batch.len() + 1);
                    let handler = pin!(Some(A::dispatch(actor, ctx, state, envelope)));
                    let ran = guard(near, handler, true, self.batch).await;
                    handled += 1;
                    self.in_turn += 1;
                    end = ended(near, ran);
                    if end.is_some() || near.mailbox.handled(self.batch.len()) {
                        break;
                    }
                }
                Err(panic) => {
                    handled += 1;
                    self.in_turn += 1;
                    near.mailbox.show(self.batch.len());
                    end = Some(failed(near, StopReason::Panicked(message(&*panic))));
                    break;
                }
            }
            // tokio can't see our queue, so a busy mailbox would never let go of its worker.
            if self.in_turn >= MESSAGES_PER_TURN {
                self.in_turn = 0;
                near.mailbox.show(self.batch.len());
                tokio::task::yield_now().await;
                // What came meanwhile comes before the next message.
                if near.mailbox.handled(self.batch.len()) {
                    break;
                }
            }
        }
        near.vitals.end(handled, sample);
        end
    }
}

/// How a run of handlers that don't wait ended.
enum Run<E> {
    /// There are no more messages.
    Dry,
    /// Something else is to be looked at.
    Called,
    /// Others are to have a turn.
    TurnOver,
    /// This one's handler waits.
    Waits(E),
}

/// Handles messages for as long as their handlers don't wait. Contained as a whole by whoever calls it: what
/// `counts` say when one panics is what was handled before it.
fn run_now<A: Handlers>(
    near: &Near<A>,
    (actor, ctx, state): (&mut A, &ActorContext<A>, &mut A::State),
    batch: &mut VecDeque<A::Envelope>,
    (handled, in_turn): (&mut usize, &mut usize),
) -> Run<A::Envelope> {
    while let Some(envelope) = batch.pop_front() {
        if let Some(envelope) = A::dispatch_now(actor, ctx, state, envelope) {
            return Run::Waits(envelope);
        }
        *handled += 1;
        *in_turn += 1;
        if near.mailbox.handled(batch.len()) {
            return Run::Called;
        }
        if *in_turn >= MESSAGES_PER_TURN {
            return Run::TurnOver;
        }
    }
    Run::Dry
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
        Ran::Panicked(panic) => Some(failed(near, StopReason::Panicked(panic))),
        Ran::Killed => Some(killed()),
        Ran::Renewed => Some(renewed(near)),
    }
}

pub(super) fn failed<A: Handlers>(near: &Near<A>, reason: StopReason) -> End {
    tracing::error!(label = ?near.label(), actor_type = A::TYPE, %reason, "an actor has failed");
    End::over(reason, true)
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
            Err(panic) => return Poll::Ready(Ran::Panicked(message(&*panic))),
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

/// Messages at once that show that somebody is sending many.
const BURST: usize = 64;
/// Messages handled before other tasks of the runtime get a turn. tokio's own queues grant 128; each turn here
/// costs one of its workers a system call, which several small messages together are not worth.
const MESSAGES_PER_TURN: usize = 512;
