//! What one stream holds that is not sent yet, as part of what all streams of a node hold.

use murmer_transport::Portion;

/// The bytes in a stream's buffer, and those that its task has taken out of it.
pub(super) struct Unsent {
    portion: Portion,
    leaving: usize,
}

impl Unsent {
    pub(super) const fn new(portion: Portion) -> Self {
        Self { portion, leaving: 0 }
    }

    /// So much is in the buffer now; and so much is `leaving`, if that has changed.
    pub(super) fn count(&mut self, buffered: usize, leaving: Option<usize>) {
        self.leaving = leaving.unwrap_or(self.leaving);
        let bytes = buffered + self.leaving;
        // Most streams hold little at a time, and then touch nothing that all share.
        self.portion.set(bytes - bytes % COUNTED_BYTES);
    }

    /// What all streams hold.
    pub(super) fn sum(&self) -> usize {
        self.portion.sum()
    }
}

/// What each stream may hold uncounted.
pub(super) const COUNTED_BYTES: usize = 16 << 10;
