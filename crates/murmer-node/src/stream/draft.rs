//! A frame while it is being written: it becomes part of the buffer when it is whole, and leaves no trace
//! otherwise, not even when a value panics over its own encoding.

use bytes::BytesMut;
use murmer_wire::{begin_frame, end_frame};

pub(super) struct Draft<'a> {
    buffer: &'a mut BytesMut,
    begins_at: usize,
    is_kept: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn begin(buffer: &'a mut BytesMut) -> Self {
        let begins_at = begin_frame(buffer);
        Self { buffer, begins_at, is_kept: false }
    }

    /// Where the frame's body is appended.
    pub(super) fn body(&mut self) -> &mut BytesMut {
        self.buffer
    }

    /// The size of the frame so far, with its length field.
    pub(super) fn bytes(&self) -> usize {
        self.buffer.len() - self.begins_at
    }

    /// The frame is whole. Returns where it begins and ends.
    pub(super) fn keep(mut self) -> (usize, usize) {
        end_frame(self.buffer, self.begins_at);
        self.is_kept = true;
        (self.begins_at, self.buffer.len())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            self.buffer.truncate(self.begins_at);
        }
    }
}
