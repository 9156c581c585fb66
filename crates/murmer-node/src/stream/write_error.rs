//! Why a stream takes no message.

/// Why a message was not written. Nothing of it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The stream is over: open another.
    #[error("stream is over")]
    Over,
    /// The buffer is full: wait until the shell has taken it.
    #[error("stream buffer is full")]
    Full,
    /// The message is larger than a frame may be.
    #[error("message of {bytes} bytes exceeds the limit of {max}")]
    TooLarge {
        /// Its size with its header.
        bytes: usize,
        /// The limit.
        max: usize,
    },
}
