//! The seam: the two halves of a stream, which move owned chunks.
//!
//! Chunks because both implementors can pass them on without copying; see [`crate::ByteReader`] and
//! [`crate::ByteWriter`] for code that wants `AsyncRead` and `AsyncWrite`.

use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::StreamEnd;

/// The half of a stream that sends.
///
/// Sent means taken: bytes wait here until the peer's window has room for them. A peer that doesn't
/// read makes the sender wait after [`Limits::stream_window`](crate::Limits::stream_window) bytes.
///
/// Dropped without [`finish`](Self::finish), it resets the stream with code 0: only a finished stream
/// looks whole to the peer.
pub trait SendHalf: Debug + Send + Unpin + 'static {
    /// Takes at least one byte off the front of `chunk`, or all of it, without copying; pending while
    /// the peer's window is full. `chunk` must not be empty.
    ///
    /// # Cancel safety
    ///
    /// What was taken is gone from `chunk`; what is still there was not sent.
    ///
    /// # Errors
    ///
    /// Nothing more can be sent. What was sent before may or may not arrive.
    fn poll_send(&mut self, cx: &mut Context<'_>, chunk: &mut Bytes) -> Poll<Result<(), StreamEnd>>;

    /// Ends the stream cleanly, after all that was sent. Does nothing to one that has ended.
    fn finish(&mut self);

    /// Ends the stream at once: the peer's reads fail with [`StreamEnd::Reset`] and `code`, and bytes it
    /// has not read may be lost. Does nothing to a stream that has ended.
    fn reset(&mut self, code: u32);

    /// Among streams with bytes to send those of higher priority go first; 0 unless set. A hint: a
    /// transport without congestion ignores it.
    fn set_priority(&mut self, priority: i32);

    /// Ready once the peer no longer reads: [`StreamEnd::Stopped`], or the connection's end. On a stream
    /// that was finished or reset here, [`StreamEnd::ClosedHere`], at once or when the peer has it all.
    fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<StreamEnd>;

    /// [`poll_send`](Self::poll_send), as a future: takes a part or all of `chunk`.
    ///
    /// # Cancel safety
    ///
    /// What was taken is gone from `chunk`; what is still there was not sent.
    ///
    /// # Errors
    ///
    /// As [`poll_send`](Self::poll_send).
    fn send(&mut self, chunk: &mut Bytes) -> impl Future<Output = Result<(), StreamEnd>> + Send {
        poll_fn(move |cx| self.poll_send(cx, chunk))
    }

    /// Sends all of `chunk`.
    ///
    /// # Cancel safety
    ///
    /// None: how much of `chunk` was sent is unknown when the future is dropped. Use
    /// [`send`](Self::send) where that can happen.
    ///
    /// # Errors
    ///
    /// As [`poll_send`](Self::poll_send).
    fn send_all(&mut self, mut chunk: Bytes) -> impl Future<Output = Result<(), StreamEnd>> + Send {
        poll_fn(move |cx| {
            while !chunk.is_empty() {
                std::task::ready!(self.poll_send(cx, &mut chunk))?;
            }
            Poll::Ready(Ok(()))
        })
    }

    /// [`poll_stopped`](Self::poll_stopped), as a future.
    ///
    /// # Cancel safety
    ///
    /// Can be dropped and asked again.
    fn stopped(&mut self) -> impl Future<Output = StreamEnd> + Send {
        poll_fn(|cx| self.poll_stopped(cx))
    }
}

/// The half of a stream that receives.
///
/// Dropped before its end, it stops the stream with code 0: the peer's sends fail.
pub trait RecvHalf: Debug + Send + Unpin + 'static {
    /// The next bytes, never an empty chunk; `None` once the peer has finished and all was read. The end,
    /// clean or not, is given again whenever asked.
    ///
    /// Reading is what gives the peer room to send more.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is pending.
    ///
    /// # Errors
    ///
    /// The stream ended before it was finished.
    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, StreamEnd>>;

    /// Asks the peer to send no more: its sends fail with [`StreamEnd::Stopped`] and `code`. What arrives
    /// is thrown away. Does nothing to a stream that has ended.
    fn stop(&mut self, code: u32);

    /// [`poll_recv`](Self::poll_recv), as a future.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// As [`poll_recv`](Self::poll_recv).
    fn recv(&mut self) -> impl Future<Output = Result<Option<Bytes>, StreamEnd>> + Send {
        poll_fn(|cx| self.poll_recv(cx))
    }
}
