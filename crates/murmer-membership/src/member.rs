//! A member, and what is believed about it.

use core::net::SocketAddr;

use murmer_wire::NodeId;

/// The most members a node keeps, itself not counted.
///
/// Ended ones (Down, Left) count until they are forgotten, and make room for new ones first.
///
/// # Examples
///
/// ```
/// use core::net::SocketAddr;
/// use core::time::Duration;
/// use murmer_membership::{Fixed, Input, MEMBERS_MAX, Member, Membership};
/// # use murmer_wire::{Incarnation, NameError, NodeId, NodeName};
/// # fn member(name: &str) -> Result<Member, NameError> {
/// #     let id = NodeId { name: NodeName::new(name)?, incarnation: Incarnation::from(1) };
/// #     Ok(Member { id, addr: SocketAddr::from(([10, 0, 0, 1], 7100)) })
/// # }
///
/// let mut membership = Fixed::new(member("us")?, []);
/// for number in 0..MEMBERS_MAX + 10 {
///     membership.handle(Duration::ZERO, Input::Linked { member: member(&number.to_string())? });
///     while membership.poll().is_some() {}
/// }
/// assert_eq!(membership.members().count(), MEMBERS_MAX);
/// # Ok::<(), NameError>(())
/// ```
pub const MEMBERS_MAX: usize = 1_024;

/// One life of one process, and where it can be reached.
///
/// # Examples
///
/// ```
/// use murmer_membership::Member;
/// use murmer_wire::{Incarnation, NodeId, NodeName};
///
/// let id = NodeId { name: NodeName::new("alpha")?, incarnation: Incarnation::mint(1_700_000_000_000, 7) };
/// let here = Member { id: id.clone(), addr: ([10, 0, 0, 1], 7_100).into() };
/// let elsewhere = Member { id, addr: ([192, 0, 2, 1], 7_100).into() };
/// assert_ne!(here, elsewhere); // the same process, seen at another address
/// # Ok::<(), murmer_wire::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// Which process.
    pub id: NodeId,
    /// Where it can be reached, as far as is known here.
    pub addr: SocketAddr,
}

/// What a node believes about a member.
///
/// # Examples
///
/// ```
/// use murmer_membership::MemberState;
///
/// let states = [MemberState::Up, MemberState::Suspect, MemberState::Down, MemberState::Left];
/// let worth_a_try = states.into_iter().filter(|state| !state.is_over());
/// assert_eq!(worth_a_try.collect::<Vec<_>>(), [MemberState::Up, MemberState::Suspect]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberState {
    /// It answers.
    Up,
    /// Somebody got no answer from it. It counts as up until it had its chance to object.
    Suspect,
    /// It is said to be gone, and nothing has been pruned yet.
    Unreachable,
    /// It is held to be dead. It may still be running: if it shows up again, it is
    /// [`Up`](Self::Up) under the same id, unless it is [`Quarantined`](crate::Input::Quarantined).
    Down,
    /// It said itself that it leaves.
    Left,
}

impl MemberState {
    /// True for [`Down`](Self::Down) and [`Left`](Self::Left): what it had here is to be dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_membership::MemberState;
    ///
    /// assert!(MemberState::Left.is_over());
    /// assert!(!MemberState::Unreachable.is_over()); // it may have a bad line
    /// ```
    pub const fn is_over(self) -> bool {
        match self {
            Self::Up | Self::Suspect | Self::Unreachable => false,
            Self::Down | Self::Left => true,
        }
    }
}
