//! Who is in the cluster: a machine that is told about links and packets, and says who is up.
//!
//! [`Membership`] is the seam; [`Swim`] gossips, [`Fixed`] keeps a written list. A broken link is
//! not a death, and gossip is not a proof: what others say about a member is a hint, what a member
//! says and shows on its own authenticated link decides.
//!
//! Doesn't know how a link is made or proven, what runs on a member, or what time it is.

#![no_std]

extern crate alloc;

mod downing;
mod fixed;
mod input;
mod member;
mod membership;
mod output;
mod swim;

pub use downing::Downing;
pub use fixed::Fixed;
pub use input::Input;
pub use member::{MEMBERS_MAX, Member, MemberState};
pub use membership::Membership;
pub use output::{Misbehaviour, Output};
pub use swim::{PACKET_BYTES_MAX, Swim, SwimConfig};
