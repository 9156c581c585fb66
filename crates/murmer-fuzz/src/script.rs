//! Bytes read as a list of things to do. When they run out, all that follows is zero.

use bytes::Bytes;

/// What is left of the bytes.
#[derive(Debug)]
pub(crate) struct Script<'d>(&'d [u8]);

impl<'d> Script<'d> {
    pub(crate) const fn new(data: &'d [u8]) -> Self {
        Self(data)
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) const fn byte(&mut self) -> u8 {
        let [first, rest @ ..] = self.0 else { return 0 };
        self.0 = rest;
        *first
    }

    /// Small, or near the end of all numbers.
    pub(crate) fn number(&mut self) -> u64 {
        match self.byte() {
            byte @ 0..240 => u64::from(byte % 32),
            byte => u64::MAX - u64::from(byte - 240),
        }
    }

    /// As many bytes as the next one says.
    pub(crate) fn chunk(&mut self) -> Bytes {
        let len = usize::from(self.byte());
        let (chunk, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        Bytes::copy_from_slice(chunk)
    }

    pub(crate) fn rest(&mut self) -> &'d [u8] {
        core::mem::take(&mut self.0)
    }
}
