//! What a claim made by somebody else is worth.
//!
//! SWIM believes every member about every other. These rules take out of a packet what would let one
//! member unseat another: a claim about a name is believed only about the life of it that holds the
//! name here, and how often that life has been renewed is believed only from itself if it is linked.
//! What isn't believed is at most a reason to go and look.

use foca::{Incarnation, Message, State};
use murmer_wire::NodeName;

use super::id::SwimId;
use super::packet::Claim;
use super::peer::Peer;

/// What to do with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Let SWIM have it.
    Believe,
    /// Take it out.
    Drop,
    /// Take it out, and ask the member itself.
    Ask,
    /// Take it out, and dial whom it names.
    Dial,
}

/// Judges a claim about a name that `peer` holds, and of which SWIM knows `known`.
pub(super) fn judge(peer: &Peer, known: Option<&Claim>, claim: &Claim) -> Verdict {
    let claimed = claim.id();
    if claimed.node != peer.member.id {
        return match (claimed.node.incarnation < peer.member.id.incarnation, peer.is_over()) {
            (true, _) => Verdict::Drop,
            (false, true) => Verdict::Believe,
            (false, false) => Verdict::Dial,
        };
    }
    if peer.is_gone_for_good() {
        return Verdict::Drop;
    }
    let Some(known) = known.map(Claim::id).filter(|known| known.node == claimed.node) else {
        return Verdict::Believe;
    };
    if claimed.generation < known.generation {
        return Verdict::Drop;
    }
    if peer.linked {
        return if claimed == known { Verdict::Believe } else { Verdict::Ask };
    }
    // A renewal doesn't move, so another address is worth a look and no more.
    if claimed.addr == known.addr { Verdict::Believe } else { Verdict::Dial }
}

/// True if the claim bears our own name.
pub(super) fn is_about(name: &NodeName, claim: &Claim) -> bool {
    claim.id().node.name == *name
}

/// Judges a claim about our own name. Only one about what we are called now can matter.
///
/// A renewal answers a false death. If `may_renew` is false the last was a moment ago, and another
/// can wait: whoever means it will say it again, and nobody can make us renew all day.
pub(super) fn judge_about_us(us: &SwimId, may_renew: bool, claim: &Claim) -> Verdict {
    let renews = match claim.state() {
        State::Down => true,
        State::Suspect => claim.incarnation() == Incarnation::MAX,
        State::Alive => false,
    };
    if claim.id() == us && (may_renew || !renews) { Verdict::Believe } else { Verdict::Drop }
}

/// True if the message itself tells us that we are dead.
pub(super) fn buries_us(message: &Message<SwimId>) -> bool {
    matches!(message, Message::TurnUndead)
}
