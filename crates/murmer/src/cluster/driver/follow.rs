//! What the node has come to know of others: first into what lookups read, then told to whoever listens.
//!
//! Nothing here decides, and nothing in the cluster waits for a reader of events.

use std::sync::Arc;

use murmer_core::{Event, StopReason};
use murmer_membership::{Member, MemberState};
use murmer_registry::Entry;
use murmer_transport::Transport;
use murmer_wire::{ActorId, ActorNumber, Label};

use super::Driver;
use crate::cluster::elsewhere;

impl<T: Transport> Driver<T> {
    pub(super) fn member_changed(&mut self, member: Member, from: Option<MemberState>, to: MemberState) {
        let shared = &self.net.shared;
        shared.counters.changed(to);
        let members = self.node.members();
        shared.forget_roads(|node| members.iter().any(|(member, _)| member.id == *node));
        self.lives.retain(|name, _| members.iter().any(|(member, _)| member.id.name == *name));
        // First, so that whoever is found from here on is found in the new state.
        shared.set_members(members);
        shared.set_state(&member.id, to);
        self.net.system.registered();
        match to {
            MemberState::Suspect => tracing::debug!(node = %member.id, "suspected"),
            MemberState::Up if from == Some(MemberState::Suspect) => {
                tracing::debug!(node = %member.id, "cleared")
            }
            MemberState::Up => tracing::info!(node = %member.id, addr = %member.addr, "up"),
            MemberState::Unreachable => tracing::warn!(node = %member.id, "unreachable"),
            MemberState::Down => tracing::warn!(node = %member.id, "down; its actors are gone from here"),
            MemberState::Left => tracing::info!(node = %member.id, "left"),
        }
        let former = self.lives.insert(member.id.name.clone(), member.id.clone());
        if let Some(former) = former.filter(|former| *former != member.id) {
            let node = member.id.clone();
            self.net.system.report(|| Event::MemberReborn { node, former });
        }
        self.net.system.report(|| told(member, from, to));
    }

    pub(super) fn actor_added(&self, entry: Arc<Entry>) {
        let (shared, system) = (&self.net.shared, &self.net.system);
        let (actor, label) = (entry.id.clone(), entry.label.clone());
        let actor_type = entry.actor_type.clone();
        // Its predecessor on its own node may not be known to be over yet: that is no conflict.
        let holder = label
            .as_ref()
            .map(|label| label.as_str())
            .and_then(|label| system.holder(label).or_else(|| shared.first_but_of(&actor.node, label)));
        self.put(entry);
        system.registered();
        let added = (actor.clone(), label.clone());
        system.report(|| {
            let (actor, label) = added;
            Event::ActorAdded { actor, label, actor_type: actor_type.as_str().to_owned() }
        });
        if let (Some(label), Some(holder)) = (label, holder) {
            self.conflict(label, holder, actor);
        }
    }

    pub(super) fn actor_removed(&self, id: ActorId) {
        // Membership has decided already, whoever is told first.
        let reason = match self.node.state_of(&id.node) {
            Some(MemberState::Up | MemberState::Suspect | MemberState::Unreachable) => StopReason::Stopped,
            Some(MemberState::Left) => StopReason::NodeLeft,
            Some(MemberState::Down) | None => StopReason::NodeDown,
        };
        if let Some(removed) = self.net.shared.remove(&id) {
            elsewhere::removed(&self.net.system, &removed, reason);
        }
    }

    /// What lookups read of an actor elsewhere is this now.
    pub(super) fn put(&self, entry: Arc<Entry>) {
        let (shared, system) = (&self.net.shared, &self.net.system);
        if let Some(before) = shared.add(entry.clone()) {
            elsewhere::look(system, &before, &before.attributes.groups);
        }
        elsewhere::look(system, &entry, &entry.attributes.groups);
    }

    /// An actor was started here, under a label that others may have, too.
    pub(super) fn started(&self, number: ActorNumber, label: &Label) {
        let own = ActorId { node: self.net.shared.us.clone(), number };
        // It may be over by now, and its successor will be told of.
        if self.net.system.holder(label.as_str()).is_some_and(|holder| holder == own)
            && let Some(other) = self.net.shared.first_elsewhere(label.as_str())
        {
            self.conflict(label.clone(), other, own);
        }
    }

    fn conflict(&self, label: Label, holder: ActorId, newcomer: ActorId) {
        tracing::warn!(%label, first = %holder.node, second = %newcomer.node,
            "two nodes have an actor under one label; every node picks the same one, its own first");
        let picked = self.net.shared.holder(label.as_str(), &self.net.system);
        self.net.system.report(|| {
            let picked = picked.unwrap_or_else(|| holder.clone());
            Event::LabelConflict { label, holders: [holder, newcomer], picked }
        });
    }
}

/// What a change of state is called by those who don't know the states.
fn told(Member { id: node, addr }: Member, from: Option<MemberState>, to: MemberState) -> Event {
    match (from, to) {
        (Some(MemberState::Suspect | MemberState::Unreachable), MemberState::Up) => {
            Event::MemberReachable { node }
        }
        (None | Some(MemberState::Up | MemberState::Down | MemberState::Left), MemberState::Up) => {
            Event::MemberJoined { node, addr }
        }
        (_, MemberState::Suspect) => Event::MemberSuspect { node },
        (_, MemberState::Unreachable) => Event::MemberUnreachable { node },
        (_, MemberState::Down) => Event::MemberDown { node },
        (_, MemberState::Left) => Event::MemberLeft { node },
    }
}
