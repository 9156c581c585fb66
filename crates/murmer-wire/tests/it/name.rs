//! Names are checked wherever they come from.

use bytes::BytesMut;
use murmer_wire::{GroupName, GroupSet, Incarnation, Label, NodeId, NodeName, decode, encode};
use proptest::prelude::*;

#[test]
fn node_names_fit_where_host_names_do() {
    for good in ["a", "alpha", "10.0.0.1-7100", "A_b.c-9"] {
        assert!(NodeName::new(good).is_ok(), "{good}");
    }
    for bad in ["", "a b", "ä", "a/b", &"x".repeat(64)] {
        assert!(NodeName::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn labels_are_text_without_control_characters() {
    assert!(Label::new("room/général").is_ok());
    for bad in ["", "a\nb", "\u{7f}", &"x".repeat(256)] {
        assert!(Label::new(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn errors_say_what_is_wrong() {
    assert_eq!(NodeName::new("").unwrap_err().to_string(), "a node name must have 1 to 63 bytes, not 0");
    assert_eq!(
        NodeName::new("a b").unwrap_err().to_string(),
        "a node name must not contain ' ': letters, digits, '.', '_' and '-' are allowed"
    );
}

#[test]
fn a_bad_name_from_a_peer_does_not_decode() {
    let mut bytes = BytesMut::new();
    encode("a b", &mut bytes).unwrap();
    assert!(decode::<NodeName>(&bytes).is_err());
    assert_eq!(decode::<Label>(&bytes).unwrap().as_str(), "a b");
}

#[test]
fn a_later_boot_is_a_later_incarnation() {
    let first = Incarnation::mint(1_000, u64::MAX);
    assert!(first < Incarnation::mint(1_001, 0));
    assert!(first < first.above(0));
    let id = NodeId { name: NodeName::new("alpha").unwrap(), incarnation: first };
    assert_eq!(id.to_string(), "alpha#3e8fffff");
}

#[test]
fn no_peer_can_name_an_incarnation_beyond_the_last() {
    let read = |number: u64| {
        let mut bytes = BytesMut::new();
        encode(&number, &mut bytes).unwrap();
        decode::<Incarnation>(&bytes).ok()
    };
    let last = Incarnation::MAX.as_u64();
    assert_eq!(read(last), Some(Incarnation::MAX));
    assert_eq!([last + 1, u64::MAX - 1, u64::MAX].map(read), [None; 3]);
}

#[test]
fn an_incarnation_never_wraps() {
    for number in [u64::MAX, u64::MAX - 1, u64::MAX << 20] {
        assert_eq!(Incarnation::from(number).above(0), Incarnation::from(u64::MAX));
    }
    assert!(Incarnation::mint(u64::MAX, 0) > Incarnation::MAX);
    assert!(Incarnation::mint(1 << 44, 0) > Incarnation::MAX);
}

proptest! {
    #[test]
    fn what_is_above_an_incarnation_is_above_it(
        below in prop_oneof![0..=Incarnation::MAX.as_u64(), 0..1u64 << 21, Just(Incarnation::MAX.as_u64())],
        random in any::<u64>(),
    ) {
        let below = Incarnation::from(below);
        prop_assert!(below.above(random) > below);
    }
}

#[test]
fn a_set_of_groups_is_read_in_one_form_only_and_up_to_its_limit() {
    let read = |names: &[String]| {
        let mut bytes = BytesMut::new();
        encode(names, &mut bytes).unwrap();
        decode::<GroupSet>(&bytes).ok()
    };
    let many: Vec<_> = (100..100 + GroupSet::LEN_MAX + 1).map(|n| n.to_string()).collect();
    let whole = read(&many[1..]).unwrap();
    assert_eq!(whole, GroupSet::new(many[1..].iter().rev().map(|name| GroupName::new(name).unwrap())));
    assert_eq!(read(&many), None, "one too many");
    assert_eq!(read(&[many[1].clone(), many[0].clone()]), None, "not in order");
    assert_eq!(read(&[many[0].clone(), many[0].clone()]), None, "one twice");
    assert_eq!(read(&[String::new()]), None, "no name");
    assert_eq!(read(&[]), Some(GroupSet::default()));
    assert_eq!(size_of::<GroupSet>(), size_of::<usize>());
}
