//! The logical clock that orders registrations across nodes: what was sent after something else had
//! been read has the larger number.

/// The largest reading of the clock.
///
/// 2^48: 1,000 registrations a second reach it in 8,900 years. A peer that claims more is wrong;
/// one that claims exactly this much costs the cluster the order by age, and ties go by node.
pub const LAMPORT_MAX: u64 = 1 << 48;

#[derive(Debug, Default)]
pub(crate) struct Lamport(u64);

impl Lamport {
    /// Takes note of a reading of somebody else's clock.
    pub(crate) fn see(&mut self, reading: u64) {
        self.0 = self.0.max(reading.min(LAMPORT_MAX));
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = (self.0 + 1).min(LAMPORT_MAX);
        self.0
    }

    pub(crate) fn now(&self) -> u64 {
        self.0
    }
}
