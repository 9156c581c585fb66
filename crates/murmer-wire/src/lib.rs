//! What murmer nodes say, as bytes: names and ids, the codec, frames, bounded decoding.
//!
//! Every other crate of the workspace speaks in these words. Everything that comes from a peer is
//! decoded through [`decode`], which is bounded in depth and in work, or through [`FrameDecoder`],
//! which is bounded in memory.
//!
//! Doesn't know who sends a frame, over what, or what a message means.

#![no_std]

extern crate alloc;

mod codec;
mod frame;
mod group_set;
mod id;
mod key;
mod list;
mod name;
mod varint;
mod visibility;

pub use codec::{DecodeError, EncodeError, decode, encode};
pub use frame::{FRAME_BYTES_HARD_MAX, FrameDecoder, FrameError, begin_frame, end_frame, put_frame};
pub use group_set::GroupSet;
pub use id::{ActorId, ActorNumber, Incarnation, NodeId};
pub use key::{MessageKey, crate_name_len, join_name};
pub use list::at_most;
pub use name::{GroupName, Label, NameError, NodeName, TypeName};
pub use varint::{VarintError, get_varint, put_varint};
pub use visibility::Visibility;
