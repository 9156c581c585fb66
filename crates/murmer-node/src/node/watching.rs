//! Watches, told of links and of membership, and heard on the control stream.

use core::time::Duration;

use murmer_membership::{MemberState, Membership};
use murmer_wire::NodeId;

use super::{Node, Output};
use crate::protocol::Control;
use crate::watch::{Standing, WatchingInput, WatchingOutput};

impl<M: Membership> Node<M> {
    pub(super) fn watching_hears(&mut self, now: Duration, input: WatchingInput) {
        self.watching.handle(now, input);
        while let Some(output) = self.watching.poll() {
            let output = match output {
                // The other end begins anew on the link that follows.
                WatchingOutput::Send { link, .. } if self.links.peer(link).is_none() => continue,
                WatchingOutput::Send { link, word } => {
                    Output::Control { link, message: Control::Watching(word) }
                }
                WatchingOutput::Observe(actor) => Output::Observe(actor),
                WatchingOutput::Unobserve(actor) => Output::Unobserve(actor),
                WatchingOutput::Flush { ticket, watcher } => Output::Flush { ticket, watcher },
                WatchingOutput::Told { watch, reason } => Output::Told { watch, reason },
                WatchingOutput::Misbehaved { peer, what } => Output::Misbehaved { peer, what },
            };
            self.out.push_back(output);
        }
    }

    /// A member's state is this now.
    pub(super) fn watching_follows(&mut self, now: Duration, peer: &NodeId, to: MemberState) {
        let peer = peer.clone();
        let input = match to {
            MemberState::Up | MemberState::Suspect | MemberState::Unreachable => WatchingInput::Met(peer),
            MemberState::Down => WatchingInput::Over { peer, has_left: false },
            MemberState::Left => WatchingInput::Over { peer, has_left: true },
        };
        self.watching_hears(now, input);
    }

    /// How `node` stands with this one.
    pub(super) fn standing(&self, node: &NodeId) -> Standing {
        if node.name == self.us.id.name {
            return Standing::Ourselves;
        }
        let namesakes = self.membership.members().filter(|(member, _)| member.id.name == node.name);
        // Lives of one name are in order: a later one is the end of those before.
        let latest = namesakes.max_by_key(|(member, _)| member.id.incarnation);
        match latest.map(|(member, state)| (member.id.incarnation, state)) {
            Some((life, MemberState::Down)) if life == node.incarnation => Standing::Down,
            Some((life, MemberState::Left)) if life == node.incarnation => Standing::Left,
            Some((life, _)) if life == node.incarnation => Standing::Member,
            Some((life, _)) if life > node.incarnation => Standing::Down,
            Some(_) | None => Standing::Unmet,
        }
    }
}
