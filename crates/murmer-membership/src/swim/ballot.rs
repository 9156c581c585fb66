//! Who may hold unreachable members down: all of it at the one place where they would become so.
//!
//! ```text
//! Auto           everybody
//! Manual         nobody
//! KeepMajority   unreachable set unchanged for   stable_after          3/2 of it
//!                without a majority              this node is to go
//!                with one                                              others may be down
//! ```
//!
//! Who came while somebody was unreachable has no vote, and a vote of somebody who is unreachable is not
//! taken over by a later life of its name: two sides of a split could both win otherwise.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use murmer_wire::NodeName;

use super::peer::{Peer, Standing};
use crate::{Downing, MemberState};

/// How the votes stand, and since when.
#[derive(Debug, Default)]
pub(super) struct Ballot {
    unseen: BTreeSet<NodeName>,
    changed_at: Duration,
}

/// What may be done about unreachable members now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    /// Those whose time is over are down.
    Down,
    /// They stay unreachable, at least until then; `None` if no time changes that.
    Wait(Option<Duration>),
    /// This node is one of too few, and is to go.
    Go,
}

impl Ballot {
    /// Notes who is seen. Votes are given out while everybody is.
    pub(super) fn count(&mut self, now: Duration, peers: &mut BTreeMap<NodeName, Peer>) {
        let is_clean = !peers.values().any(|peer| peer.state == Some(MemberState::Unreachable));
        if is_clean {
            for peer in peers.values_mut() {
                peer.standing = if peer.is_over() { Standing::Guest } else { Standing::Voter };
            }
        }
        let unseen: BTreeSet<_> =
            peers.iter().filter(|(_, peer)| peer.is_unseen()).map(|(name, _)| name.clone()).collect();
        // Whoever left, or is down by now, is not seen and not missed: that changes nothing.
        let is_back = |name: &NodeName| peers.get(name).is_some_and(|peer| !peer.is_over());
        let has_lost = unseen.iter().any(|name| !self.unseen.contains(name));
        let has_found = self.unseen.iter().any(|name| !unseen.contains(name) && is_back(name));
        if has_lost || has_found {
            self.changed_at = now;
        }
        self.unseen = unseen;
    }

    /// What the policy says, as things were last counted.
    pub(super) fn rule(
        &self,
        now: Duration,
        policy: Downing,
        us: &NodeName,
        peers: &BTreeMap<NodeName, Peer>,
    ) -> Ruling {
        let stable_after = match policy {
            Downing::Auto => return Ruling::Down,
            Downing::Manual => return Ruling::Wait(None),
            Downing::KeepMajority { stable_after } => stable_after,
        };
        if self.unseen.is_empty() {
            return Ruling::Wait(None);
        }
        let has_majority = has_majority(us, peers);
        // Those without one are to be gone before those with one go on without them.
        let wait = if has_majority { stable_after.saturating_add(stable_after / 2) } else { stable_after };
        let due_at = self.changed_at.saturating_add(wait);
        match (now >= due_at, has_majority) {
            (false, _) => Ruling::Wait(Some(due_at)),
            (true, true) => Ruling::Down,
            (true, false) => Ruling::Go,
        }
    }
}

/// True if more than half of the votes are seen from here, this node's own among them; or half, and the
/// smallest name among those.
fn has_majority(us: &NodeName, peers: &BTreeMap<NodeName, Peer>) -> bool {
    let voters =
        peers.iter().filter(|(_, peer)| peer.has_vote()).map(|(name, peer)| (name, !peer.is_unseen()));
    let (mut seen, mut total, mut smallest) = (1, 1, (us, true));
    for (name, is_seen) in voters {
        total += 1;
        seen += usize::from(is_seen);
        smallest = smallest.min((name, is_seen));
    }
    2 * seen > total || (2 * seen == total && smallest.1)
}
