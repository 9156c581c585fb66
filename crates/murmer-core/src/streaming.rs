//! Answers that come in pieces: a handler that returns a stream, and what its caller reads.
//!
//! A task of the actor's polls the stream and puts what it yields into a short channel, out of which the
//! caller takes it. How it ended travels beside the channel, so that telling it needs no room in there. For a
//! caller on another node the task encodes it into an [`ItemSink`], and there it is read from
//! [`FarItems`].
//!
//! Doesn't know how items cross a network, nor how many may be under way; see [`ItemSink`].

mod export;
mod pump;
mod sink;

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use murmer_wire::DecodeError;
use tokio::sync::{mpsc, oneshot};

pub(crate) use self::export::{export, relay};
pub(crate) use self::pump::pump;
pub use self::sink::ItemSink;
use crate::{FarItems, SendError};

/// The answer of a handler that returns a stream: its items, as the actor makes them.
///
/// A handler `fn count(&self, to: u64) -> impl Stream<Item = u64>` is asked by `endpoint.count(3).await?`,
/// which gives a `ReplyStream<u64>`. A timeout of the request is about getting it, not about its items.
///
/// The stream runs beside the actor, which goes on with other messages, here or on another node. It is polled
/// only while fewer than 32 items wait here or are on their way, and from another node fewer than 64 KiB of
/// them, so a slow reader slows it down. Dropping this ends it.
///
/// Each item is `Ok`. In place of an end there may be one last error, whose
/// [`delivery`](SendError::delivery) is `Handled`:
///
/// - [`SendError::Interrupted`]: the actor ended, or began another life, before the stream did;
/// - [`SendError::Panicked`]: the stream panicked. The actor goes on;
///
/// and if the actor is on another node:
///
/// - [`SendError::Lost`]: the connection ended before the stream did;
/// - [`SendError::ItemTooLarge`]: the next item exceeds the limit there;
/// - [`SendError::Reply`]: the next item could not be written over there, or not be read here.
///
/// It also implements [`Stream`], for those who use its combinators.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
///
/// # struct Counter;
/// # impl Actor for Counter { type State = (); }
/// # #[handlers]
/// # impl Counter {
/// #     #[handler]
/// #     fn count(&self, to: u64) -> impl Stream<Item = u64> { Numbers(1..to + 1) }
/// # }
/// # struct Numbers(std::ops::Range<u64>);
/// # impl Stream for Numbers {
/// #     type Item = u64;
/// #     fn poll_next(
/// #         mut self: std::pin::Pin<&mut Self>,
/// #         _: &mut std::task::Context<'_>,
/// #     ) -> std::task::Poll<Option<u64>> { std::task::Poll::Ready(self.0.next()) }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let counter = system.start("counter", Counter, ());
/// let mut numbers: ReplyStream<u64> = counter.count(3).await?;
/// let mut sum = 0;
/// while let Some(number) = numbers.next().await {
///     sum += number?;
/// }
/// assert_eq!(sum, 6);
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping a stream ends it"]
pub struct ReplyStream<T> {
    way: Way<T>,
}

/// Where the items come from.
enum Way<T> {
    Near {
        items: mpsc::Receiver<T>,
        end: oneshot::Receiver<End>,
    },
    Far {
        items: Box<dyn FarItems>,
        decode: Decode<T>,
    },
    /// The end has been told.
    Over,
}

type Decode<T> = fn(&[u8]) -> Result<T, DecodeError>;

/// How a stream ended, if the actor did not before.
#[derive(Debug)]
pub(crate) enum End {
    Natural,
    Panicked,
}

/// Where the items of a [`ReplyStream`] come from.
pub(crate) struct Source<T> {
    items: mpsc::Sender<T>,
    end: oneshot::Sender<End>,
}

impl<T> ReplyStream<T> {
    pub(crate) fn new() -> (Source<T>, Self) {
        let (items, items_receiver) = mpsc::channel(ITEMS_WAITING_MAX);
        let (end, end_receiver) = oneshot::channel();
        (Source { items, end }, Self { way: Way::Near { items: items_receiver, end: end_receiver } })
    }

    /// The answer of an actor on another node.
    pub(crate) const fn far(items: Box<dyn FarItems>, decode: Decode<T>) -> Self {
        Self { way: Way::Far { items, decode } }
    }

    /// The next item; `None` behind the last one, or behind the error that came instead.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: an item that was not returned comes next time.
    ///
    /// # Errors
    ///
    /// The item is an error if the stream broke off; see [`ReplyStream`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter;
    /// # impl Actor for Counter { type State = (); }
    /// # #[handlers]
    /// # impl Counter {
    /// #     #[handler]
    /// #     fn count(&self, to: u64) -> impl Stream<Item = u64> { Numbers(1..to + 1) }
    /// # }
    /// # struct Numbers(std::ops::Range<u64>);
    /// # impl Stream for Numbers {
    /// #     type Item = u64;
    /// #     fn poll_next(
    /// #         mut self: std::pin::Pin<&mut Self>,
    /// #         _: &mut std::task::Context<'_>,
    /// #     ) -> std::task::Poll<Option<u64>> { std::task::Poll::Ready(self.0.next()) }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let counter = system.start("counter", Counter, ());
    /// let mut numbers = counter.count(1_000).await?;
    /// assert_eq!(numbers.next().await.transpose()?, Some(1));
    ///
    /// counter.control().stop_and_wait().await;
    /// let mut last = None;
    /// while let Some(number) = numbers.next().await {
    ///     last = Some(number); // those that had been made by then, and why there are no more
    /// }
    /// assert!(matches!(last, Some(Err(SendError::Interrupted))));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn next(&mut self) -> Option<Result<T, SendError>> {
        core::future::poll_fn(|cx| self.poll_item(cx)).await
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, SendError>>> {
        let next = match &mut self.way {
            Way::Near { items, end } => match ready!(items.poll_recv(cx)) {
                Some(item) => Some(Ok(item)),
                None => match ready!(Pin::new(end).poll(cx)) {
                    Ok(End::Natural) => None,
                    Ok(End::Panicked) => Some(Err(SendError::Panicked)),
                    // Whoever was to tell is gone: only the end of the actor's life does that.
                    Err(_) => Some(Err(SendError::Interrupted)),
                },
            },
            Way::Far { items, decode } => {
                // As a channel would: whoever reads without end lets others have their turn.
                let turn = ready!(tokio::task::coop::poll_proceed(cx));
                let item = ready!(items.poll_item(cx));
                turn.made_progress();
                item.map(|item| decode(&item?).map_err(|error| SendError::Reply(Some(error))))
            }
            Way::Over => return Poll::Ready(None),
        };
        if !matches!(next, Some(Ok(_))) {
            self.way = Way::Over;
        }
        Poll::Ready(next)
    }
}

impl<T> Stream for ReplyStream<T> {
    type Item = Result<T, SendError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(cx)
    }
}

impl<T> fmt::Debug for ReplyStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ReplyStream");
        if let Way::Near { items, .. } = &self.way {
            debug.field("waiting", &items.len());
        }
        debug.field("is_over", &matches!(self.way, Way::Over)).finish_non_exhaustive()
    }
}

/// How many items wait for the reader of a stream before the stream does. Enough that the two tasks take turns
/// by the batch rather than by the item; few enough that what nobody reads holds little.
const ITEMS_WAITING_MAX: usize = 32;
