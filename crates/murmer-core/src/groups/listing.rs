//! A group as a stream of its changes.

use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::Stream;
use murmer_wire::ActorId;

use super::unread::{News, Unread};
use super::{AnyGroup, Group};
use crate::{Endpoint, Handlers, System};

/// Who is in a group and how that changes, as a stream: first everybody who is in, then each change once.
/// See [`System::listing`].
///
/// None is missed and none comes twice, however slow the reader is: applied to a set one after the other,
/// they make it the group. A member that joins and leaves between two looks may never be heard of, so what
/// waits for a slow reader is bounded by the members there are and those it knows of.
///
/// Members on other nodes come and go as this node hears of them; those of a node that is down are removed,
/// and added again should it turn out to be alive. It ends once the system has been shut down.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{GroupChange, ReceptionKey};
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let key = ReceptionKey::new("workers")?;
/// let mut listing = system.listing(&key);
/// let worker = system.start_anonymous(Worker, 0);
/// system.join_group(&key, &worker)?;
/// assert_eq!(listing.next().await, Some(GroupChange::Added(worker.clone())));
///
/// worker.control().stop();
/// assert_eq!(listing.next().await, Some(GroupChange::Removed(worker.id())));
/// # Ok(())
/// # }
/// ```
pub struct Listing<A: Handlers> {
    system: System,
    group: Arc<Group<A>>,
    reader: Arc<Reader<A>>,
}

/// One change of a group.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{GroupChange, ReceptionKey};
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// # let key = ReceptionKey::new("workers")?;
/// # let mut listing = system.listing(&key);
/// # let worker = system.start_anonymous(Worker, 0);
/// # system.join_group(&key, &worker)?;
/// let mut members = Vec::new();
/// while let Some(change) = listing.try_next() {
///     match change {
///         GroupChange::Added(endpoint) => members.push(endpoint),
///         GroupChange::Removed(id) => members.retain(|member| member.id() != id),
///     }
/// }
/// assert_eq!(members, [worker]);
/// # Ok(())
/// # }
/// ```
pub enum GroupChange<A: Handlers> {
    /// This actor is in.
    Added(Endpoint<A>),
    /// This one, of which the listing had told, is not in any more: it left, it ended, or its node is gone.
    Removed(ActorId),
}

/// A listing as its group sees it.
pub(crate) struct Reader<A: Handlers> {
    state: Mutex<ReaderState<A>>,
}

struct ReaderState<A: Handlers> {
    unread: Unread<Endpoint<A>, ActorId>,
    waker: Option<Waker>,
    is_closed: bool,
}

impl<A: Handlers> Listing<A> {
    pub(crate) const fn new(system: System, group: Arc<Group<A>>, reader: Arc<Reader<A>>) -> Self {
        Self { system, group, reader }
    }

    /// The next change, waiting for it; `None` once the system has been shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: a change that was not returned is what the next call returns.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{GroupChange, ReceptionKey};
    /// # struct Worker;
    /// # impl Actor for Worker { type State = u64; }
    /// # #[handlers(clone)]
    /// # impl Worker {
    /// #     #[handler]
    /// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// # let key = ReceptionKey::new("workers")?;
    /// # let worker = system.start_anonymous(Worker, 0);
    /// # system.join_group(&key, &worker)?;
    /// let mut listing = system.listing(&key);
    /// assert_eq!(listing.next().await, Some(GroupChange::Added(worker)));
    ///
    /// system.shutdown().await; // everybody leaves, and that is the end of it
    /// assert!(matches!(listing.next().await, Some(GroupChange::Removed(_))));
    /// assert_eq!(listing.next().await, None);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn next(&mut self) -> Option<GroupChange<A>> {
        poll_fn(|cx| self.reader.poll(cx)).await
    }

    /// The next change if it has happened already.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{GroupChange, ReceptionKey};
    /// # struct Worker;
    /// # impl Actor for Worker { type State = u64; }
    /// # #[handlers(clone)]
    /// # impl Worker {
    /// #     #[handler]
    /// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// # let key = ReceptionKey::new("workers")?;
    /// # let worker = system.start_anonymous(Worker, 0);
    /// let mut listing = system.listing(&key);
    /// assert_eq!(listing.try_next(), None);
    ///
    /// system.join_group(&key, &worker)?;
    /// assert_eq!(listing.try_next(), Some(GroupChange::Added(worker)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_next(&mut self) -> Option<GroupChange<A>> {
        self.reader.take()
    }
}

impl<A: Handlers> Stream for Listing<A> {
    type Item = GroupChange<A>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<GroupChange<A>>> {
        self.reader.poll(cx)
    }
}

impl<A: Handlers> Drop for Listing<A> {
    fn drop(&mut self) {
        self.group.unsubscribe(&self.reader);
        self.system.groups().prune(self.group.key());
    }
}

impl<A: Handlers> Reader<A> {
    pub(super) fn new<'a>(members: impl Iterator<Item = (u64, &'a Endpoint<A>)>) -> Self {
        let mut unread = Unread::new();
        for (since, member) in members {
            unread.joined(since, member.clone());
        }
        Self { state: Mutex::new(ReaderState { unread, waker: None, is_closed: false }) }
    }

    pub(super) fn joined(&self, at: u64, member: Endpoint<A>) -> Option<Waker> {
        let mut state = self.lock();
        state.unread.joined(at, member);
        state.waker.take()
    }

    pub(super) fn left(&self, since: u64, at: u64, id: &ActorId) -> Option<Waker> {
        let mut state = self.lock();
        state.unread.left(since, at, id.clone());
        state.waker.take()
    }

    /// No more changes will come.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn take(&self) -> Option<GroupChange<A>> {
        self.lock().unread.take().map(GroupChange::from)
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<GroupChange<A>>> {
        let mut state = self.lock();
        if let Some(news) = state.unread.take() {
            return Poll::Ready(Some(news.into()));
        }
        if state.is_closed {
            return Poll::Ready(None);
        }
        let replaced = state.waker.replace(cx.waker().clone());
        drop(state);
        // A user's value, which may run anything when it is dropped.
        drop(replaced);
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, ReaderState<A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Handlers> From<News<Endpoint<A>, ActorId>> for GroupChange<A> {
    fn from(news: News<Endpoint<A>, ActorId>) -> Self {
        match news {
            News::Joined(endpoint) => Self::Added(endpoint),
            News::Left(id) => Self::Removed(id),
        }
    }
}

impl<A: Handlers> Clone for GroupChange<A> {
    fn clone(&self) -> Self {
        match self {
            Self::Added(endpoint) => Self::Added(endpoint.clone()),
            Self::Removed(id) => Self::Removed(id.clone()),
        }
    }
}

impl<A: Handlers> PartialEq for GroupChange<A> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Added(one), Self::Added(other)) => one == other,
            (Self::Removed(one), Self::Removed(other)) => one == other,
            (Self::Added(_), Self::Removed(_)) | (Self::Removed(_), Self::Added(_)) => false,
        }
    }
}

impl<A: Handlers> Eq for GroupChange<A> {}

impl<A: Handlers> fmt::Debug for GroupChange<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(endpoint) => f.debug_tuple("Added").field(endpoint).finish(),
            Self::Removed(id) => f.debug_tuple("Removed").field(id).finish(),
        }
    }
}

impl<A: Handlers> fmt::Debug for Listing<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("group", self.group.key()).finish_non_exhaustive()
    }
}
