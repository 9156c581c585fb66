//! What connections promise while they last.

use bytes::Bytes;

use super::Bed;
use super::pair::{datagram, friends, join, read, strangers, stream, waits};
use crate::{Connection, DatagramError, Limits, SendHalf, Transport};

pub(super) async fn datagrams_arrive_whole<B: Bed>() {
    let pair = strangers(&B::new(Limits::default())).await;
    for (from, to) in [(&pair.dialed, &pair.accepted), (&pair.accepted, &pair.dialed)] {
        assert!(waits(to.recv_datagram()).await);
        let max = from.datagram_bytes_max();
        assert!(max >= 1_150, "{max} bytes");
        for len in [0, 1, 1_150, max] {
            let sent = Bytes::from(vec![5; len]);
            // A copy of the one before may be still to come, where there are copies.
            while datagram::<B, _>(from, to, sent.clone()).await != sent {}
        }
    }
    // However many are sent, sending never waits, and the latest is not the one that is dropped.
    let numbered = |n: u32| Bytes::from([&n.to_be_bytes()[..], &[0; 1_000]].concat());
    for n in 0..1_999_u32 {
        pair.dialed.send_datagram(numbered(n)).unwrap();
    }
    while !datagram::<B, _>(&pair.dialed, &pair.accepted, numbered(1_999))
        .await
        .starts_with(&1_999_u32.to_be_bytes())
    {}
}

pub(super) async fn a_datagram_too_large_is_refused<B: Bed>() {
    let pair = strangers(&B::new(Limits::default())).await;
    let error = pair.dialed.send_datagram(Bytes::from(vec![0; 9_000])).unwrap_err();
    assert!(matches!(error, DatagramError::TooLarge { len: 9_000, max } if max < 9_000), "{error}");
    assert!(waits(pair.accepted.recv_datagram()).await);
}

pub(super) async fn the_binding_is_shared_by_the_ends_of_one_connection<B: Bed>() {
    let pair = strangers(&B::new(Limits::default())).await;
    assert_eq!(pair.dialed.binding(), pair.accepted.binding());
    assert_eq!(pair.dialed.remote_addr(), pair.accepting.local_addr());
    assert_eq!(pair.accepted.remote_addr(), pair.dialing.local_addr());
    assert_eq!((pair.dialed.peer(), pair.accepted.peer()), (None, None));
    let (dialed, accepted) = join(&pair.dialing, &pair.accepting).await;
    assert_eq!(dialed.binding(), accepted.binding());
    assert_ne!(dialed.binding(), pair.dialed.binding());
    let limits = Limits { streams: 7, ..Limits::default() };
    assert_eq!(*strangers(&B::new(limits.clone())).await.dialed.limits(), limits);
}

pub(super) async fn figures_grow_with_what_is_carried<B: Bed>() {
    const BYTES: usize = 100_000;
    let pair = friends(&B::new(Limits::default())).await;
    assert_eq!(pair.dialed.stats().streams_open, 0);
    let ((mut sender, receiver), (answers, mut asks)) = stream(&pair.dialed, &pair.accepted).await;
    let send = sender.send_all(Bytes::from(vec![0; BYTES]));
    let (sent, received) = tokio::join!(send, read(&mut asks, BYTES));
    sent.unwrap();
    datagram::<B, _>(&pair.dialed, &pair.accepted, Bytes::from_static(b"news")).await;
    assert_eq!(received.len(), BYTES);
    let (from, to) = (pair.dialed.stats(), pair.accepted.stats());
    assert!(from.bytes_sent >= BYTES as u64 && to.bytes_received >= BYTES as u64, "{from:?} {to:?}");
    assert!(from.packets_sent > 1 && to.packets_received > 1, "{from:?} {to:?}");
    assert!(from.datagrams_sent >= 1 && to.datagrams_received >= 1, "{from:?} {to:?}");
    assert!(from.packets_lost <= from.packets_sent, "{from:?}");
    assert_eq!((from.streams_open, to.streams_open), (1, 1));
    drop((sender, answers));
    assert_eq!((pair.dialed.stats().streams_open, pair.accepted.stats().streams_open), (1, 1));
    drop((receiver, asks));
    assert_eq!((pair.dialed.stats().streams_open, pair.accepted.stats().streams_open), (0, 0));
}
