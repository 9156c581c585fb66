//! What a user writes.

use crate::{ActorContext, Handlers, StartFailure, StopReason, Terminated};

/// Something that handles messages one at a time, with a state of its own.
///
/// The value and its [`State`](Actor::State) are apart so that handlers can borrow them apart: a
/// handler may take `&self` or `&mut self`, the state, the context, or any of these.
///
/// The hooks have bodies that do nothing; write those you need, as `async fn`:
/// `async fn started(&mut self, ctx: &ActorContext<Self>, state: &mut u64) -> Result<(), StartFailure>`.
///
/// # Examples
///
/// ```
/// use murmer_core::Actor;
///
/// struct Counter;
///
/// impl Actor for Counter {
///     type State = u64;
/// }
/// ```
pub trait Actor: Send + Sized + 'static {
    /// What the actor remembers between messages; `()` if the value itself is enough.
    type State: Send + 'static;

    /// Runs before the first message of each life. Messages wait meanwhile.
    ///
    /// # Errors
    ///
    /// The actor ends with [`StopReason::StartFailed`], and whoever watches it is told; a supervised one
    /// is started again. [`stopped`](Self::stopped) is not called.
    fn started(
        &mut self,
        ctx: &ActorContext<Self>,
        state: &mut Self::State,
    ) -> impl Future<Output = Result<(), StartFailure>> + Send
    where
        Self: Handlers,
    {
        let _ = (ctx, state);
        async { Ok(()) }
    }

    /// Runs at the end of each life whose start-up succeeded, behind its last message and its children's
    /// end; after a panic, too, with the state as the panic left it. Not if the actor is killed, or its
    /// runtime ends. Siblings that begin again together wait for it no longer than `shutdown_wait`.
    fn stopped(
        &mut self,
        ctx: &ActorContext<Self>,
        state: &mut Self::State,
        reason: &StopReason,
    ) -> impl Future<Output = ()> + Send
    where
        Self: Handlers,
    {
        let _ = (ctx, state, reason);
        async {}
    }

    /// Runs when an actor that this one [watches](ActorContext::watch) is over: once for each watch, and
    /// behind every message that one had sent here before.
    fn terminated(
        &mut self,
        ctx: &ActorContext<Self>,
        state: &mut Self::State,
        notice: Terminated,
    ) -> impl Future<Output = ()> + Send
    where
        Self: Handlers,
    {
        let _ = (ctx, state, notice);
        async {}
    }
}
