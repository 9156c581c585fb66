//! What `decode` accepts is what postcard accepts, minus what could hurt.

use bytes::BytesMut;
use murmer_wire::{
    DecodeError, MessageKey, crate_name_len, decode, encode, get_varint, join_name, put_varint,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Unit,
    Newtype(Option<u64>),
    Tuple(i32, String),
    Struct { list: Vec<u8>, map: BTreeMap<String, f64>, inner: Option<Box<Self>> },
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Unit),
        any::<Option<u64>>().prop_map(Shape::Newtype),
        any::<(i32, String)>().prop_map(|(n, s)| Shape::Tuple(n, s)),
    ];
    leaf.prop_recursive(6, 32, 4, |inner| {
        (any::<Vec<u8>>(), prop::collection::btree_map(".{0,8}", -1e9..1e9f64, 0..4), prop::option::of(inner))
            .prop_map(|(list, map, inner)| Shape::Struct { list, map, inner: inner.map(Box::new) })
    })
}

fn encoded<T: Serialize>(value: &T) -> BytesMut {
    let mut out = BytesMut::new();
    encode(value, &mut out).unwrap();
    out
}

proptest! {
    #[test]
    fn values_survive_the_round_trip(value in shape()) {
        prop_assert_eq!(decode::<Shape>(&encoded(&value)).unwrap(), value);
    }

    #[test]
    fn bytes_are_those_of_plain_postcard(value in shape()) {
        prop_assert_eq!(&encoded(&value)[..], &postcard::to_allocvec(&value).unwrap()[..]);
    }

    #[test]
    fn whatever_is_accepted_plain_postcard_reads_the_same(bytes in any::<Vec<u8>>()) {
        if let Ok(value) = decode::<Shape>(&bytes) {
            // Encoded rather than compared: a NaN is not equal to itself.
            let plain: Shape = postcard::from_bytes(&bytes).unwrap();
            prop_assert_eq!(encoded(&value), encoded(&plain));
        }
    }

    #[test]
    fn varints_survive_the_round_trip(value: u64, rest: Vec<u8>) {
        let mut out = BytesMut::new();
        put_varint(&mut out, value);
        out.extend_from_slice(&rest);
        let mut bytes = &out[..];
        prop_assert_eq!(get_varint(&mut bytes).unwrap(), value);
        prop_assert_eq!(bytes, &rest[..]);
    }

    #[test]
    fn varints_have_one_form(bytes in prop::collection::vec(any::<u8>(), 1..12)) {
        let mut rest = &bytes[..];
        if let Ok(value) = get_varint(&mut rest) {
            let mut out = BytesMut::new();
            put_varint(&mut out, value);
            prop_assert_eq!(&out[..], &bytes[..bytes.len() - rest.len()]);
        }
    }
}

#[test]
fn a_huge_list_of_nothing_is_refused() {
    let mut bytes = BytesMut::new();
    put_varint(&mut bytes, u64::MAX);
    assert_eq!(decode::<Vec<()>>(&bytes), Err(DecodeError::Limit));
}

#[test]
fn a_list_may_be_as_long_as_its_bytes_whatever_its_elements_are() {
    fn check<T: Clone + PartialEq + std::fmt::Debug + Serialize + serde::de::DeserializeOwned>(element: T) {
        let list = vec![element; 100_000];
        assert_eq!(decode::<Vec<T>>(&encoded(&list)).as_ref(), Ok(&list));
    }
    check((7u8, 7u8));
    check([7u8; 3]);
    check((7u8, ()));
    check(Vec::<()>::new());
    check(Some(((), 7u8)));
    check(BTreeMap::from([(7u8, 7u8)]));
    check(Shape::Unit);
}

#[test]
fn all_lists_of_nothing_in_a_value_count_together() {
    assert!(decode::<Vec<Vec<()>>>(&encoded(&vec![vec![(); 512]; 2])).is_ok());
    assert_eq!(decode::<Vec<Vec<()>>>(&encoded(&vec![vec![(); 513]; 2])), Err(DecodeError::Limit));
    assert_eq!(decode::<Vec<[(); 2]>>(&encoded(&vec![[(); 2]; 1_025])), Err(DecodeError::Limit));
}

#[test]
fn a_modest_list_of_nothing_is_read() {
    assert_eq!(decode::<Vec<()>>(&encoded(&vec![(); 500])).unwrap().len(), 500);
}

#[test]
fn bottomless_nesting_is_refused() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Nest(Option<Box<Self>>);
    assert_eq!(decode::<Nest>(&[1; 1 << 20]), Err(DecodeError::Limit));
}

#[test]
fn left_over_bytes_are_refused() {
    let mut bytes = encoded(&7u8);
    bytes.extend_from_slice(b"xy");
    assert_eq!(decode::<u8>(&bytes), Err(DecodeError::Trailing(2)));
}

#[test]
fn a_failed_encode_leaves_the_buffer_as_it_was() {
    struct Refuses;
    impl Serialize for Refuses {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let pair = serde::ser::SerializeTuple::serialize_element;
            let mut tuple = serializer.serialize_tuple(2)?;
            pair(&mut tuple, "written")?;
            Err(serde::ser::Error::custom("no"))
        }
    }
    let mut out = BytesMut::from(&b"before"[..]);
    assert!(encode(&Refuses, &mut out).is_err());
    assert_eq!(&out[..], b"before");
}

#[test]
fn a_key_depends_on_type_and_signature_apart() {
    assert_ne!(MessageKey::of("a", "bc"), MessageKey::of("ab", "c"));
    assert_ne!(MessageKey::of("chat::Room", "post(String)"), MessageKey::of("chat::Room", "post(u8)"));
}

#[test]
fn a_type_name_is_crate_and_type() {
    const PATH: &str = "chat::rooms::general";
    const NAME: [u8; crate_name_len(PATH) + 6] = join_name(PATH, "::Room");
    assert_eq!(&NAME, b"chat::Room");
}
