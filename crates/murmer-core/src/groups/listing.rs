//! A group as a stream of its changes.

use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::collections::BTreeMap;
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
/// It ends once the system has been shut down.
pub struct Listing<A: Handlers> {
    system: System,
    group: Arc<Group<A>>,
    reader: Arc<Reader<A>>,
}

/// One change of a group.
pub enum GroupChange<A: Handlers> {
    /// This actor is in.
    Added(Endpoint<A>),
    /// This one, of which the listing had told, is not in any more: it left, or it ended.
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
    pub async fn next(&mut self) -> Option<GroupChange<A>> {
        poll_fn(|cx| self.reader.poll(cx)).await
    }

    /// The next change if it has happened already.
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
    pub(super) fn new(members: &BTreeMap<u64, Endpoint<A>>) -> Self {
        let mut unread = Unread::new();
        for (since, member) in members {
            unread.joined(*since, member.clone());
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
