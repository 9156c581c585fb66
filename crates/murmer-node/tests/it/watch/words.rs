//! The bytes of words about watches: pinned, and read back as what was written.

use bytes::BytesMut;
use murmer_node::{
    Control, EndCause, EndReason, EndWrap, LinkId, Notice, WatchEntry, WatchWord, Watching, WatchingInput,
    WatchingOutput,
};
use murmer_wire::{ActorNumber, decode, encode};

use crate::world::{ms, who};

fn check(word: WatchWord, golden: &[u8]) {
    let mut bytes = BytesMut::new();
    let word = Control::Watching(word);
    encode(&word, &mut bytes).unwrap();
    assert_eq!(bytes, golden, "{word:?}");
    assert_eq!(decode(&bytes), Ok(word));
}

#[test]
fn every_word_keeps_its_bytes_from_release_to_release() {
    check(WatchWord::Begin { session: 300, version: None }, &[5, 0, 0xac, 0x02, 0]);
    check(WatchWord::Begin { session: 1, version: Some(9) }, &[5, 0, 1, 1, 9]);
    let added = vec![
        WatchEntry { watch: 4, target: ActorNumber(7), watcher: Some(ActorNumber(3)) },
        WatchEntry { watch: 5, target: ActorNumber(7), watcher: None },
    ];
    let word = WatchWord::Set { session: 1, is_afresh: true, added, dropped: vec![2], version: Some(9) };
    check(word, &[5, 1, 1, 1, 2, 4, 7, 1, 3, 5, 7, 0, 1, 2, 1, 9]);
    check(WatchWord::SetHeard { session: 1 }, &[5, 2, 1]);
    let reason = |wraps: &[EndWrap], cause| EndReason { wraps: wraps.to_vec(), cause };
    let reasons = [
        reason(&[], EndCause::Stopped),
        reason(&[EndWrap::ChildFailed, EndWrap::RestartLimit], EndCause::Panicked("hi".into())),
        reason(&[], EndCause::Killed),
        reason(&[], EndCause::StartFailed(String::new())),
        reason(&[], EndCause::NeverExisted),
    ];
    let notices = (4..).zip(reasons).map(|(watch, reason)| Notice { watch, reason }).collect();
    let golden =
        [&[5, 3, 1, 5, 4, 0, 0][..], &[5, 2, 1, 0, 2, 2, b'h', b'i'], &[6, 0, 1, 7, 0, 3, 0, 8, 0, 4]];
    check(WatchWord::Notices { session: 1, notices }, &golden.concat());
    check(WatchWord::NoticesHeard { session: 1 }, &[5, 4, 1]);
}

fn is_read(word: WatchWord) -> bool {
    let mut bytes = BytesMut::new();
    encode(&Control::Watching(word), &mut bytes).unwrap();
    decode::<Control>(&bytes).is_ok()
}

#[test]
fn a_word_about_more_watches_than_any_carries_is_not_read() {
    let entry = |watch| WatchEntry { watch, target: ActorNumber(7), watcher: None };
    let notice = |watch| Notice { watch, reason: EndCause::Stopped.into() };
    for (count, expected) in [(256, true), (257, false)] {
        let added: Vec<_> = (0..count).map(entry).collect();
        let set =
            |added, dropped| WatchWord::Set { session: 1, is_afresh: false, added, dropped, version: None };
        assert_eq!(is_read(set(added, Vec::new())), expected);
        assert_eq!(is_read(set(Vec::new(), (0..count).collect())), expected);
        assert_eq!(
            is_read(WatchWord::Notices { session: 1, notices: (0..count).map(notice).collect() }),
            expected
        );
    }
    for (count, expected) in [(16, true), (17, false)] {
        let reason = EndReason { wraps: vec![EndWrap::ChildFailed; count], cause: EndCause::Stopped };
        let notices = vec![Notice { watch: 1, reason }];
        assert_eq!(is_read(WatchWord::Notices { session: 1, notices }), expected);
    }
}

#[test]
fn a_peer_is_blamed_once_for_a_word_however_much_is_wrong_with_it() {
    let (mut watching, peer, link) = (Watching::new(), who("beta", 1, 1).id, LinkId(1));
    watching.handle(ms(0), WatchingInput::Current { peer: peer.clone(), link: Some(link) });
    while watching.poll().is_some() {}
    let mut blamed = Vec::new();
    for target in [7, 8] {
        let entry = |watch| WatchEntry { watch, target: ActorNumber(target), watcher: None };
        let added = (0..256).map(entry).collect();
        let word =
            WatchWord::Set { session: 1, is_afresh: false, added, dropped: Vec::new(), version: Some(1) };
        watching.handle(ms(0), WatchingInput::Word { peer: peer.clone(), link, word });
        let said = std::iter::from_fn(|| watching.poll());
        blamed.push(said.filter(|output| matches!(output, WatchingOutput::Misbehaved { .. })).count());
    }
    assert_eq!(blamed, [0, 1]);
}
