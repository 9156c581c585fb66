//! Ending an actor of this process from outside.

use core::fmt;
use std::sync::Arc;

use crate::mailbox::Signal;
use crate::near::AnyNear;

/// How to end one actor. Of any type, so that different actors fit one collection. Of an actor that is gone,
/// or lives on another node, nothing of it does anything.
///
/// | | stop | drain | kill |
/// |---|---|---|---|
/// | the message in hand | finished | finished | broken off where it waits: [`NoReply`](crate::SendError::NoReply) |
/// | asks that wait | [`Stopped`](crate::SendError::Stopped), never delivered | handled | `Stopped` |
/// | tells that wait | [`Undelivered`](crate::Event::Undelivered) | handled | `Undelivered` |
/// | senders in line for a place | `Stopped` | `Stopped` | `Stopped` |
/// | what comes later | `Stopped` | `Stopped` | `Stopped` |
/// | [`stopped`](crate::Actor::stopped) | runs | runs | does not run |
/// | children | stopped first | stopped first | killed first |
///
/// In every case the label is free at once, a full mailbox makes no difference, and a restart is not due. Only
/// a drain goes on in another life if the actor fails meanwhile and is supervised. An actor that is stopped or
/// killed before it has begun does not begin: none of its hooks runs.
///
/// Each says whether the actor was there and had not been told to end before. One that had is told again all
/// the same: a stop goes before a drain, and a kill before both.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # struct Room;
/// # impl Actor for Room { type State = (); }
/// # #[handlers] impl Room {
/// #     #[handler] fn hello(&self) -> String { "hello".into() }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use murmer::Control;
///
/// let system = System::local();
/// let counter = system.start("counter", Counter, 0);
/// let room = system.start("room", Room, ());
/// let all: [Control; 2] = [counter.control(), room.control()];
/// for actor in &all {
///     assert!(actor.stop_and_wait().await);
/// }
/// assert!(system.actors().is_empty());
/// # }
/// ```
#[derive(Clone)]
pub struct Control {
    near: Option<Arc<dyn AnyNear>>,
}

impl Control {
    pub(crate) fn new(near: Arc<dyn AnyNear>) -> Self {
        Self { near: Some(near) }
    }

    pub(crate) const fn nobody() -> Self {
        Self { near: None }
    }

    /// Ends the actor once the message in hand is finished.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let counter = System::local().start("counter", Counter, 0);
    /// let control = counter.control();
    /// let (ask, was_there) = tokio::join!(biased; counter.add(1), async { control.stop() });
    /// assert!(was_there);
    /// assert!(matches!(ask, Err(SendError::Stopped))); // its turn had not come
    /// assert!(!control.stop()); // told already
    /// # }
    /// ```
    pub fn stop(&self) -> bool {
        self.end(Signal::Stop)
    }

    /// Ends the actor once everything that has been accepted is handled; [`ended`](Self::ended) waits for
    /// that. Its children are stopped then, not drained.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let counter = System::local().start("counter", Counter, 0);
    /// let control = counter.control();
    /// let (ask, _) = tokio::join!(biased; counter.add(1), async { control.drain() });
    /// assert_eq!(ask?, 1); // had been accepted
    /// control.ended().await;
    /// # Ok(()) }
    /// ```
    pub fn drain(&self) -> bool {
        self.end(Signal::Drain)
    }

    /// Ends the actor at once. A handler that doesn't wait can't be broken off: then after it.
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
    /// # async fn main() {
    /// let sleeper = System::local().start("sleeper", Sleeper, ());
    /// sleeper.nap().timeout(Duration::from_secs(1)).await.unwrap_err(); // it naps on
    /// assert!(sleeper.control().drain()); // in an hour
    /// assert!(!sleeper.control().kill()); // now; false, since it had been told to end
    /// assert_eq!(sleeper.ended().await, StopReason::Killed);
    /// # }
    /// ```
    pub fn kill(&self) -> bool {
        self.end(Signal::Kill)
    }

    /// Waits until the actor is over, its clean-up included. For an actor of another node that is at once.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
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
    /// # async fn main() {
    /// let sleeper = System::local().start("sleeper", Sleeper, ());
    /// let control = sleeper.control();
    /// let (nap, ()) = tokio::join!(biased; sleeper.nap(), async {
    ///     control.drain();
    ///     control.ended().await; // an hour later
    /// });
    /// assert!(nap.is_ok());
    /// # }
    /// ```
    pub async fn ended(&self) {
        if let Some(near) = &self.near {
            near.when_ended().wait().await;
        }
    }

    /// Stops the actor and waits until it is over.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the actor stops all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// assert!(counter.control().stop_and_wait().await);
    /// assert!(!counter.control().stop_and_wait().await); // over already
    /// assert!(system.actors().is_empty());
    /// # }
    /// ```
    pub async fn stop_and_wait(&self) -> bool {
        let was_there = self.stop();
        self.ended().await;
        was_there
    }

    fn end(&self, signal: Signal) -> bool {
        self.near.as_ref().is_some_and(|near| near.end_and_retire(signal))
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("actor", &self.near.as_ref().map(|near| near.id())).finish()
    }
}
