//! Frames: a length, then that many bytes. Streams of bytes become messages here.
//!
//! The length is checked against a limit before anything is allocated for it, and memory grows only
//! as bytes arrive. A frame that came whole in one chunk is handed on without a copy.

use bytes::{Buf, Bytes, BytesMut};

use crate::varint::put_varint;

/// The largest frame any setting may allow, in bytes.
pub const FRAME_BYTES_HARD_MAX: usize = 64 << 20;

/// Why a stream of bytes is not a stream of frames. Nothing after it can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A frame announced itself as longer than allowed.
    #[error("frame of {len} bytes exceeds the limit of {max}")]
    TooLong {
        /// Bytes announced.
        len: u64,
        /// Bytes allowed.
        max: usize,
    },
    /// A length is not a number.
    #[error("frame length is malformed")]
    Length,
}

/// Appends `body` to `out` as one frame.
pub fn put_frame(out: &mut BytesMut, body: &[u8]) {
    put_varint(out, body.len() as u64);
    out.extend_from_slice(body);
}

/// Starts a frame whose length isn't known yet; write its body behind, then call [`end_frame`].
#[must_use]
pub fn begin_frame(out: &mut BytesMut) -> usize {
    let at = out.len();
    out.extend_from_slice(&[0; LENGTH_BYTES]);
    at
}

/// Ends the frame that [`begin_frame`] started at `at`, and returns the length of its body.
///
/// The length takes a fixed four bytes here, since moving the body to save three costs more.
///
/// # Panics
///
/// When the body exceeds [`FRAME_BYTES_HARD_MAX`]; check it against the limit in force first.
pub fn end_frame(out: &mut BytesMut, at: usize) -> usize {
    let len = out.len() - at - LENGTH_BYTES;
    assert!(len <= FRAME_BYTES_HARD_MAX, "frame body exceeds the hard limit");
    for (index, byte) in out[at..at + LENGTH_BYTES].iter_mut().enumerate() {
        let more = if index + 1 < LENGTH_BYTES { 0x80 } else { 0 };
        *byte = ((len >> (7 * index)) & 0x7f) as u8 | more;
    }
    len
}

/// Cuts a stream of chunks into frames.
#[derive(Debug)]
pub struct FrameDecoder {
    max: usize,
    /// The chunk being read.
    chunk: Bytes,
    /// The start of a frame that spans chunks.
    partial: BytesMut,
}

impl FrameDecoder {
    /// A decoder that refuses frames with more than `max` bytes of body.
    pub fn new(max: usize) -> Self {
        Self { max: max.min(FRAME_BYTES_HARD_MAX), chunk: Bytes::new(), partial: BytesMut::new() }
    }

    /// Changes the limit for frames whose length hasn't been read yet.
    pub fn set_max(&mut self, max: usize) {
        self.max = max.min(FRAME_BYTES_HARD_MAX);
    }

    /// Adds what arrived. Call [`next_frame`](Self::next_frame) until it returns `None` before
    /// adding more, so that at most one partial frame and one chunk are held.
    pub fn push(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            self.partial.extend_from_slice(&self.chunk);
            self.chunk = chunk;
        }
    }

    /// The next whole frame's body, or `None` until more arrives.
    ///
    /// # Errors
    ///
    /// [`FrameError`]; the stream is beyond repair and the same error is returned from then on.
    pub fn next_frame(&mut self) -> Result<Option<Bytes>, FrameError> {
        if self.partial.is_empty() {
            let Some((skip, len)) = self.header(&self.chunk)? else {
                self.keep_rest();
                return Ok(None);
            };
            if self.chunk.len() - skip >= len {
                self.chunk.advance(skip);
                return Ok(Some(self.chunk.split_to(len)));
            }
            self.keep_rest();
            return Ok(None);
        }
        self.next_across_chunks()
    }

    /// True when bytes of an unfinished frame are held.
    pub fn is_mid_frame(&self) -> bool {
        !self.partial.is_empty() || !self.chunk.is_empty()
    }

    fn next_across_chunks(&mut self) -> Result<Option<Bytes>, FrameError> {
        let (skip, len) = loop {
            if let Some(header) = self.header(&self.partial)? {
                break header;
            }
            if !self.chunk.has_remaining() {
                return Ok(None);
            }
            self.partial.extend_from_slice(&self.chunk.split_to(1));
        };
        let missing = (skip + len).saturating_sub(self.partial.len());
        // Grown by doubling, a long frame would be copied once more on the way.
        if self.partial.len() >= len / FORESEEN_PART && self.partial.capacity() < skip + len {
            self.partial.reserve(missing);
        }
        let taken = self.chunk.split_to(missing.min(self.chunk.len()));
        self.partial.extend_from_slice(&taken);
        if self.partial.len() < skip + len {
            return Ok(None);
        }
        let mut frame = self.partial.split_to(skip + len).freeze();
        frame.advance(skip);
        Ok(Some(frame))
    }

    fn keep_rest(&mut self) {
        let rest = core::mem::take(&mut self.chunk);
        self.partial.extend_from_slice(&rest);
    }

    /// The bytes of the length field at the front of `bytes`, and the length; `None` if cut short.
    fn header(&self, bytes: &[u8]) -> Result<Option<(usize, usize)>, FrameError> {
        let mut len = 0u64;
        for (at, &byte) in bytes.iter().take(LENGTH_BYTES).enumerate() {
            len |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                if len > self.max as u64 {
                    return Err(FrameError::TooLong { len, max: self.max });
                }
                return Ok(Some((at + 1, len as usize)));
            }
        }
        if bytes.len() >= LENGTH_BYTES {
            return Err(FrameError::Length);
        }
        Ok(None)
    }
}

/// Memory for a whole frame is allocated once this part of it has arrived.
const FORESEEN_PART: usize = 8;
/// Four times seven bits hold any length up to the hard limit.
const LENGTH_BYTES: usize = 4;

const _: () = assert!(FRAME_BYTES_HARD_MAX < 1 << (7 * LENGTH_BYTES));
