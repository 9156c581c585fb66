//! Somebody who knows frames, but not the cookie; or knows no manners at all.

use bytes::{Bytes, BytesMut};
use murmer_node::{HELLO_BYTES_MAX, HandshakeError, HandshakeInput, HandshakeOutput, Role, Verdict};
use murmer_wire::put_varint;
use proptest::prelude::*;

use super::{BINDING, End, NOW, converse, welcome};

/// A hello as its bytes: kind, lowest and highest minor version, features, dial number.
fn hello(lowest: u64, highest: u64, features: u64) -> Bytes {
    let mut body = BytesMut::new();
    [0, lowest, highest, features, 7].into_iter().for_each(|number| put_varint(&mut body, number));
    body.freeze()
}

/// All that was said in a handshake that went well: by the dialer, and by the acceptor.
fn recorded() -> (Vec<Bytes>, Vec<Bytes>) {
    let (mut dialer, mut acceptor) = (End::dialer(), End::acceptor());
    converse(&mut dialer, &mut acceptor);
    acceptor.tell(HandshakeInput::Verdict(Verdict::Welcome(welcome())));
    converse(&mut dialer, &mut acceptor);
    assert!(dialer.done.is_some());
    (dialer.said, acceptor.said)
}

#[test]
fn a_recorded_dialer_is_refused_on_another_connection() {
    let (said, _) = recorded();
    let mut acceptor = End::new(Role::Acceptor, &[1], [8; 32]);
    said.iter().for_each(|frame| acceptor.hear(frame));
    assert_eq!(acceptor.failed, Some(HandshakeError::WrongProof));
    assert!(acceptor.introduced.is_none() && !acceptor.is_proven);
}

#[test]
fn a_recorded_acceptor_is_not_believed_on_another_connection() {
    let (_, said) = recorded();
    let mut dialer = End::new(Role::Dialer, &[1], [8; 32]);
    said.iter().for_each(|frame| dialer.hear(frame));
    assert_eq!(dialer.failed, Some(HandshakeError::WrongProof));
    assert!(dialer.kept_quiet_about("dialer") && dialer.done.is_none());
}

#[test]
fn a_mirror_is_not_believed() {
    let mut dialer = End::dialer();
    for _ in 0..4 {
        while let Some(frame) = dialer.unsent.pop_front() {
            dialer.hear(&frame);
        }
    }
    assert_eq!(dialer.failed, Some(HandshakeError::WrongProof));
    assert!(dialer.kept_quiet_about("dialer"));

    let mut acceptor = End::acceptor();
    acceptor.hear(&hello(0, 0, 0));
    while let Some(frame) = acceptor.unsent.pop_front() {
        acceptor.hear(&frame);
    }
    assert_eq!(acceptor.failed, Some(HandshakeError::Protocol));
    assert!(acceptor.introduced.is_none());
}

#[test]
fn a_frame_changed_on_the_way_is_noticed_by_the_proof() {
    let (mut dialer, mut acceptor) = (End::dialer(), End::acceptor());
    dialer.unsent.clear();
    // The same hello but for a feature bit.
    acceptor.hear(&hello(0, 0, 1));
    converse(&mut dialer, &mut acceptor);
    assert_eq!(acceptor.failed, Some(HandshakeError::WrongProof));
    assert_eq!(dialer.failed, Some(HandshakeError::Refused));
}

#[test]
fn versions_that_do_not_meet_end_the_handshake_on_both_ends() {
    for theirs in [(1, 9), (5, 0)] {
        let expected = HandshakeError::Version { ours: (0, 0), theirs };
        let frame = hello(theirs.0.into(), theirs.1.into(), 0);
        let mut acceptor = End::acceptor();
        acceptor.hear(&frame);
        assert_eq!(acceptor.failed, Some(expected));
        assert_eq!(acceptor.said.len(), 1, "the dialer is told what is spoken here");
        let mut dialer = End::dialer();
        dialer.hear(&frame);
        assert_eq!(dialer.failed, Some(expected));
        assert_eq!(dialer.said.len(), 1, "no proof for somebody who won't understand it");
    }
}

