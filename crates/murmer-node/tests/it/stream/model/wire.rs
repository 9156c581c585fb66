//! One direction of a stream: bytes in order, that arrive in any pieces, or from some point on not at all.

use bytes::{Bytes, BytesMut};
use murmer_wire::FrameDecoder;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// What is under way, and what has arrived.
#[derive(Debug)]
pub(super) struct Wire {
    under_way: BytesMut,
    decoder: FrameDecoder,
    is_cut: bool,
    is_finished: bool,
}

impl Wire {
    pub(super) fn new(frame_bytes_max: usize) -> Self {
        let decoder = FrameDecoder::new(frame_bytes_max);
        Self { under_way: BytesMut::new(), decoder, is_cut: false, is_finished: false }
    }

    pub(super) fn send(&mut self, bytes: &[u8]) {
        if !self.is_cut {
            assert!(!self.is_finished, "sent after the last byte");
            self.under_way.extend_from_slice(bytes);
        }
    }

    /// The sender has said all.
    pub(super) fn finish(&mut self) {
        self.is_finished = true;
    }

    /// The connection is gone: of what is under way some may still arrive.
    pub(super) fn cut(&mut self, rng: &mut ChaCha8Rng) {
        if !self.is_cut {
            self.is_cut = true;
            let arrives = rng.random_range(0..=self.under_way.len());
            self.under_way.truncate(arrives);
        }
    }

    /// Some bytes arrive.
    pub(super) fn carry(&mut self, rng: &mut ChaCha8Rng) {
        let count = match rng.random_range(0..4) {
            0 => rng.random_range(0..=self.under_way.len().min(40)),
            1 => rng.random_range(0..=self.under_way.len()),
            _ => self.under_way.len(),
        };
        if count > 0 {
            self.arrive(count);
        }
    }

    pub(super) fn carry_all(&mut self) {
        self.arrive(self.under_way.len());
    }

    fn arrive(&mut self, count: usize) {
        let arrived = self.under_way.split_to(count).freeze();
        self.decoder.push(arrived);
    }

    /// A frame that has arrived whole.
    pub(super) fn next_frame(&mut self) -> Option<Bytes> {
        self.decoder.next_frame().expect("both ends write frames")
    }

    /// Nothing more will come, and whether that was said by its sender.
    pub(super) fn has_ended(&self) -> bool {
        self.under_way.is_empty() && (self.is_cut || self.is_finished)
    }
}
