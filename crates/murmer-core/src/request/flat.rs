//! One error instead of two, for handlers that return a `Result`.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use super::Request;
use crate::{Accepts, Handlers, Message, SendError};

/// A [`Request`] to a handler that returns `Result<T, E>`, which awaits to just that. See
/// [`Request::flat`].
#[must_use = "a request does nothing until it is awaited"]
pub struct Flat<A: Handlers, M: Message> {
    request: Request<A, M>,
}

impl<A: Handlers, M: Message> Flat<A, M> {
    pub(super) const fn new(request: Request<A, M>) -> Self {
        Self { request }
    }

    /// As [`Request::timeout`].
    pub const fn timeout(mut self, after: Duration) -> Self {
        self.request.timeout = Some(after);
        self
    }
}

impl<A, M, T, E> Future for Flat<A, M>
where
    A: Accepts<M>,
    M: Message<Reply = Result<T, E>>,
    E: From<SendError>,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.get_mut().request).poll(cx));
        Poll::Ready(answer.unwrap_or_else(|error| Err(error.into())))
    }
}

impl<A: Handlers, M: Message> fmt::Debug for Flat<A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}
