//! Values as bytes and back: postcard, bounded on the way back.
//!
//! postcard alone trusts its input in two ways: a sequence of empty elements may claim any length
//! and is looped over, and a recursive type may nest until the stack ends the process. [`decode`]
//! counts both, and wants every byte used.

mod bounded;

use bytes::BytesMut;
use postcard::ser_flavors::Flavor;
use serde::{Serialize, de::DeserializeOwned};

/// Why a value could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Its `Serialize` refused, or asked for what the format cannot do (a sequence of unknown length).
    #[error("value cannot be encoded: {0}")]
    Unsupported(postcard::Error),
}

/// Why bytes are not the value they were said to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// They don't have the shape of the type.
    #[error("bytes do not match the type: {0}")]
    Malformed(postcard::Error),
    /// They nest deeper than 128 levels, or their lists hold more than 1,024 elements that take no byte.
    #[error("value exceeds the limits on depth or number of empty elements")]
    Limit,
    /// The value ended before the bytes did.
    #[error("{0} bytes are left over behind the value")]
    Trailing(usize),
}

/// Appends `value` to `out`.
///
/// # Errors
///
/// [`EncodeError`]; `out` is then as long as it was before.
pub fn encode<T: Serialize + ?Sized>(value: &T, out: &mut BytesMut) -> Result<(), EncodeError> {
    let before = out.len();
    postcard::serialize_with_flavor(value, Appending(out)).map_err(|error| {
        out.truncate(before);
        EncodeError::Unsupported(error)
    })
}

/// Reads a `T` that takes up all of `bytes`, within limits: see [`DecodeError`].
///
/// # Errors
///
/// [`DecodeError`] says what is wrong with the bytes.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    bounded::decode(bytes)
}

/// Writes behind what a buffer already holds.
struct Appending<'a>(&'a mut BytesMut);

impl Flavor for Appending<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.extend_from_slice(&[byte]);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
