//! The two halves of a QUIC stream, with ends that last.
//!
//! quinn finishes a stream whose sender is dropped, and reads a reset only once before it shows a clean
//! end; neither happens here.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use quinn::{ReadError, RecvStream, SendStream, StoppedError, VarInt, WriteError};

use super::connection::{code, connection_end};
use super::reserve::{LITTLE, Reserve};
use crate::open::OpenStream;
use crate::{RecvHalf, SendHalf, StreamEnd};

/// The half of a QUIC stream that sends.
pub struct QuicSender {
    quinn: SendStream,
    reserve: Reserve,
    /// Ranks before the others.
    is_urgent: bool,
    _open: Arc<OpenStream>,
    /// Finished or reset.
    ended: bool,
    was_reset: bool,
    /// Made when first asked for.
    stopped: Option<Stopped>,
}

type Stopped = Pin<Box<dyn Future<Output = Result<Option<VarInt>, StoppedError>> + Send + Sync>>;

impl QuicSender {
    pub(super) const fn new(quinn: SendStream, reserve: Reserve, open: Arc<OpenStream>) -> Self {
        let (is_urgent, ended, was_reset) = (false, false, false);
        Self { quinn, reserve, is_urgent, _open: open, ended, was_reset, stopped: None }
    }
}

impl SendHalf for QuicSender {
    fn poll_send(&mut self, cx: &mut Context<'_>, chunk: &mut Bytes) -> Poll<Result<(), StreamEnd>> {
        debug_assert!(!chunk.is_empty(), "an empty chunk can't be sent");
        if self.ended {
            return Poll::Ready(Err(StreamEnd::ClosedHere));
        }
        let mut written = poll_write(&mut self.quinn, cx, chunk);
        if written.is_pending() && (self.is_urgent || chunk.len() <= LITTLE) {
            written = self.reserve.with(|| poll_write(&mut self.quinn, cx, chunk));
        }
        Poll::Ready(match ready!(written) {
            Ok(()) => Ok(()),
            Err(WriteError::Stopped(stopped)) => Err(StreamEnd::Stopped(code(stopped))),
            Err(WriteError::ConnectionLost(error)) => Err(StreamEnd::Connection(connection_end(error))),
            Err(WriteError::ClosedStream | WriteError::ZeroRttRejected) => Err(StreamEnd::ClosedHere),
        })
    }

    fn finish(&mut self) {
        if !self.ended {
            self.ended = true;
            // Fails only on a stream that has ended.
            let _ = self.quinn.finish();
        }
    }

    fn reset(&mut self, code: u32) {
        if !self.ended {
            (self.ended, self.was_reset) = (true, true);
            let _ = self.quinn.reset(VarInt::from_u32(code));
        }
    }

    fn set_priority(&mut self, priority: i32) {
        self.is_urgent = priority > 0;
        let _ = self.quinn.set_priority(priority);
    }

    fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<StreamEnd> {
        // quinn would never say so.
        if self.was_reset {
            return Poll::Ready(StreamEnd::ClosedHere);
        }
        let quinn = &self.quinn;
        let stopped = self.stopped.get_or_insert_with(|| Box::pin(quinn.stopped()));
        let end = ready!(stopped.as_mut().poll(cx));
        self.stopped = None;
        Poll::Ready(match end {
            Ok(Some(stopped)) => StreamEnd::Stopped(code(stopped)),
            Ok(None) | Err(StoppedError::ZeroRttRejected) => StreamEnd::ClosedHere,
            Err(StoppedError::ConnectionLost(error)) => StreamEnd::Connection(connection_end(error)),
        })
    }
}

/// Pending while the stream's window, or the connection's, is full.
fn poll_write(
    quinn: &mut SendStream,
    cx: &mut Context<'_>,
    chunk: &mut Bytes,
) -> Poll<Result<(), WriteError>> {
    // The future holds nothing between polls: dropping it loses nothing, waker included.
    pin!(quinn.write_chunks(std::slice::from_mut(chunk))).poll(cx).map_ok(drop)
}

impl Drop for QuicSender {
    fn drop(&mut self) {
        self.reset(ABANDONED);
    }
}

impl std::fmt::Debug for QuicSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuicSender").field("id", &self.quinn.id().index()).finish_non_exhaustive()
    }
}

/// The half of a QUIC stream that receives. Dropping it stops the stream; quinn sees to that.
pub struct QuicReceiver {
    quinn: RecvStream,
    _open: Arc<OpenStream>,
    /// The end, once it was seen; `Ok` is a clean one.
    ended: Option<Result<(), StreamEnd>>,
}

impl QuicReceiver {
    pub(super) const fn new(quinn: RecvStream, open: Arc<OpenStream>) -> Self {
        Self { quinn, _open: open, ended: None }
    }
}

impl RecvHalf for QuicReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, StreamEnd>> {
        if let Some(ended) = &self.ended {
            return Poll::Ready(ended.clone().map(|()| None));
        }
        let end = match ready!(pin!(self.quinn.read_chunk(usize::MAX, true)).poll(cx)) {
            Ok(Some(chunk)) => return Poll::Ready(Ok(Some(chunk.bytes))),
            Ok(None) => Ok(()),
            Err(ReadError::Reset(reset)) => Err(StreamEnd::Reset(code(reset))),
            Err(ReadError::ConnectionLost(error)) => Err(StreamEnd::Connection(connection_end(error))),
            Err(ReadError::ClosedStream | ReadError::IllegalOrderedRead | ReadError::ZeroRttRejected) => {
                Err(StreamEnd::ClosedHere)
            }
        };
        Poll::Ready(self.ended.insert(end).clone().map(|()| None))
    }

    fn stop(&mut self, code: u32) {
        if self.ended.is_none() {
            self.ended = Some(Err(StreamEnd::ClosedHere));
            // Fails only on a stream that has ended.
            let _ = self.quinn.stop(VarInt::from_u32(code));
        }
    }
}

impl std::fmt::Debug for QuicReceiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuicReceiver").field("id", &self.quinn.id().index()).finish_non_exhaustive()
    }
}

/// The code of a stream whose sender was dropped.
const ABANDONED: u32 = 0;
