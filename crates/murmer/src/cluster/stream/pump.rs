//! The socket side that both ends of a stream share: frames in, buffers out.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use murmer_transport::{RecvHalf, SendHalf, StreamEnd};
use murmer_wire::{FrameDecoder, FrameError};

/// Reads frames off one half of a stream.
pub(crate) struct FrameReader<R> {
    receiver: R,
    decoder: FrameDecoder,
    received: u64,
    is_over: bool,
}

/// Why there are no more frames.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadEnd {
    /// The peer finished the stream between two frames.
    #[error("stream finished")]
    Finished,
    /// It finished in the middle of a frame.
    #[error("stream finished in the middle of a frame")]
    CutShort,
    /// It is not a stream of frames, or one is too long.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The stream or its connection broke.
    #[error(transparent)]
    Stream(#[from] StreamEnd),
}

impl<R: RecvHalf> FrameReader<R> {
    pub(crate) fn new(receiver: R, frame_bytes_max: usize) -> Self {
        Self { receiver, decoder: FrameDecoder::new(frame_bytes_max), received: 0, is_over: false }
    }

    pub(crate) fn set_max(&mut self, frame_bytes_max: usize) {
        self.decoder.set_max(frame_bytes_max);
    }

    /// Bytes that have arrived so far.
    pub(crate) const fn received(&self) -> u64 {
        self.received
    }

    /// The next frame. Cancel-safe.
    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, ReadEnd>> {
        loop {
            if let Some(frame) = self.decoder.next_frame()? {
                return Poll::Ready(Ok(frame));
            }
            if self.is_over {
                return Poll::Ready(Err(ReadEnd::Finished));
            }
            match ready!(self.receiver.poll_recv(cx))? {
                Some(chunk) => {
                    self.received += chunk.len() as u64;
                    self.decoder.push(chunk);
                }
                None if self.decoder.is_mid_frame() => return Poll::Ready(Err(ReadEnd::CutShort)),
                None => self.is_over = true,
            }
        }
    }

    /// The next frame. Cancel-safe.
    pub(crate) async fn frame(&mut self) -> Result<Bytes, ReadEnd> {
        std::future::poll_fn(|cx| self.poll_frame(cx)).await
    }
}

/// Writes buffers to the other half, one at a time.
pub(crate) struct BufferWriter<S> {
    sender: S,
    rest: Bytes,
}

impl<S: SendHalf> BufferWriter<S> {
    /// Begins with `first`.
    pub(crate) const fn new(sender: S, first: Bytes) -> Self {
        Self { sender, rest: first }
    }

    pub(crate) fn put(&mut self, buffer: Bytes) {
        debug_assert!(self.rest.is_empty(), "one buffer at a time");
        self.rest = buffer;
    }

    /// Sends the buffer; ready once all of it has been taken, at once if there is none. Cancel-safe.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamEnd>> {
        while !self.rest.is_empty() {
            ready!(self.sender.poll_send(cx, &mut self.rest))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Bytes of the buffer that have not been taken.
    pub(crate) const fn unsent(&self) -> usize {
        self.rest.len()
    }

    /// Ready once the peer reads no more, or the connection is over.
    pub(crate) fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<StreamEnd> {
        self.sender.poll_stopped(cx)
    }

    pub(crate) fn finish(&mut self) {
        self.sender.finish();
    }

    /// Once finished: waits until the peer has all of it, or wants no more. Cancel-safe.
    pub(crate) async fn arrived(&mut self) {
        self.sender.stopped().await;
    }
}
