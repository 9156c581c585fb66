//! Names are checked wherever they come from.

use bytes::BytesMut;
use murmer_wire::{Incarnation, Label, NodeId, NodeName, decode, encode};

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
