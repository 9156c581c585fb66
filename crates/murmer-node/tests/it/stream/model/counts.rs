//! How much of everything there was: a run that saw nothing proves nothing.

/// Sums over one run, or over all.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) messages: usize,
    pub(super) handled: usize,
    pub(super) replied: usize,
    pub(super) streamed: usize,
    pub(super) items: usize,
    pub(super) never: usize,
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.handled += other.handled;
        self.replied += other.replied;
        self.streamed += other.streamed;
        self.items += other.items;
        self.never += other.never;
    }
}
