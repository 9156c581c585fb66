//! What is announced now, to be told again: the node may have forgotten it for the sake of another.

use core::net::SocketAddr;
use std::collections::BTreeMap;
use std::ops::Bound;

#[derive(Debug, Default)]
pub(super) struct Heard {
    instances: BTreeMap<String, Vec<SocketAddr>>,
    /// The one that was told last.
    told: String,
}

impl Heard {
    /// True if it is worth telling: there is room for it.
    pub(super) fn found(&mut self, name: &str, addrs: &[SocketAddr]) -> bool {
        let has_room = self.instances.len() < INSTANCES_MAX || self.instances.contains_key(name);
        if has_room {
            self.instances.insert(name.to_owned(), addrs.to_vec());
        }
        has_room
    }

    /// True if it is worth telling: it was here.
    pub(super) fn gone(&mut self, name: &str) -> bool {
        self.instances.remove(name).is_some()
    }

    /// The next few, in turn.
    pub(super) fn some(&mut self) -> Vec<(String, Vec<SocketAddr>)> {
        let after = (Bound::Excluded(self.told.as_str()), Bound::Unbounded);
        let next = self.instances.range::<str, _>(after).take(AT_ONCE);
        let some: Vec<_> = next.map(|(name, addrs)| (name.clone(), addrs.clone())).collect();
        // After the last comes the first.
        let last = some.last().filter(|_| some.len() == AT_ONCE);
        self.told = last.map(|(name, _)| name.clone()).unwrap_or_default();
        some
    }
}

/// What is told again at a time.
const AT_ONCE: usize = 16;
/// Four times the nodes that one cluster can have.
const INSTANCES_MAX: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_still_announced_is_told_again_in_turn() {
        let mut heard = Heard::default();
        for at in 0..40 {
            heard.found(&format!("{at:02}"), &[]);
        }
        heard.gone("07");
        let turns: Vec<Vec<_>> =
            (0..4).map(|_| heard.some().into_iter().map(|(name, _)| name).collect()).collect();
        assert_eq!(turns.iter().map(Vec::len).collect::<Vec<_>>(), [16, 16, 7, 16]);
        assert!(turns[..3].concat().is_sorted() && !turns[..3].concat().contains(&"07".to_owned()));
        assert_eq!(turns[3], turns[0]);
    }

    #[test]
    fn a_flood_of_announcements_is_not_all_remembered() {
        let mut heard = Heard::default();
        for at in 0..10_000 {
            heard.found(&at.to_string(), &[]);
        }
        assert_eq!(heard.instances.len(), 4_096);
        heard.gone("1");
        heard.found("a new one", &[]);
        assert!(heard.instances.contains_key("a new one"));
    }
}
