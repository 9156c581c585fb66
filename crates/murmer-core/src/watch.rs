//! Being told of another actor's end: exactly once, with the true reason, behind its last message.
//!
//! The watcher's side keeps which watches are open; whoever takes one off that list, the end of the target
//! or the watcher's own second thoughts, is the only one to act on it. So there are never two notices.
//!
//! Doesn't know how a notice reaches the watcher's handlers; see [`crate::mailbox`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_wire::{ActorId, Label};

use crate::near::AnyNear;
use crate::{Cluster, Observer, StopReason};

/// One watch of one actor by another.
///
/// # Examples
///
/// ```
/// use murmer::WatchId;
/// use murmer::prelude::*;
///
/// # struct Parser;
/// # impl Actor for Parser { type State = (); }
/// # #[handlers]
/// # impl Parser {
/// #     #[handler]
/// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
/// # }
/// # struct Guard(Endpoint<Parser>);
/// # impl Actor for Guard { type State = (); }
/// # #[handlers(local)]
/// # impl Guard {
/// #[handler]
/// fn look_away(&mut self, ctx: &ActorContext<Self>) -> bool {
///     let watch: WatchId = ctx.watch(&self.0);
///     ctx.unwatch(watch) // `terminated` will not be called for it
/// }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let parser = system.start("parser", Parser, ());
/// assert!(system.start("guard", Guard(parser), ()).look_away().await?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchId(pub(crate) u64);

impl WatchId {
    /// What tells it from all others of its process.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::WatchId;
    ///
    /// /// For a log.
    /// fn line(watch: WatchId) -> String {
    ///     format!("watch {}", watch.as_u64())
    /// }
    /// # let _ = line;
    /// ```
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

/// An actor that was watched is over, or will never be heard of again.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
///
/// # struct Parser;
/// # impl Actor for Parser { type State = (); }
/// # #[handlers]
/// # impl Parser {
/// #     #[handler]
/// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
/// # }
/// # struct Guard(Endpoint<Parser>);
/// # type Asked = Option<ReplyTo<String>>;
/// # impl Actor for Guard {
/// #     type State = Asked;
/// #     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut Asked) -> Result<(), StartFailure> {
/// #         ctx.watch_tagged(&self.0, 7);
/// #         Ok(())
/// #     }
/// /// A hook of `Guard`, after `ctx.watch_tagged(&parser, 7)`.
/// async fn terminated(&mut self, _: &ActorContext<Self>, asked: &mut Asked, notice: Terminated) {
///     let text = format!("{:?}, tag {}: {}", notice.label, notice.tag, notice.reason);
///     asked.take().into_iter().for_each(|reply| reply.send(text.clone()));
/// }
/// # }
/// # #[handlers]
/// # impl Guard {
/// #     #[handler]
/// #     fn news(&self, asked: &mut Asked, reply: ReplyTo<String>) { *asked = Some(reply); }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let parser = system.start("parser", Parser, ());
/// let guard = system.start("guard", Guard(parser.clone()), None);
/// let (news, _) = tokio::join!(biased; guard.news(), async { parser.control().kill() });
/// assert_eq!(news?, "Some(\"parser\"), tag 7: killed");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terminated {
    /// Which watch this ends.
    pub watch: WatchId,
    /// What the watcher gave along with it; 0 if nothing.
    pub tag: u64,
    /// Which actor.
    pub actor: ActorId,
    /// Its label, if it has one.
    pub label: Option<Label>,
    /// Why.
    pub reason: StopReason,
}

/// Who watches an actor; or, once it has ended, why it has.
#[derive(Default)]
pub(crate) struct Watchers {
    state: Mutex<WatchersState>,
}

enum WatchersState {
    Open(BTreeMap<WatchId, Watcher>),
    Ended(StopReason),
}

impl Default for WatchersState {
    fn default() -> Self {
        Self::Open(BTreeMap::new())
    }
}

/// One who watches.
pub(crate) enum Watcher {
    Actor {
        tag: u64,
        near: Arc<dyn AnyNear>,
    },
    /// For other nodes.
    Observer(Arc<dyn Observer>),
}

impl Watcher {
    /// The target is over.
    pub(crate) fn tell(self, watch: WatchId, target: &dyn AnyNear, reason: StopReason) {
        match self {
            Self::Actor { tag, near } => {
                let (actor, label) = (target.id(), target.label().cloned());
                near.notify(Terminated { watch, tag, actor, label, reason });
            }
            Self::Observer(observer) => observer.ended(target.number(), reason),
        }
    }
}

impl Watchers {
    /// Adds a watcher; the reason if it is too late for that.
    pub(crate) fn add(&self, watch: WatchId, watcher: Watcher) -> Result<(), StopReason> {
        match &mut *self.lock() {
            WatchersState::Open(watchers) => {
                watchers.insert(watch, watcher);
                Ok(())
            }
            WatchersState::Ended(reason) => Err(reason.clone()),
        }
    }

    pub(crate) fn remove(&self, watch: WatchId) {
        let removed = match &mut *self.lock() {
            WatchersState::Open(watchers) => watchers.remove(&watch),
            WatchersState::Ended(_) => None,
        };
        // Outside the lock: it may be the last that holds its actor.
        drop(removed);
    }

    /// The actor is over; those who are to be told. Nobody, the second time.
    pub(crate) fn end(&self, reason: StopReason) -> BTreeMap<WatchId, Watcher> {
        let mut state = self.lock();
        match &mut *state {
            WatchersState::Open(watchers) => {
                let watchers = core::mem::take(watchers);
                *state = WatchersState::Ended(reason);
                watchers
            }
            WatchersState::Ended(_) => BTreeMap::new(),
        }
    }

    /// Why the actor has ended, if it has.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        match &*self.lock() {
            WatchersState::Open(_) => None,
            WatchersState::Ended(reason) => Some(reason.clone()),
        }
    }

    #[cfg(all(test, not(murmer_loom)))]
    pub(crate) fn len(&self) -> usize {
        match &*self.lock() {
            WatchersState::Open(watchers) => watchers.len(),
            WatchersState::Ended(_) => 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, WatchersState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an actor watches.
#[derive(Default)]
pub(crate) struct Watches {
    open: Mutex<BTreeMap<WatchId, Watched>>,
}

/// What is watched, to be let go of.
pub(crate) enum Watched {
    Near(Arc<dyn AnyNear>),
    /// These know of it.
    Far(Arc<dyn Cluster>),
}

impl Watches {
    pub(crate) fn open(&self, watch: WatchId, watched: Watched) {
        self.lock().insert(watch, watched);
    }

    /// True for the one who ends the watch.
    pub(crate) fn close(&self, watch: WatchId) -> bool {
        let closed = self.lock().remove(&watch);
        match closed {
            Some(watched) => {
                watched.let_go(watch);
                true
            }
            None => false,
        }
    }

    /// The watcher is over.
    pub(crate) fn close_all(&self) {
        let all = core::mem::take(&mut *self.lock());
        for (watch, watched) in all {
            watched.let_go(watch);
        }
    }

    #[cfg(all(test, not(murmer_loom)))]
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<WatchId, Watched>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    fn let_go(self, watch: WatchId) {
        match self {
            Self::Near(near) => near.watchers().remove(watch),
            Self::Far(cluster) => cluster.unwatch(watch),
        }
    }
}

#[cfg(all(test, not(murmer_loom)))]
mod tests;
