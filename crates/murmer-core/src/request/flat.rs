//! One error instead of two, for handlers that return a `Result`.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use super::Request;
use crate::{Accepts, Handlers, Message, SendError};

/// A [`Request`] to a handler that returns `Result<T, E>`, which awaits to just that. See
/// [`Request::flat`].
///
/// # Cancel safety
///
/// As for a [`Request`].
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Broken;
/// # impl Actor for Broken { type State = (); }
/// # #[handlers(local)] impl Broken {
/// #     #[handler] fn draw(&mut self) -> Result<u64, SendError> { panic!("on purpose") }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let broken = System::local().start("broken", Broken, ());
/// let result: Result<u64, SendError> = broken.draw().flat().await; // not a result in a result
/// assert!(matches!(result, Err(SendError::Panicked)));
/// # }
/// ```
#[must_use = "a request does nothing until it is awaited"]
pub struct Flat<A: Handlers, M: Message> {
    request: Request<A, M>,
}

impl<A: Handlers, M: Message> Flat<A, M> {
    pub(super) const fn new(request: Request<A, M>) -> Self {
        Self { request }
    }

    /// As [`Request::timeout`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Slow;
    /// # impl Actor for Slow { type State = (); }
    /// # #[handlers(local)] impl Slow {
    /// #     #[handler] async fn draw(&mut self) -> Result<u64, SendError> {
    /// #         tokio::time::sleep(Duration::from_secs(3_600)).await;
    /// #         Ok(0)
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let slow = System::local().start("slow", Slow, ());
    /// let result = slow.draw().flat().timeout(Duration::from_secs(1)).await;
    /// assert!(matches!(result, Err(SendError::TimedOut { .. })));
    /// # }
    /// ```
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
