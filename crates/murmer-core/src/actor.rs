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
/// use murmer::prelude::*;
///
/// struct Counter {
///     step: u64,
/// }
///
/// impl Actor for Counter {
///     type State = u64;
/// }
///
/// #[handlers]
/// impl Counter {
///     #[handler]
///     fn count(&self, count: &mut u64) -> u64 {
///         *count += self.step;
///         *count
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
///
/// let counter = System::local().start("counter", Counter { step: 2 }, 40);
/// assert_eq!(counter.count().await?, 42);
/// # Ok(()) }
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Journal;
    /// impl Actor for Journal {
    ///     type State = Vec<String>;
    ///
    ///     async fn started(&mut self, _: &ActorContext<Self>, lines: &mut Vec<String>) -> Result<(), StartFailure> {
    ///         lines.push("opened".into());
    ///         Ok(())
    ///     }
    /// }
    /// # #[handlers] impl Journal {
    /// #     #[handler] fn lines(&self, lines: &mut Vec<String>) -> Vec<String> { lines.clone() }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let journal = System::local().start("journal", Journal, Vec::new());
    /// assert_eq!(journal.lines().await?, ["opened"]); // waited for that
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use tokio::sync::mpsc;
    /// # struct Machine;
    /// impl Actor for Machine {
    ///     type State = mpsc::UnboundedSender<String>;
    ///
    ///     async fn stopped(&mut self, _: &ActorContext<Self>, log: &mut Self::State, reason: &StopReason) {
    ///         let _ = log.send(reason.to_string());
    ///     }
    /// }
    /// # #[handlers] impl Machine { #[handler] fn overheat(&mut self) { panic!("too hot") } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    ///
    /// let (log, mut read) = mpsc::unbounded_channel();
    /// let machine = System::local().start("machine", Machine, log);
    /// assert!(matches!(machine.overheat().await, Err(SendError::Panicked)));
    /// assert_eq!(read.recv().await.as_deref(), Some("panicked: too hot"));
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # use tokio::sync::mpsc;
    /// # struct Guard(Endpoint<Counter>);
    /// impl Actor for Guard {
    ///     type State = mpsc::UnboundedSender<StopReason>;
    ///
    ///     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut Self::State) -> Result<(), StartFailure> {
    ///         ctx.watch(&self.0);
    ///         Ok(())
    ///     }
    ///
    ///     async fn terminated(&mut self, _: &ActorContext<Self>, log: &mut Self::State, notice: Terminated) {
    ///         let _ = log.send(notice.reason);
    ///     }
    /// }
    /// # #[handlers] impl Guard { #[handler] fn ready(&self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let system = System::local();
    /// let (log, mut read) = mpsc::unbounded_channel();
    /// let counter = system.start("counter", Counter, 0);
    /// system.start("guard", Guard(counter), log).ready().await?;
    /// system.stop("counter");
    /// assert_eq!(read.recv().await, Some(StopReason::Stopped));
    /// # Ok(()) }
    /// ```
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
