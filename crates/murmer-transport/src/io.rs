//! The halves of a stream as tokio's `AsyncRead` and `AsyncWrite`, for code that insists on them.
//!
//! Both copy, which the halves themselves don't.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{RecvHalf, SendHalf};

/// A [`RecvHalf`] as `AsyncRead`. A clean end reads as end of file, any other as an error.
#[derive(Debug)]
pub struct ByteReader<R> {
    half: R,
    rest: Bytes,
}

impl<R: RecvHalf> ByteReader<R> {
    /// Reads from `half`.
    pub const fn new(half: R) -> Self {
        Self { half, rest: Bytes::new() }
    }

    /// The half, and what was received but not read.
    pub fn into_parts(self) -> (R, Bytes) {
        (self.half, self.rest)
    }
}

impl<R: RecvHalf> AsyncRead for ByteReader<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            match ready!(this.half.poll_recv(cx))? {
                Some(chunk) => this.rest = chunk,
                None => return Poll::Ready(Ok(())),
            }
        }
        let len = this.rest.len().min(buf.remaining());
        buf.put_slice(&this.rest[..len]);
        this.rest.advance(len);
        Poll::Ready(Ok(()))
    }
}

/// A [`SendHalf`] as `AsyncWrite`. What was written but not flushed may still wait here; shutting it
/// down flushes and finishes the stream.
#[derive(Debug)]
pub struct ByteWriter<S> {
    half: S,
    waiting: Bytes,
}

impl<S: SendHalf> ByteWriter<S> {
    /// Writes to `half`.
    pub const fn new(half: S) -> Self {
        Self { half, waiting: Bytes::new() }
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.waiting.is_empty() {
            ready!(self.half.poll_send(cx, &mut self.waiting))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: SendHalf> AsyncWrite for ByteWriter<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_drain(cx))?;
        let len = buf.len().min(WRITE_BYTES_MAX);
        this.waiting = Bytes::copy_from_slice(&buf[..len]);
        // Taken whether or not it can be sent right now; an error will show again on the next call.
        let _ = this.poll_drain(cx);
        Poll::Ready(Ok(len))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_drain(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_drain(cx))?;
        this.half.finish();
        Poll::Ready(Ok(()))
    }
}

/// The most that one write copies.
const WRITE_BYTES_MAX: usize = 64 << 10;
