//! The bounded decoder reads what plain postcard reads, refuses what plain postcard refuses, and beyond
//! that refuses only what is deep or empty beyond all use.

mod family;

use std::fmt::Debug;

use allocation_counter::measure;
use bytes::BytesMut;
use murmer_wire::{DecodeError, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::family::{Chain, Counted, Map, Mixed, Pairs, Shape, Tree, Unit, counting};

/// The first byte says what the rest is to be.
pub(crate) fn body(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    match which % 12 {
        0 => check::<Vec<Unit>>(bytes),
        1 => check::<Vec<Counted<Vec<Unit>>>>(bytes),
        2 => check::<Chain>(bytes),
        3 => check::<Tree>(bytes),
        4 => check::<Map>(bytes),
        5 => check::<Shape>(bytes),
        6 => check::<Mixed>(bytes),
        7 => check::<Pairs>(bytes),
        8 => check::<Vec<Counted<Option<String>>>>(bytes),
        9 => check::<(char, i128, u128, f64, bool, i8)>(bytes),
        10 => check::<Vec<Counted<Result<Unit, Shape>>>>(bytes),
        _ => check::<Option<Counted<Option<Counted<()>>>>>(bytes),
    }
}

fn check<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    let mut ours = Err(DecodeError::Limit);
    let mut used = allocation_counter::AllocationInfo::default();
    let (_, of_ours) = counting(|| used = measure(|| ours = decode::<T>(bytes)));
    // Each byte may be a tag with an empty value behind it.
    let elements_max = 2 * bytes.len() + ELEMENTS_EMPTY_MAX;
    assert!(of_ours.elements <= elements_max, "{} elements in {} bytes", of_ours.elements, bytes.len());
    assert!(of_ours.depth <= DEPTH_MAX, "{} levels", of_ours.depth);
    let bytes_max = ELEMENT_BYTES_MAX * (elements_max * (1 + of_ours.depth)) as u64;
    assert!(used.bytes_max <= bytes_max, "{used:?} for {} bytes", bytes.len());
    let (plain, of_plain) = counting(|| postcard::take_from_bytes::<T>(bytes));
    match (ours, plain) {
        (Ok(ours), Ok((plain, rest))) => {
            assert!(rest.is_empty(), "{} bytes were passed over", rest.len());
            // Written rather than compared: a NaN is not equal to itself.
            assert_eq!(written(&ours), written(&plain));
        }
        (Err(DecodeError::Trailing(left)), Ok((_, rest))) => assert_eq!(left, rest.len()),
        (Err(DecodeError::Malformed(ours)), Err(plain)) => assert_eq!(ours, plain),
        (Err(DecodeError::Limit), _) => {
            let is_beyond = of_plain.elements > ELEMENTS_ALWAYS || of_plain.depth > DEPTH_ALWAYS;
            assert!(is_beyond, "refused although small: {of_plain:?}");
        }
        (ours, plain) => panic!("plain postcard: {plain:?}; ours: {ours:?}"),
    }
}

fn written<T: Serialize>(value: &T) -> BytesMut {
    let mut out = BytesMut::new();
    encode(value, &mut out).expect("what was read can be written");
    out
}

/// Levels that may be entered at all; each type of ours takes one of its own and more around it.
const DEPTH_MAX: usize = 128;
/// Levels of our types that must never be refused: each takes four of the decoder's at the most.
const DEPTH_ALWAYS: usize = 30;
/// Elements that may have no byte of their own, and the one at which the decoder stops.
const ELEMENTS_EMPTY_MAX: usize = ELEMENTS_ALWAYS + 1;
/// So many elements must never be refused, whatever they are.
const ELEMENTS_ALWAYS: usize = 1_024;
/// What an element takes in memory at the most, twice: a growing list is copied.
const ELEMENT_BYTES_MAX: u64 = 512;
