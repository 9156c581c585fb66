//! Who may hold an unreachable member to be down.

use core::time::Duration;

/// What becomes of members that stay unreachable: whether this node drops them and goes on, waits, or goes
/// itself.
///
/// A crashed member and one behind a broken line look the same from here. All that can be chosen is which
/// mistake is the worse one. All nodes of a cluster should choose alike, or one side of a split waits for the
/// other to give way while that one does not.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use murmer_membership::Downing;
///
/// assert_eq!(Downing::default(), Downing::Auto);
/// let patient = Downing::KeepMajority { stable_after: Duration::from_secs(60) };
/// assert_ne!(Downing::keep_majority(), patient);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Downing {
    /// Each side of a split holds the other down and goes on with what it reaches; both meet again as soon as
    /// they can. The default: nothing that is alive stops serving, and what both did meanwhile is the
    /// application's to bring together.
    #[default]
    Auto,
    /// Only a side that sees more than half of the members holds others down; a node on any other side leaves
    /// the cluster by itself. So no two sides of what was one cluster go on for long.
    ///
    /// Members are those that were up when everybody last was reachable, this node among them; those that left
    /// or are down don't count, nor those that came while somebody was unreachable. Of two halves the one with
    /// the smallest name goes on.
    ///
    /// Two things it can't prevent. Those that join the losing side of a split have never agreed on anything
    /// with the other: they are not outvoted when the others of their side leave, and go on by themselves, at
    /// least until the split heals. And a vote that only one side knows of counts on that side only: if of `a`, `b`, `c`
    /// and `d` only `c` and `d` had met `n` when the split came, they count three of five, while `a` and `b`
    /// count two of four, the smallest name among them, and both sides go on.
    ///
    /// A node can't tell a split from a crash: when most of the members crash at once, the rest leaves, too,
    /// unless an operator says before that they are down.
    KeepMajority {
        /// How long the set of unreachable members has to stay the same before a node without a majority
        /// leaves. A majority waits half as long again before it holds others down, so that the others are
        /// gone by then.
        ///
        /// 1 s to 10 minutes, and four probe periods or more: those that one cut separates are missed one
        /// after the other, as their turn to be probed comes. [`keep_majority`](Self::keep_majority) makes it
        /// 20 s, which is 40 probe periods on a LAN and 10 on a WAN.
        stable_after: Duration,
    },
    /// Members stay unreachable until somebody says that they are [`Down`](crate::Input::Down), or until they
    /// are back.
    Manual,
}

impl Downing {
    /// [`KeepMajority`](Self::KeepMajority) after 20 s without a change.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use murmer_membership::{Downing, SwimConfig};
    ///
    /// let config = SwimConfig { downing: Downing::keep_majority(), ..SwimConfig::lan() };
    /// assert_eq!(config.downing, Downing::KeepMajority { stable_after: Duration::from_secs(20) });
    /// ```
    pub const fn keep_majority() -> Self {
        Self::KeepMajority { stable_after: STABLE_AFTER }
    }
}

const STABLE_AFTER: Duration = Duration::from_secs(20);
