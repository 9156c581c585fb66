//! Tells those who listen here what has become of other nodes' actors.
//!
//! What lookups read says the same by then. Doesn't know who decided it, nor why.

use murmer_core::{Event, StopReason, System};
use murmer_membership::{Member, MemberState};
use murmer_registry::{Entry, View};
use murmer_wire::GroupSet;

/// The actor may have come into these groups, or gone.
pub(super) fn look(system: &System, entry: &Entry, groups: &GroupSet) {
    for group in groups.names() {
        system.look(group, entry.actor_type.as_str(), &entry.id);
    }
}

/// The actor is not found here any more.
pub(super) fn removed(system: &System, entry: &Entry, reason: StopReason) {
    look(system, entry, &entry.attributes.groups);
    let (actor, label) = (entry.id.clone(), entry.label.clone());
    system.report(|| Event::ActorRemoved { actor, label, reason });
}

/// This node is no longer one of a cluster, of which that was known. It is the others that are gone from here:
/// they may be running all the same, so they are told of as down, as those who watch them are told.
pub(super) fn all_gone(system: &System, view: &View, members: &[(Member, MemberState)]) {
    for (entry, _) in view.entries() {
        removed(system, entry, StopReason::NodeDown);
    }
    for (member, _) in members.iter().filter(|(_, state)| !state.is_over()) {
        system.report(|| Event::MemberDown { node: member.id.clone() });
    }
    system.registered();
}
