//! What comes back from another node for an ask: a value, or the items of a streamed answer.

use core::fmt;
use core::task::{Context, Poll};

use bytes::Bytes;

use crate::SendError;

/// An answer from another node, still encoded.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use murmer::Message;
/// use murmer::prelude::*;
/// use murmer_core::Answered;
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// let answer = Answered::Whole(Bytes::from_static(&[42]));
/// assert_eq!(WorkerAdd::decode_reply(answer)?, 42);
/// # Ok::<(), SendError>(())
/// ```
pub enum Answered {
    /// A value.
    Whole(Bytes),
    /// The beginning of a stream.
    Streamed(Box<dyn FarItems>),
}

/// The items of a streamed answer from another node. Dropped before their end, it lets that node know.
///
/// # Examples
///
/// ```
/// use std::task::{Context, Poll};
/// use bytes::Bytes;
/// use murmer::Message;
/// use murmer::prelude::*;
/// use murmer_core::{Answered, FarItems};
///
/// # struct Counter;
/// # impl Actor for Counter { type State = (); }
/// # #[handlers]
/// # impl Counter {
/// #     #[handler]
/// #     fn count(&self) -> impl Stream<Item = u8> { Numbers(0) }
/// # }
/// # struct Numbers(u8);
/// # impl Stream for Numbers {
/// #     type Item = u8;
/// #     fn poll_next(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> { Poll::Ready(None) }
/// # }
/// /// All that has come.
/// struct Arrived(Vec<Bytes>);
///
/// impl FarItems for Arrived {
///     fn poll_item(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, SendError>>> {
///         Poll::Ready(self.0.pop().map(Ok))
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), SendError> {
/// let arrived = Arrived(vec![Bytes::from_static(&[1])]);
/// let mut numbers = CounterCount::decode_reply(Answered::Streamed(Box::new(arrived)))?;
/// assert_eq!(numbers.next().await.transpose()?, Some(1));
/// assert!(numbers.next().await.is_none());
/// # Ok(())
/// # }
/// ```
pub trait FarItems: Send + Sync {
    /// The next item; `None` behind the last one, or behind an error, and then not called again. Cancel-safe.
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, SendError>>>;
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => f.debug_tuple("Whole").field(bytes).finish(),
            Self::Streamed(_) => f.debug_tuple("Streamed").finish_non_exhaustive(),
        }
    }
}
