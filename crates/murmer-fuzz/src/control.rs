//! Every word of the control stream and every opening is read within bounds and written back as it was; and
//! whoever sits in the middle of a handshake can end it, but not get in.

mod between;

use allocation_counter::measure;
use bytes::BytesMut;
use murmer_node::{Control, Introduction, Manifest, Opening, Welcome};
use murmer_wire::{DecodeError, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::script::Script;

/// The first byte says what the rest is.
pub(crate) fn body(data: &[u8]) {
    let mut script = Script::new(data);
    let what = script.byte() % 6;
    match what {
        0 => check::<Control>(script.rest()),
        1 => check::<Opening>(script.rest()),
        2 => check::<Manifest>(script.rest()),
        3 => check::<Introduction>(script.rest()),
        4 => check::<Welcome>(script.rest()),
        _ => between::check(&mut script),
    }
}

fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let mut read = Err(DecodeError::Limit);
    let used = measure(|| read = decode::<T>(bytes));
    let bytes_max = ITEM_BYTES_MAX * (bytes.len() as u64 + EMPTY_ITEMS_MAX);
    assert!(used.bytes_max <= bytes_max, "{used:?} for {} bytes", bytes.len());
    let Ok(value) = read else { return };
    let mut again = BytesMut::new();
    encode(&value, &mut again).expect("what was read can be written");
    assert!(again.len() <= bytes.len(), "our own form is the shortest");
    assert_eq!(decode::<T>(&again), Ok(value));
}

/// What any item of a list takes in memory at the most, twice: a growing list is copied.
const ITEM_BYTES_MAX: u64 = 512;
/// Items that need no byte of their own.
const EMPTY_ITEMS_MAX: u64 = 1_024;
