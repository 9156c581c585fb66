//! How one actor is run, where the defaults don't fit.

use murmer_wire::Visibility;

/// How one actor is run.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use murmer::{ActorOptions, ChildStrategy};
///
/// let options = ActorOptions::default().mailbox(2).children(ChildStrategy::OneForAll);
/// let counter = System::local().try_start("counter", Counter, 0, options)?;
/// counter.try_tell(CounterAdd { by: 1 })?;
/// counter.try_tell(CounterAdd { by: 1 })?;
/// assert!(counter.try_tell(CounterAdd { by: 1 }).is_err());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ActorOptions {
    pub(crate) mailbox: usize,
    pub(crate) children: ChildStrategy,
    pub(crate) own_thread: bool,
    pub(crate) visibility: Visibility,
}

/// Which children begin another life when one of them has failed and is restarted.
///
/// They lay down their lives, the youngest first, wherever their handlers wait; then they begin again, the
/// oldest first and one after the other. So a start-up may ask an older sibling, and must not wait for a
/// younger one. A child that is never restarted ends instead.
///
/// # Examples
///
/// ```
/// # use murmer::{ActorOptions, ChildStrategy, Supervision, prelude::*};
/// # pub struct Part; impl Actor for Part { type State = u32; }
/// # #[handlers] impl Part {
/// #     #[handler] fn fail(&mut self) { panic!("on purpose") }
/// #     #[handler] fn calls(&self, calls: &mut u32) -> u32 { *calls += 1; *calls }
/// # }
/// # struct Whole; impl Actor for Whole { type State = (); }
/// #[handlers(local)]
/// impl Whole {
///     #[handler]
///     fn assemble(&self, ctx: &ActorContext<Self>) -> [Endpoint<Part>; 2] {
///         [(); 2].map(|()| ctx.supervise_child(None, Supervision::transient(), || (Part, 0)))
///     }
/// }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let options = ActorOptions::default().children(ChildStrategy::OneForAll);
/// let [one, two] = System::local().try_start("whole", Whole, (), options)?.assemble().await?;
/// assert_eq!(two.calls().await?, 1);
/// one.fail().await.unwrap_err();
/// one.calls().await?; // it is back
/// assert_eq!(two.calls().await?, 1); // so is the other: not at 2
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChildStrategy {
    /// That one.
    #[default]
    OneForOne,
    /// All of them: for children that are of no use without each other.
    OneForAll,
    /// That one and those started after it: for children that build on those before them.
    RestForOne,
}

impl ActorOptions {
    /// Messages a mailbox holds unless told otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use murmer::ActorOptions;
    ///
    /// let counter = System::local().start("counter", Counter, 0);
    /// let mut taken = 0;
    /// while counter.try_tell(CounterAdd { by: 1 }).is_ok() {
    ///     taken += 1; // meanwhile it has no turn to handle any
    /// }
    /// assert_eq!(taken, ActorOptions::MAILBOX_DEFAULT);
    /// # }
    /// ```
    pub const MAILBOX_DEFAULT: usize = 1_024;

    /// How many messages may wait for the actor, the one being handled included.
    ///
    /// From 1; a thousand or so absorbs bursts while a slow actor is still noticed within a
    /// thousand messages. 0 is taken as 1, since an actor that takes no message is no use.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Sleeper;
    /// # impl Actor for Sleeper { type State = (); }
    /// # #[handlers] impl Sleeper {
    /// #     #[handler] async fn nap(&mut self) { tokio::time::sleep(Duration::from_secs(3_600)).await }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ActorOptions;
    ///
    /// let options = ActorOptions::default().mailbox(1);
    /// let sleeper = System::local().try_start("sleeper", Sleeper, (), options)?;
    /// sleeper.nap().tell().await?;
    /// tokio::task::yield_now().await; // lets it begin
    /// let error = sleeper.nap().await.unwrap_err(); // the nap in hand takes the only place
    /// assert!(matches!(error, SendError::Overloaded { waited } if waited == Duration::from_secs(5)));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn mailbox(mut self, messages: usize) -> Self {
        self.mailbox = messages.max(1);
        self
    }

    /// Which of its children are restarted along with one that failed. One for one unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::{ActorOptions, ChildStrategy, Supervision, prelude::*};
    /// # pub struct Step; impl Actor for Step { type State = u32; }
    /// # #[handlers] impl Step {
    /// #     #[handler] fn fail(&mut self) { panic!("on purpose") }
    /// #     #[handler] fn calls(&self, calls: &mut u32) -> u32 { *calls += 1; *calls }
    /// # }
    /// # struct Pipeline; impl Actor for Pipeline { type State = (); }
    /// # #[handlers(local)] impl Pipeline {
    /// #     #[handler] fn build(&self, ctx: &ActorContext<Self>) -> [Endpoint<Step>; 3] {
    /// #         [(); 3].map(|()| ctx.supervise_child(None, Supervision::transient(), || (Step, 0)))
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let options = ActorOptions::default().children(ChildStrategy::RestForOne);
    /// let pipeline = System::local().try_start("pipeline", Pipeline, (), options)?;
    /// let [first, second, third] = pipeline.build().await?; // three supervised children
    /// for step in [&first, &second, &third] {
    ///     step.calls().await?;
    /// }
    /// second.fail().await.unwrap_err();
    /// assert_eq!(second.calls().await?, 1); // begun again
    /// assert_eq!((first.calls().await?, third.calls().await?), (2, 1)); // the third with it
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub const fn children(mut self, strategy: ChildStrategy) -> Self {
        self.children = strategy;
        self
    }

    /// Who hears of the actor: everybody unless set. It stays so through all its lives, on every node.
    ///
    /// A reference leads to the actor whatever this says.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::{ActorOptions, Visibility};
    ///
    /// let system = System::local();
    /// let unlisted = ActorOptions::default().visibility(Visibility::Unlisted);
    /// system.try_start("counter", Counter, 0, unlisted)?;
    /// assert!(system.labels("*").is_empty());
    /// assert!(system.lookup::<Counter>("counter").is_some());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub const fn visibility(mut self, visibility: Visibility) -> Self {
        self.visibility = visibility;
        self
    }

    /// Runs the actor on a thread of its own, so that its handlers may block: for a handful of actors
    /// around blocking libraries. A thread costs what thousands of actors do. Its tasks, timers and children,
    /// and whatever else it starts, run on the runtime around it and are not held up.
    ///
    /// For a single piece of blocking work use
    /// [`ActorContext::spawn_blocking`](crate::ActorContext::spawn_blocking).
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Driver; impl Actor for Driver { type State = (); }
    /// #[handlers]
    /// impl Driver {
    ///     #[handler]
    ///     fn thread(&self) -> Option<String> {
    ///         std::thread::current().name().map(str::to_owned) // here it may block
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ActorOptions;
    ///
    /// let options = ActorOptions::default().own_thread();
    /// let driver = System::local().try_start("driver", Driver, (), options)?;
    /// assert_eq!(driver.thread().await?.as_deref(), Some("driver"));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub const fn own_thread(mut self) -> Self {
        self.own_thread = true;
        self
    }
}

impl Default for ActorOptions {
    fn default() -> Self {
        Self {
            mailbox: Self::MAILBOX_DEFAULT,
            children: ChildStrategy::OneForOne,
            own_thread: false,
            visibility: Visibility::default(),
        }
    }
}
