//! Long byte strings from another node: parts of what arrived rather than copies of it.
//!
//! Between serde and a `Bytes` there is no way for one to hand over a part of another. So what is read lies beside,
//! for the thread that reads it.

use core::any::Any;
use core::cell::RefCell;
use core::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

thread_local! {
    /// What is being read, if it is long.
    static ARRIVED: RefCell<Bytes> = const { RefCell::new(Bytes::new()) };
}

/// Runs `read`, which reads `arrived`.
pub(crate) fn reading<T>(arrived: &Bytes, read: impl FnOnce() -> T) -> T {
    if arrived.len() < PART_BYTES_MIN {
        return read();
    }
    // Put back also if a value's own code panics.
    let _outer = Outer(ARRIVED.replace(arrived.clone()));
    read()
}

struct Outer(Bytes);

impl Drop for Outer {
    fn drop(&mut self) {
        ARRIVED.set(core::mem::take(&mut self.0));
    }
}

/// Reads a field that may be a `Bytes`; any other type as itself.
///
/// # Errors
///
/// The deserializer's.
pub fn field<'de, D: Deserializer<'de>, T: Deserialize<'de> + 'static>(from: D) -> Result<T, D::Error> {
    let mut bytes: Option<Bytes> = None;
    if !(&bytes as &dyn Any).is::<Option<T>>() {
        return T::deserialize(from);
    }
    bytes = Some(from.deserialize_byte_buf(Parts)?);
    let found = (&mut bytes as &mut dyn Any).downcast_mut::<Option<T>>().and_then(Option::take);
    found.ok_or_else(|| D::Error::custom("bytes are no bytes"))
}

/// An answer, which may be a `Bytes`.
pub(crate) struct Whole<T>(pub(crate) T);

impl<'de, T: Deserialize<'de> + 'static> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        field(from).map(Self)
    }
}

struct Parts;

/// All that a `Bytes` can be read from, also by other formats.
impl<'de> Visitor<'de> for Parts {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        if bytes.len() >= PART_BYTES_MIN
            && let Some(part) = ARRIVED.with_borrow(|arrived| part(arrived, bytes))
        {
            return Ok(part);
        }
        Ok(Bytes::copy_from_slice(bytes))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
        Ok(Bytes::copy_from_slice(text.as_bytes()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Bytes, A::Error> {
        let mut read = Vec::new();
        while let Some(byte) = bytes.next_element()? {
            read.push(byte);
        }
        Ok(read.into())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(bytes.into())
    }
}

/// That part of `whole`, if it is one, and so much of it that it doesn't keep a lot more in memory.
fn part(whole: &Bytes, bytes: &[u8]) -> Option<Bytes> {
    let (outer, inner) = (whole.as_ptr_range(), bytes.as_ptr_range());
    let is_within = outer.start <= inner.start && inner.end <= outer.end;
    let is_most = bytes.len() >= whole.len() / 2;
    (is_within && is_most).then(|| whole.slice_ref(bytes))
}

/// Below, a copy costs less than keeping what arrived.
const PART_BYTES_MIN: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Page {
        number: u64,
        #[serde(deserialize_with = "field")]
        text: Bytes,
        #[serde(deserialize_with = "field")]
        author: String,
    }

    fn read(bytes: usize) -> (Bytes, Page) {
        let page = Page { number: 7, text: Bytes::from(vec![7; bytes]), author: "nobody".into() };
        let mut out = BytesMut::new();
        murmer_wire::encode(&page, &mut out).unwrap();
        let arrived = out.freeze();
        let page: Page = reading(&arrived, || murmer_wire::decode(&arrived)).unwrap();
        assert_eq!((page.number, page.text.len(), &*page.author), (7, bytes, "nobody"));
        assert!(page.text.iter().all(|byte| *byte == 7));
        (arrived, page)
    }

    #[test]
    fn long_bytes_are_a_part_of_what_arrived_and_short_ones_keep_nothing_else() {
        for (bytes, is_part) in [(0, false), (100, false), (PART_BYTES_MIN, true), (1 << 20, true)] {
            let (arrived, page) = read(bytes);
            let is_within = arrived.as_ptr_range().contains(&page.text.as_ptr());
            assert_eq!(is_within, is_part, "{bytes}");
        }
    }

    #[test]
    fn an_answer_of_bytes_is_a_part_of_what_arrived_too() {
        let mut out = BytesMut::new();
        murmer_wire::encode(&Bytes::from(vec![7; 1 << 20]), &mut out).unwrap();
        let arrived = out.freeze();
        let Whole(bytes) = reading(&arrived, || murmer_wire::decode::<Whole<Bytes>>(&arrived)).unwrap();
        assert!(arrived.as_ptr_range().contains(&bytes.as_ptr()) && bytes.len() == 1 << 20);
    }

    #[test]
    fn what_was_read_before_is_no_part_of_what_is_read_now() {
        let (_arrived, page) = read(1 << 20);
        let mut out = BytesMut::new();
        murmer_wire::encode(&page, &mut out).unwrap();
        let other: Page = murmer_wire::decode(&out).unwrap();
        assert!(!out.as_ptr_range().contains(&other.text.as_ptr()), "nobody said that this arrived");
    }
}
