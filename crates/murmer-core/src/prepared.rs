//! An actor that can be sent to and does not run yet.

use core::fmt;
use std::sync::Arc;
use std::thread;

use tokio::runtime::Handle;

use crate::family::{Family, Place};
use crate::near::{AnyNear, Near};
use crate::task;
use crate::{ActorOptions, Endpoint, Handlers, StopReason, Supervision};

/// An actor whose label is taken and whose mailbox is open, but which has not begun. Messages wait for it.
///
/// So two actors can be given each other's endpoints before either runs. Dropped without being started, it
/// is over: what waits is refused, and the label is free again.
///
/// # Examples
///
/// ```
/// # use murmer_core::{ActorOptions, Handlers, System, StartError};
/// # async fn example<A: Handlers>(system: System, actor: A, state: A::State) -> Result<(), StartError> {
/// let prepared = system.prepare::<A>("ledger", ActorOptions::default())?;
/// let endpoint = prepared.endpoint(); // to hand to others
/// prepared.start(actor, state);
/// # Ok(())
/// # }
/// ```
#[must_use = "dropped, it is never started"]
pub struct Prepared<A: Handlers> {
    /// `None` once it has been started.
    near: Option<Arc<Near<A>>>,
    options: ActorOptions,
    runtime: Handle,
    family: Option<Arc<Family>>,
}

impl<A: Handlers> Prepared<A> {
    pub(crate) const fn new(near: Arc<Near<A>>, options: ActorOptions, runtime: Handle) -> Self {
        Self { near: Some(near), options, runtime, family: None }
    }

    pub(crate) fn into_family(mut self, family: Arc<Family>) -> Self {
        self.family = Some(family);
        self
    }

    /// An endpoint of the actor that will be.
    pub fn endpoint(&self) -> Endpoint<A> {
        Endpoint::near(self.near.clone().expect("it is taken only by what consumes this"))
    }

    /// Starts it. It is not restarted when it fails.
    pub fn start(mut self, actor: A, state: A::State) -> Endpoint<A> {
        let endpoint = self.endpoint();
        if let Some((near, place)) = self.begin() {
            let task = task::run_once(near.clone(), place, self.options.children, actor, state);
            self.launch(&near, task);
        }
        endpoint
    }

    /// Starts it, made by `factory`, and made again when it fails, as `supervision` says. The factory runs on
    /// the actor's task; it should be quick, and leave what takes time to [`Actor::started`](crate::Actor).
    pub fn supervise(
        mut self,
        supervision: Supervision,
        factory: impl FnMut() -> (A, A::State) + Send + 'static,
    ) -> Endpoint<A> {
        let endpoint = self.endpoint();
        if let Some((near, place)) = self.begin() {
            let strategy = self.options.children;
            let task = task::run_supervised(near.clone(), place, strategy, supervision, factory);
            self.launch(&near, task);
        }
        endpoint
    }

    /// What a task needs; `None` if the parent's life is over: a child must not outlive that.
    fn begin(&mut self) -> Option<(Arc<Near<A>>, Option<Place>)> {
        let near = self.near.as_ref()?;
        let place = match self.family.take() {
            Some(family) => Some(family.join(near.clone())?),
            None => None,
        };
        let near = self.near.take()?;
        near.system().announce(&*near);
        Some((near, place))
    }

    fn launch(&self, near: &Near<A>, task: impl Future<Output = ()> + Send + 'static) {
        if self.options.own_thread {
            on_own_thread(near, self.runtime.clone(), task);
        } else {
            self.runtime.spawn(task);
        }
    }
}

impl<A: Handlers> Drop for Prepared<A> {
    fn drop(&mut self) {
        if let Some(near) = self.near.take() {
            near.system().retire(&*near);
            near.set_ended(StopReason::NeverExisted);
        }
    }
}

impl<A: Handlers> fmt::Debug for Prepared<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.near.as_ref().and_then(|near| near.label());
        f.debug_struct("Prepared").field("type", &A::TYPE).field("label", &label).finish_non_exhaustive()
    }
}

/// In the company of `runtime`: what the actor spawns or starts runs there, so that neither its end nor a
/// handler that blocks is theirs. Whatever goes wrong here drops the task, and with that the actor is over.
fn on_own_thread<A: Handlers>(
    near: &Near<A>,
    runtime: Handle,
    task: impl Future<Output = ()> + Send + 'static,
) {
    let name = near.label().map_or(A::TYPE, |label| label.as_str()).to_owned();
    if let Err(error) = thread::Builder::new().name(name).spawn(move || runtime.block_on(task)) {
        tracing::error!(%error, label = ?near.label(), "no thread for an actor of its own");
    }
}
