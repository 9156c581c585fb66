//! The way of a streamed answer to the node that asked.

use core::task::{Context, Poll};

use bytes::BytesMut;
use murmer_wire::EncodeError;

/// Takes the items of one streamed answer to the node that asked. Dropped before the
/// [`end`](Self::end), it says that the actor's life was over first. Implemented by whatever serves a stream.
///
/// # Examples
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// # use std::task::{Context, Poll};
/// # use bytes::{Bytes, BytesMut};
/// # use murmer::prelude::*;
/// # use murmer::{Handlers, ReplyPort};
/// # use murmer_core::{Failure, ItemSink, ReplySink};
/// # use murmer_wire::EncodeError;
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
/// #     fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
/// #         Poll::Ready(self.0.next())
/// #     }
/// # }
/// /// Has room for all of them.
/// #[derive(Clone, Default)]
/// struct Outbox(Arc<Mutex<BytesMut>>);
///
/// impl ItemSink for Outbox {
///     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<bool> {
///         Poll::Ready(true)
///     }
///
///     fn poll_unwanted(&mut self, _: &mut Context<'_>) -> Poll<()> {
///         Poll::Pending
///     }
///
///     fn send(&mut self, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
///         encode(&mut self.0.lock().unwrap()).unwrap();
///     }
///
///     fn end(self: Box<Self>, panicked: bool) {
///         assert!(!panicked);
///     }
/// }
/// # impl ReplySink for Outbox {
/// #     fn reply(&self, _: u64, _: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {}
/// #     fn items(self: Arc<Self>, _: u64) -> Box<dyn ItemSink> { Box::new((*self).clone()) }
/// #     fn fail(&self, _: u64, _: Failure) {}
/// #     fn is_wanted(&self, _: u64) -> bool { true }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// # let counter = system.start("counter", Counter, ());
/// let outbox = Outbox::default();
/// // An outbox gives a clone of itself to every streamed answer.
/// let reply = ReplyPort::new(Arc::new(outbox.clone()), 7, None);
/// let mut port = system.port(counter.id().number).ok_or("no such actor")?;
/// port.deliver(Counter::MESSAGES[0].key, &Bytes::from_static(&[3]), Some(reply))?;
/// std::future::poll_fn(|cx| port.poll_flush(cx)).await;
/// # while outbox.0.lock().unwrap().len() < 3 { tokio::task::yield_now().await; }
/// assert_eq!(outbox.0.lock().unwrap()[..], [1, 2, 3]);
/// # Ok(())
/// # }
/// ```
pub trait ItemSink: Send + 'static {
    /// Ready once there is room for another item, with true; or with false once nobody wants one any more.
    /// Cancel-safe.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<bool>;

    /// Ready once nobody wants any more items. Cancel-safe.
    fn poll_unwanted(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Sends the item that `encode` writes. There is room for it. One that can't be written, or is too large,
    /// is the end. Never blocks.
    fn send(&mut self, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>);

    /// Says that there are no more items, and whether that is because the stream panicked. Never blocks.
    fn end(self: Box<Self>, panicked: bool);
}
