//! A payload that was encoded apart from its stream: what a type's own code takes for that, nobody waits
//! for but the sender.

use bytes::{Bytes, BytesMut};

/// An encoded message or answer, until a stream takes it.
#[derive(Debug, Default)]
pub struct Draft(BytesMut);

impl Draft {
    /// Encodes into `scratch`, whose memory is used again.
    ///
    /// # Errors
    ///
    /// Whatever `encode` says; there is no draft then.
    pub fn encode<E>(
        mut scratch: BytesMut,
        encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), E>,
    ) -> Result<Self, E> {
        scratch.clear();
        encode(&mut scratch)?;
        Ok(Self(scratch))
    }

    /// Its memory, for the next draft. A stream that took a large one has kept it.
    pub fn into_scratch(self) -> BytesMut {
        self.0
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn take(&mut self) -> Bytes {
        core::mem::take(&mut self.0).freeze()
    }
}
