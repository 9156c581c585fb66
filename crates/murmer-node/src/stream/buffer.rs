//! Frames on their way to the socket: small ones side by side in one piece, large ones without a copy.

use alloc::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use murmer_wire::{begin_frame, end_frame, put_varint};

use super::draft::Draft;
use crate::protocol::ActorFrame;

/// Everything a stream has written and its shell has not taken.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    /// Before `tail`; together they are one sequence of frames.
    pieces: VecDeque<Bytes>,
    pieces_bytes: usize,
    tail: BytesMut,
}

impl Buffer {
    pub(super) fn put(&mut self, frame: &ActorFrame) {
        let at = begin_frame(&mut self.tail);
        frame.write(&mut self.tail);
        end_frame(&mut self.tail, at);
    }

    /// Appends a frame made of a head and of what was drafted. `Err` with its size, and nothing written, if
    /// it is larger than `max`.
    pub(super) fn put_draft(
        &mut self,
        max: usize,
        write_head: impl FnOnce(&mut BytesMut),
        draft: &mut Draft,
    ) -> Result<(), usize> {
        let at = begin_frame(&mut self.tail);
        let body_at = self.tail.len();
        write_head(&mut self.tail);
        let bytes = self.tail.len() - at + draft.bytes().len();
        if bytes > max {
            self.tail.truncate(at);
            return Err(bytes);
        }
        if draft.bytes().len() < OWN_PIECE_BYTES {
            self.tail.extend_from_slice(draft.bytes());
            end_frame(&mut self.tail, at);
            return Ok(());
        }
        let head = self.tail.split_off(body_at);
        self.tail.truncate(at);
        put_varint(&mut self.tail, (head.len() + draft.bytes().len()) as u64);
        self.tail.extend_from_slice(&head);
        for piece in [self.tail.split().freeze(), draft.take()] {
            self.pieces_bytes += piece.len();
            self.pieces.push_back(piece);
        }
        Ok(())
    }

    /// Appends bytes that are frames already.
    pub(super) fn put_written(&mut self, frames: &[u8]) {
        self.tail.extend_from_slice(frames);
    }

    /// Takes the first piece; empty if there is nothing.
    pub(super) fn take_piece(&mut self) -> Bytes {
        let Some(piece) = self.pieces.pop_front() else { return self.tail.split().freeze() };
        self.pieces_bytes -= piece.len();
        piece
    }

    /// Takes everything as one piece.
    pub(super) fn take_whole(&mut self) -> Bytes {
        if self.pieces.is_empty() {
            return self.take_piece();
        }
        let mut whole = BytesMut::with_capacity(self.len());
        self.pieces.drain(..).for_each(|piece| whole.extend_from_slice(&piece));
        whole.extend_from_slice(&self.tail.split());
        self.pieces_bytes = 0;
        whole.freeze()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn len(&self) -> usize {
        self.pieces_bytes + self.tail.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// From this size on a payload is handed on as it is: what a copy saves in pieces costs more.
const OWN_PIECE_BYTES: usize = 16 << 10;
