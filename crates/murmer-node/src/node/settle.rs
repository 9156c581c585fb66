//! Moving decisions downstream: from membership to the registry, from both to the shell.

use core::time::Duration;

use murmer_membership::{Member, MemberState, Membership};
use murmer_wire::NodeId;

use super::dials::Loss;
use super::{CloseReason, Node, Output, Withdrawal};
use crate::handshake::Refusal;
use crate::protocol::{Control, Introduction};

impl<M: Membership> Node<M> {
    pub(super) fn settle(&mut self, now: Duration) {
        self.drain_membership(now);
        self.part_with_damaged(now);
        self.settle_join();
        if self.leaving.take_done() {
            self.out.push_back(match self.leaving.is_outvoted() {
                true => Output::Withdraw(Withdrawal::Minority),
                false => Output::LeaveDone,
            });
        }
        if !self.leaving.has_begun() && self.membership.members().all(|(_, state)| state.is_over()) {
            self.dials.alone(now);
        }
    }

    pub(super) fn tell_membership(&mut self, now: Duration, input: murmer_membership::Input) {
        self.untold.push_back(input);
        self.drain_membership(now);
    }

    fn drain_membership(&mut self, now: Duration) {
        loop {
            while let Some(output) = self.membership.poll() {
                self.follow_membership(now, output);
            }
            let Some(input) = self.untold.pop_front() else { break };
            self.membership.handle(now, input);
        }
    }

    fn follow_membership(&mut self, now: Duration, output: murmer_membership::Output) {
        match output {
            murmer_membership::Output::Send { to, packet } => match self.links.current(&to) {
                Some(link) => self.out.push_back(Output::Datagram { link, packet }),
                None if self.gossip => self.want_if_member(now, &to),
                None => {}
            },
            murmer_membership::Output::Changed { member, from, to } => {
                self.member_changed(now, &member, to);
                self.watching_follows(now, &member.id, to);
                self.out.push_back(Output::MemberChanged { member, from, to });
            }
            murmer_membership::Output::Dial(member) => {
                if self.gossip && self.links.current(&member.id).is_none() && !self.leaving.has_begun() {
                    self.dials.want(now, &Introduction { id: member.id, addr: member.addr });
                }
            }
            murmer_membership::Output::AskAlive(peer) => {
                if let Some(link) = self.links.current(&peer) {
                    self.out.push_back(Output::Control { link, message: Control::Ping(0) });
                }
            }
            murmer_membership::Output::DownedByOthers { .. } => {
                let peer = self.us.id.clone();
                self.out.push_back(Output::Misbehaved { peer, what: "others held this node to be down" });
            }
            murmer_membership::Output::Outvoted => self.leave_outvoted(now),
            murmer_membership::Output::Full(member) => {
                self.cut_off(now, &member.id, Some(CloseReason::Refused(Refusal::Full)));
                self.dials.lost(now, &member.id, Loss::Other);
                self.join.unreachable(&member.id);
                self.registry_hears(now, murmer_registry::Input::PeerDown(member.id.clone()));
                self.watching_follows(now, &member.id, MemberState::Down);
                self.out.push_back(Output::Misbehaved { peer: member.id, what: "the cluster is full" });
            }
            murmer_membership::Output::Misbehaved { peer, .. } => {
                self.out.push_back(Output::Misbehaved { peer, what: "a membership packet was not its own" });
            }
        }
    }

    fn member_changed(&mut self, now: Duration, member: &Member, to: MemberState) {
        match to {
            MemberState::Up | MemberState::Suspect | MemberState::Unreachable => {}
            MemberState::Down | MemberState::Left => self.drop_peer(now, member, to == MemberState::Left),
        }
    }

    /// Entries, versions and links of a peer go together; the next start is from nothing.
    fn drop_peer(&mut self, now: Duration, member: &Member, has_left: bool) {
        self.registry_hears(now, murmer_registry::Input::PeerDown(member.id.clone()));
        // One that left closes its links itself, once it has our acknowledgement.
        let reason = (!has_left).then_some(CloseReason::Down);
        let was_linked = self.cut_off(now, &member.id, reason);
        if was_linked {
            self.untold.push_back(murmer_membership::Input::Unlinked(member.id.clone()));
        }
        self.join.unreachable(&member.id);
        self.leaving.forget(&member.id);
        self.dials.lost(now, &member.id, if has_left { Loss::Left } else { Loss::Down });
        if has_left {
            self.dials.forget(&member.id);
        } else if !self.leaving.has_begun()
            && !self.links.has_name(&member.id.name)
            && (self.gossip || was_linked || self.dials.has(&member.id))
        {
            self.dials.want_back(now, &Introduction { id: member.id.clone(), addr: member.addr });
        }
    }

    pub(super) fn registry_hears(&mut self, now: Duration, input: murmer_registry::Input) {
        self.registry.handle(now, input);
        self.drain_registry(now);
    }

    fn drain_registry(&mut self, now: Duration) {
        while let Some(output) = self.registry.poll() {
            match output {
                murmer_registry::Output::Send { to, message } => {
                    if let Some(link) = self.links.current(&to) {
                        self.out.push_back(Output::Registry { link, message });
                    }
                }
                murmer_registry::Output::Added(entry) => self.out.push_back(Output::ActorAdded(entry)),
                murmer_registry::Output::Updated(entry) => self.out.push_back(Output::ActorUpdated(entry)),
                murmer_registry::Output::Removed(entry) => {
                    self.out.push_back(Output::ActorRemoved(entry.id.clone()));
                }
                murmer_registry::Output::Synced(peer) => self.join.synced(&peer),
                // The leave itself comes as a control message, which membership hears of.
                murmer_registry::Output::Left(_) => {}
                murmer_registry::Output::Diverged(peer) => {
                    self.out
                        .push_back(Output::Misbehaved { peer, what: "its log and our copy of it differ" });
                }
                murmer_registry::Output::Misbehaved { peer, .. } => {
                    self.quarantine.offended(now, &peer);
                    self.out
                        .push_back(Output::Misbehaved { peer, what: "a registry message can't be right" });
                }
                murmer_registry::Output::Refused(_) => {
                    let peer = self.us.id.clone();
                    self.out
                        .push_back(Output::Misbehaved { peer, what: "too many local actors to register" });
                }
                _ => {}
            }
        }
    }

    fn settle_join(&mut self) {
        if let Some(end) = self.join.take_end() {
            self.out.push_back(Output::Joined(end));
        }
    }

    pub(super) fn want_if_member(&mut self, now: Duration, peer: &NodeId) {
        if self.leaving.has_begun() {
            return;
        }
        let member = self.membership.members().find(|(member, _)| member.id == *peer);
        match member.map(|(member, state)| (Introduction { id: member.id.clone(), addr: member.addr }, state))
        {
            Some((_, MemberState::Left)) | None => {}
            Some((who, MemberState::Down)) => self.dials.want_back(now, &who),
            Some((who, _)) => self.dials.want(now, &who),
        }
    }
}
