//! Numbers in as few bytes as they need: seven bits a byte, the lowest first.

use bytes::{BufMut, BytesMut};

/// Why bytes are not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VarintError {
    /// The bytes end before the number does.
    #[error("number is cut short")]
    Short,
    /// The number does not fit 64 bits, or is written with more bytes than it needs.
    #[error("number is not in its shortest form or exceeds 64 bits")]
    Malformed,
}

/// Appends `value` to `out`: one to ten bytes.
pub fn put_varint(out: &mut BytesMut, mut value: u64) {
    while value >= 0x80 {
        out.put_u8((value as u8) | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// Takes a number off the front of `bytes`, which then starts behind it.
///
/// # Errors
///
/// [`VarintError`]; `bytes` is then unchanged.
pub fn get_varint(bytes: &mut &[u8]) -> Result<u64, VarintError> {
    let mut value = 0u64;
    for (at, &byte) in bytes.iter().enumerate() {
        let bits = u64::from(byte & 0x7f);
        // The tenth byte holds the 64th bit alone.
        if at == 9 && byte > 1 {
            return Err(VarintError::Malformed);
        }
        value |= bits << (7 * at);
        if byte & 0x80 == 0 {
            if byte == 0 && at > 0 {
                return Err(VarintError::Malformed);
            }
            *bytes = &bytes[at + 1..];
            return Ok(value);
        }
    }
    Err(VarintError::Short)
}
