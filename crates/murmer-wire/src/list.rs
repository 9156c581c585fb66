//! Lists that are cut off while they are being decoded.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a list that fails at its first element beyond `MAX`: for `#[serde(deserialize_with = …)]`.
///
/// Without it, a frame of single-byte items could grow to many times its size in memory.
///
/// # Errors
///
/// When an element can't be read, or there are more than `MAX`.
///
/// # Examples
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Pair(#[serde(deserialize_with = "murmer_wire::at_most::<_, _, 2>")] Vec<u8>);
///
/// assert_eq!(murmer_wire::decode::<Pair>(&[2, 7, 8]).map(|pair| pair.0), Ok(vec![7, 8]));
/// assert!(murmer_wire::decode::<Pair>(&[3, 7, 8, 9]).is_err());
/// ```
pub fn at_most<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct List<T, const MAX: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for List<T, MAX> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX} elements")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::with_capacity(elements.size_hint().unwrap_or(0).min(MAX));
            while let Some(element) = elements.next_element()? {
                if list.len() == MAX {
                    return Err(A::Error::invalid_length(MAX + 1, &self));
                }
                list.push(element);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(List::<T, MAX>(PhantomData))
}
