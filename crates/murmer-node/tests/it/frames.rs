//! The bytes of actor frames: pinned, and read back as what was written.

use bytes::{Bytes, BytesMut};
use murmer_node::{ActorFrame, FrameKindError, ItemsEnd, RefuseReason, Sent, StreamEnd};
use murmer_wire::{ActorNumber, MessageKey};
use proptest::prelude::*;

fn check(frame: ActorFrame, golden: &[u8]) {
    let mut body = BytesMut::new();
    frame.write(&mut body);
    assert_eq!(body, golden, "{frame:?}");
    assert_eq!(ActorFrame::read(body.freeze()), Ok(frame));
}

fn sent() -> Sent {
    Sent {
        id: 1,
        actor: ActorNumber(300),
        key: MessageKey(0x0807_0605_0403_0201),
        remaining_ms: 30_000,
        payload: Bytes::from_static(b"hi"),
    }
}

#[test]
fn every_frame_keeps_its_bytes_from_release_to_release() {
    check(ActorFrame::Open { actor: ActorNumber(300), generation: 2 }, &[0, 0xac, 0x02, 2]);
    let message = [1, 0xac, 0x02, 0xb0, 0xea, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, b'h', b'i'];
    check(ActorFrame::Ask(sent()), &[&[1], &message[..]].concat());
    check(ActorFrame::Tell(sent()), &[&[2], &message[..]].concat());
    check(ActorFrame::Cancel { id: 128 }, &[3, 0x80, 0x01]);
    check(ActorFrame::Reply { id: 5, payload: Bytes::from_static(b"ok") }, &[4, 5, b'o', b'k']);
    check(ActorFrame::Reply { id: 5, payload: Bytes::new() }, &[4, 5]);
    check(ActorFrame::Fail { id: 7, panicked: true }, &[6, 7, 1]);
    check(ActorFrame::Fail { id: 7, panicked: false }, &[6, 7, 0]);
    check(ActorFrame::Accepted { upto: 64 }, &[7, 64]);
    check(ActorFrame::Item { id: 5, payload: Bytes::from_static(b"one") }, &[9, 5, b'o', b'n', b'e']);
    check(ActorFrame::Credit { id: 128, n: 16 }, &[11, 0x80, 0x01, 16]);
}

#[test]
fn every_reason_keeps_its_code() {
    let refusals = [
        RefuseReason::NoActor,
        RefuseReason::WrongActor,
        RefuseReason::UnknownMessage,
        RefuseReason::Malformed,
        RefuseReason::Expired,
        RefuseReason::Overloaded,
    ];
    for (code, reason) in (0..).zip(refusals) {
        check(ActorFrame::Refuse { id: 6, reason }, &[5, 6, code]);
    }
    let ends = [
        StreamEnd::Stopped,
        StreamEnd::Idle,
        StreamEnd::Moved,
        StreamEnd::WrongActor,
        StreamEnd::Protocol,
        StreamEnd::ShuttingDown,
        StreamEnd::Shed,
    ];
    for (code, reason) in (0..).zip(ends) {
        check(ActorFrame::Close { reason, last_accepted: 9 }, &[8, code, 9]);
    }
    let items_ends = [ItemsEnd::Complete, ItemsEnd::Panicked, ItemsEnd::Interrupted, ItemsEnd::Unwritable];
    for (code, how) in (0..).zip(items_ends) {
        check(ActorFrame::End { id: 6, how }, &[10, 6, code]);
    }
    let how = ItemsEnd::TooLarge { bytes: 300, max: 128 };
    check(ActorFrame::End { id: 6, how }, &[10, 6, 4, 0xac, 0x02, 0x80, 0x01]);
}

#[test]
fn a_frame_that_is_cut_short_too_long_or_unknown_is_an_error() {
    let read = |bytes: &'static [u8]| ActorFrame::read(Bytes::from_static(bytes));
    assert_eq!(read(&[]), Err(FrameKindError::Short));
    assert_eq!(read(&[12]), Err(FrameKindError::Unknown(12)));
    assert_eq!(read(&[10, 1, 5]), Err(FrameKindError::Unknown(5)));
    assert!(matches!(read(&[10, 1, 4, 9]), Err(FrameKindError::Number(_))));
    assert_eq!(read(&[5, 1, 6]), Err(FrameKindError::Unknown(6)));
    assert_eq!(read(&[8, 7, 0]), Err(FrameKindError::Unknown(7)));
    assert!(matches!(read(&[6, 1, 2]), Err(FrameKindError::Unknown(_))));
    assert!(matches!(read(&[0, 1]), Err(FrameKindError::Number(_))));
    assert_eq!(read(&[1, 1, 1, 0, 1, 2, 3]), Err(FrameKindError::Short));
    assert_eq!(read(&[7, 1, 0]), Err(FrameKindError::Trailing));
}

fn any_sent() -> impl Strategy<Value = Sent> {
    (any::<[u64; 4]>(), any::<Vec<u8>>()).prop_map(|([id, actor, key, remaining_ms], payload)| Sent {
        id,
        actor: ActorNumber(actor),
        key: MessageKey(key),
        remaining_ms,
        payload: payload.into(),
    })
}

fn any_frame() -> impl Strategy<Value = ActorFrame> {
    let number = any::<u64>;
    prop_oneof![
        (number(), number())
            .prop_map(|(actor, generation)| ActorFrame::Open { actor: ActorNumber(actor), generation }),
        any_sent().prop_map(ActorFrame::Ask),
        any_sent().prop_map(ActorFrame::Tell),
        number().prop_map(|id| ActorFrame::Cancel { id }),
        (number(), any::<Vec<u8>>())
            .prop_map(|(id, payload)| ActorFrame::Reply { id, payload: payload.into() }),
        number().prop_map(|id| ActorFrame::Refuse { id, reason: RefuseReason::Overloaded }),
        (number(), any::<bool>()).prop_map(|(id, panicked)| ActorFrame::Fail { id, panicked }),
        number().prop_map(|upto| ActorFrame::Accepted { upto }),
        number().prop_map(|last_accepted| ActorFrame::Close { reason: StreamEnd::Moved, last_accepted }),
        (number(), any::<Vec<u8>>())
            .prop_map(|(id, payload)| ActorFrame::Item { id, payload: payload.into() }),
        (number(), number(), number())
            .prop_map(|(id, bytes, max)| ActorFrame::End { id, how: ItemsEnd::TooLarge { bytes, max } }),
        (number(), number()).prop_map(|(id, n)| ActorFrame::Credit { id, n }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(frame in any_frame()) {
        let mut body = BytesMut::new();
        frame.write(&mut body);
        prop_assert_eq!(ActorFrame::read(body.freeze()), Ok(frame));
    }

    #[test]
    fn what_can_be_read_is_written_as_the_same_bytes(bytes in any::<Vec<u8>>(), kind in 0u8..13) {
        let body = Bytes::from([&[kind], &bytes[..]].concat());
        if let Ok(frame) = ActorFrame::read(body.clone()) {
            let mut again = BytesMut::new();
            frame.write(&mut again);
            prop_assert_eq!(again.freeze(), body);
        }
    }
}