#[test]
fn a_newer_peer_that_still_speaks_our_version_is_understood() {
    let mut dialer = End::dialer();
    dialer.hear(&hello(0, 9, u64::MAX));
    assert_eq!(dialer.failed, None);
    assert_eq!(dialer.said.len(), 2);
}

#[test]
fn frames_out_of_turn_end_the_handshake() {
    let (by_dialer, by_acceptor) = recorded();
    let [hello, proof, node] = by_dialer.try_into().unwrap();
    let [their_hello, their_proof, welcome] = by_acceptor.try_into().unwrap();
    let acceptors: [&[&Bytes]; 6] =
        [&[&proof], &[&node], &[&hello, &hello], &[&hello, &node], &[&hello, &welcome], &[&welcome]];
    for frames in acceptors {
        let mut acceptor = End::acceptor();
        frames.iter().for_each(|frame| acceptor.hear(frame));
        assert_eq!(acceptor.failed, Some(HandshakeError::Protocol));
        assert!(acceptor.introduced.is_none() && acceptor.done.is_none());
    }
    let dialers: [&[&Bytes]; 5] = [
        &[&their_proof],
        &[&welcome],
        &[&their_hello, &their_hello],
        &[&their_hello, &welcome],
        &[&their_hello, &node],
    ];
    for frames in dialers {
        let mut dialer = End::dialer();
        frames.iter().for_each(|frame| dialer.hear(frame));
        assert_eq!(dialer.failed, Some(HandshakeError::Protocol));
        assert!(dialer.done.is_none() && dialer.kept_quiet_about("dialer"));
    }
}

#[test]
fn a_dialer_that_cannot_wait_for_the_verdict_is_out() {
    let (mut dialer, mut acceptor) = (End::dialer(), End::acceptor());
    converse(&mut dialer, &mut acceptor);
    acceptor.hear(&Bytes::from_static(&[2]));
    assert_eq!(acceptor.failed, Some(HandshakeError::Protocol));
    acceptor.tell(HandshakeInput::Verdict(Verdict::Welcome(welcome())));
    assert_eq!(acceptor.done, None);
}

#[test]
fn a_large_frame_before_the_proof_is_not_even_read() {
    for mut end in [End::dialer(), End::acceptor()] {
        end.hear(&Bytes::from(vec![1; HELLO_BYTES_MAX + 1]));
        assert_eq!(end.failed, Some(HandshakeError::Protocol));
    }
}

#[test]
fn a_stranger_without_a_proof_is_refused() {
    let mut acceptor = End::acceptor();
    acceptor.hear(&hello(0, 0, 0));
    acceptor.hear(&Bytes::from_static(&[1, 0]));
    assert_eq!(acceptor.failed, Some(HandshakeError::WrongProof));
}

proptest! {
    #[test]
    fn garbage_gets_nobody_in(
        frames in proptest::collection::vec((0u8..9, any::<Vec<u8>>()), 0..8),
        follows in 0usize..4,
        dials in any::<bool>(),
    ) {
        // After some true frames, since garbage alone doesn't get far.
        let (by_dialer, by_acceptor) = recorded();
        let role = if dials { Role::Acceptor } else { Role::Dialer };
        let mut end = End::new(role, &[1], if follows > 1 { [8; 32] } else { BINDING });
        let true_frames = if dials { by_dialer } else { by_acceptor };
        true_frames.iter().take(follows).for_each(|frame| end.hear(frame));
        for (kind, rest) in frames {
            end.hear(&Bytes::from([&[kind], &rest[..]].concat()));
        }
        prop_assert!(!end.is_proven && end.introduced.is_none() && end.done.is_none());
        end.machine.handle(NOW * 2, HandshakeInput::Timeout);
        let last = end.machine.poll();
        prop_assert!(end.failed.is_some() || matches!(last, Some(HandshakeOutput::Failed(_))));
    }
}
