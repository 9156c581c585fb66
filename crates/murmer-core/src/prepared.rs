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
/// # use murmer::prelude::*;
/// # pub struct Player { name: &'static str, other: Endpoint<Player> }
/// # impl Actor for Player { type State = (); }
/// # #[handlers] impl Player {
/// #     #[handler] fn name(&self) -> String { self.name.into() }
/// #     #[handler] async fn against(&self) -> Option<String> { self.other.name().await.ok() }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use murmer::ActorOptions;
///
/// let system = System::local();
/// let white = system.prepare::<Player>("white", ActorOptions::default())?;
/// let black = system.prepare::<Player>("black", ActorOptions::default())?;
/// let (to_white, to_black) = (white.endpoint(), black.endpoint());
/// let white = white.start(Player { name: "Ada", other: to_black }, ());
/// let black = black.start(Player { name: "Bob", other: to_white }, ());
/// assert_eq!(white.against().await?.as_deref(), Some("Bob"));
/// assert_eq!(black.against().await?.as_deref(), Some("Ada"));
/// # Ok(()) }
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ActorOptions;
    ///
    /// let system = System::local();
    /// let prepared = system.prepare::<Counter>("counter", ActorOptions::default())?;
    /// let counter = prepared.endpoint();
    /// counter.add(1).tell().await?; // waits
    /// assert_eq!(system.lookup("counter"), Some(counter.clone()));
    ///
    /// drop(prepared); // never started
    /// assert!(matches!(counter.add(1).await, Err(SendError::Stopped)));
    /// # Ok(()) }
    /// ```
    pub fn endpoint(&self) -> Endpoint<A> {
        Endpoint::near(self.near.clone().expect("it is taken only by what consumes this"))
    }

    /// Starts it. It is not restarted when it fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ActorOptions;
    ///
    /// let prepared = System::local().prepare("counter", ActorOptions::default())?;
    /// prepared.endpoint().tell(CounterAdd { by: 2 }).await?;
    /// assert_eq!(prepared.start(Counter, 40).add(0).await?, 42);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Parser; impl Actor for Parser { type State = (); }
    /// # #[handlers] impl Parser { #[handler] fn parse(&self, text: String) -> u64 { text.parse().expect("a number") } }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::{ActorOptions, Supervision};
    ///
    /// let prepared = System::local().prepare("parser", ActorOptions::default().mailbox(16))?;
    /// let parser = prepared.supervise(Supervision::transient(), || (Parser, ()));
    /// assert!(matches!(parser.parse("two".into()).await, Err(SendError::Panicked)));
    /// assert_eq!(parser.parse("2".into()).await?, 2); // in its next life
    /// # Ok(()) }
    /// ```
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
        Some((self.near.take()?, place))
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
