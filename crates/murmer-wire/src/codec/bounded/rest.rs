//! Bytes for postcard to read, with their number where the limits see it.

use core::cell::Cell;

use postcard::de_flavors::Flavor;
use postcard::{Error, Result};

/// What has not been read.
pub(super) struct Rest<'b> {
    bytes: &'b [u8],
    len: &'b Cell<usize>,
}

impl<'b> Rest<'b> {
    /// All of `bytes`; `len` says how many are left from now on.
    pub(super) const fn new(bytes: &'b [u8], len: &'b Cell<usize>) -> Self {
        Self { bytes, len }
    }
}

impl<'b> Flavor<'b> for Rest<'b> {
    type Remainder = ();
    type Source = &'b [u8];

    #[inline]
    fn pop(&mut self) -> Result<u8> {
        let (first, rest) = self.bytes.split_first().ok_or(Error::DeserializeUnexpectedEnd)?;
        self.bytes = rest;
        self.len.set(rest.len());
        Ok(*first)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.bytes.len())
    }

    #[inline]
    fn try_take_n(&mut self, count: usize) -> Result<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(Error::DeserializeUnexpectedEnd)?;
        self.bytes = rest;
        self.len.set(rest.len());
        Ok(taken)
    }

    fn finalize(self) -> Result<()> {
        Ok(())
    }
}
