//! The seam: what a node needs from whatever decides who is in its cluster.

use core::time::Duration;

use murmer_wire::NodeId;

use crate::{Input, Member, MemberState, Output};

/// A machine that decides who is in the cluster.
///
/// `now` is the time since an epoch the caller chose, and never goes back. The caller drains
/// [`poll`](Self::poll) after each [`handle`](Self::handle), then asks for the
/// [`deadline`](Self::deadline).
pub trait Membership {
    /// Takes in what happened. Total: what a peer sent can at worst become [`Output::Misbehaved`].
    fn handle(&mut self, now: Duration, input: Input);

    /// The next thing to do, or `None` when all has been said.
    fn poll(&mut self) -> Option<Output>;

    /// When to [`handle`](Self::handle) an [`Input::Timeout`] if nothing else happens first.
    fn deadline(&self) -> Option<Duration>;

    /// Every member this node has told of with [`Output::Changed`], by name, itself not included.
    ///
    /// Of each name only the latest life is listed. Ended ones stay listed for a while, so that their
    /// return can be told from a first visit, and then vanish without an output.
    fn members(&self) -> impl Iterator<Item = (&Member, MemberState)>;

    /// True if a link has led to this very life, so that it is known to have been. What others tell of is not.
    fn has_met(&self, id: &NodeId) -> bool;
}
