//! The long part of a life: message after message, until something ends it.

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::time::Duration;
use std::panic::catch_unwind;

use tokio::time::Instant;

use super::{Body, End, Life, ended, guard, killed, panicked, renewed};
use crate::Terminated;
use crate::contained::message;
use crate::mailbox::{Next, Signal};
use crate::{Handlers, StopReason, current};

/// How a run of handlers that don't wait ended.
enum Run {
    /// There are no more messages.
    Dry,
    /// Something else is to be looked at.
    Called,
    /// Others may be due for a turn.
    Paused,
    /// The next one's handler waits.
    Waits,
    Panicked(String),
}

impl<A: Handlers> Life<'_, A> {
    pub(super) fn work(&mut self) -> impl Future<Output = End> {
        async move {
            let mut was_burst = false;
            loop {
                // A sender at work on another thread would wake us for every few messages. One turn for the
                // others gives it the time to send many.
                if was_burst && self.batch.is_empty() && self.near.mailbox.is_empty() {
                    self.in_turn = 0;
                    tokio::task::yield_now().await;
                }
                // Left over from a life that ended in the middle of it, the batch comes first.
                let next = if self.batch.is_empty() {
                    Some(self.next().await)
                } else {
                    self.near.mailbox.look(self.batch.len())
                };
                let notice = match next {
                    Some(Next::Messages) | None => None,
                    Some(Next::Notice(notice)) => Some(notice),
                    Some(Next::Signal(Signal::Kill)) => return killed(),
                    Some(Next::Signal(Signal::Stop | Signal::Drain)) => {
                        return End::over(StopReason::Stopped, false);
                    }
                    Some(Next::Renew) => return renewed(self.near),
                };
                was_burst = notice.is_none() && self.batch.len() >= BURST;
                let end = match notice {
                    Some(notice) => Box::pin(self.hear(notice)).await,
                    None => self.work_off().await,
                };
                if let Some(end) = end {
                    return end;
                }
            }
        }
    }

    /// Waits for whatever comes next, messages into the empty batch.
    fn next(&mut self) -> impl Future<Output = Next> {
        poll_fn(|cx| {
            let next = self.near.mailbox.poll_next(cx, self.batch);
            if next.is_pending() {
                self.in_turn = 0;
            }
            next
        })
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
    fn work_off(&mut self) -> impl Future<Output = Option<End>> {
        async move {
            let sample = self.near.vitals.begin(self.batch.len());
            let mut handled = 0;
            let end = loop {
                let (run, envelope) = self.run_now(&mut handled);
                let mut is_called = false;
                match run {
                    Run::Dry => break None,
                    Run::Called => is_called = true,
                    Run::Paused => {}
                    Run::Panicked(panic) => break Some(panicked(self.near, panic)),
                    Run::Waits => {
                        let ran = {
                            let Body { actor, state, ctx } = &mut *self.body;
                            let handler = envelope.map(|envelope| A::dispatch(actor, ctx, state, envelope));
                            guard(self.near, pin!(handler), true, self.batch).await
                        };
                        handled += 1;
                        self.in_turn += 1;
                        is_called = self.near.mailbox.handled(self.batch.len());
                        if let Some(end) = ended(self.near, ran) {
                            break Some(end);
                        }
                    }
                }
                // tokio can't see our queue, so a busy mailbox would never let go of its worker.
                if is_over(self.in_turn, sample) {
                    self.in_turn = 0;
                    tokio::task::yield_now().await;
                    // What came meanwhile comes before the next message.
                    is_called = self.near.mailbox.handled(self.batch.len());
                }
                if is_called {
                    break None;
                }
            };
            self.near.vitals.end(handled, sample);
            end
        }
    }

    /// Handles messages for as long as their handlers don't wait, contained as a whole: what containing costs is
    /// more than many a handler does. The message whose handler waits, if it came to one.
    fn run_now(&mut self, handled: &mut usize) -> (Run, Option<A::Envelope>) {
        let (near, in_turn, batch) = (self.near, &mut self.in_turn, &mut *self.batch);
        let Body { actor, state, ctx } = &mut *self.body;
        let run = catch_unwind(AssertUnwindSafe(|| {
            while let Some(envelope) = batch.pop_front() {
                if let Some(envelope) = A::dispatch_now(actor, ctx, state, envelope) {
                    return (Run::Waits, Some(envelope));
                }
                *handled += 1;
                *in_turn += 1;
                if near.mailbox.handled(batch.len()) {
                    return (Run::Called, None);
                }
                if in_turn.is_multiple_of(PAUSE_EVERY) {
                    return (Run::Paused, None);
                }
            }
            (Run::Dry, None)
        }));
        run.unwrap_or_else(|panic| {
            // The one that panicked has been handled, too.
            *handled += 1;
            *in_turn += 1;
            near.mailbox.handled(batch.len());
            (Run::Panicked(message(panic)), None)
        })
    }
}

/// Whether a turn of so many messages has been long enough. The last batch began then; of a small one that is not
/// always known.
fn is_over(messages: usize, began_at: Option<Instant>) -> bool {
    let may_be_slow = || began_at.is_none_or(|at| at.elapsed() >= TURN_TIME);
    messages >= MESSAGES_PER_TURN || messages >= PAUSE_EVERY && may_be_slow()
}

/// Messages at once that show that somebody is sending many.
const BURST: usize = 64;
/// Messages between two looks at how long a turn has been, and the fewest of a turn: as many as tokio grants
/// its own queues.
const PAUSE_EVERY: usize = 128;
/// Messages handled before other tasks of the runtime get a turn in any case. Each turn costs a worker a system
/// call, which so many small messages together are not worth.
const MESSAGES_PER_TURN: usize = 512;
/// How long a batch may take before a turn that has had [`PAUSE_EVERY`] messages is over: tens of microseconds
/// are what tokio's authors hold a task to between two waits.
const TURN_TIME: Duration = Duration::from_micros(100);
