//! How the items of a streamed answer ended.

use super::FrameKindError;

/// Why no more items follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemsEnd {
    /// There are no more.
    Complete,
    /// The stream panicked.
    Panicked,
    /// The actor ended, or began another life, before the stream did.
    Interrupted,
    /// An item could not be encoded.
    Unwritable,
    /// An item was larger than a frame may be.
    TooLarge {
        /// Its size with its header.
        bytes: u64,
        /// The limit over there.
        max: u64,
    },
}

impl ItemsEnd {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Panicked => 1,
            Self::Interrupted => 2,
            Self::Unwritable => 3,
            Self::TooLarge { .. } => 4,
        }
    }

    /// Reads a code and what belongs to it.
    pub(super) fn read(
        number: &mut impl FnMut() -> Result<u64, FrameKindError>,
    ) -> Result<Self, FrameKindError> {
        match number()? {
            0 => Ok(Self::Complete),
            1 => Ok(Self::Panicked),
            2 => Ok(Self::Interrupted),
            3 => Ok(Self::Unwritable),
            4 => Ok(Self::TooLarge { bytes: number()?, max: number()? }),
            unknown => Err(FrameKindError::Unknown(u8::try_from(unknown).unwrap_or(u8::MAX))),
        }
    }
}
