//! The bytes of words about watches: pinned, and read back as what was written.

use bytes::BytesMut;
use murmer_node::{Control, EndCause, EndReason, EndWrap, Notice, WatchEntry, WatchWord};
use murmer_wire::{ActorNumber, decode, encode};

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
