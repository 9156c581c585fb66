//! What connections promise, and how they end.

use std::time::Duration;

use bytes::Bytes;
use murmer_transport::{
    Connection, ConnectionEnd, DatagramError, Limits, RecvHalf, SendHalf, StreamEnd, Transport,
};
use tokio::time::{Instant, timeout};

use crate::bed::{Bed, HELLO, friends, join, read_to_end, strangers, stream, waits};

contract! {
    datagrams_arrive_whole
    a_datagram_too_large_is_refused
    the_binding_is_shared_by_the_ends_of_one_connection
    closing_ends_everything_and_tells_the_peer
    what_arrived_before_the_close_can_still_be_read
    dropping_all_handles_closes
    a_silent_peer_is_noticed
    a_restarted_peer_is_noticed_at_once
}

async fn datagrams_arrive_whole<B: Bed>() {
    let pair = strangers(&B::new(Limits::default())).await;
    for (from, to) in [(&pair.dialed, &pair.accepted), (&pair.accepted, &pair.dialed)] {
        let max = from.datagram_bytes_max();
        assert!(max >= 1_150, "{max} bytes");
        for len in [0, 1, 1_150] {
            from.send_datagram(Bytes::from(vec![5; len])).unwrap();
            assert_eq!(to.recv_datagram().await.unwrap(), vec![5; len]);
        }
    }
    // However many are sent, sending never waits, and the latest is not the one that is dropped.
    for n in 0..2_000_u32 {
        pair.dialed.send_datagram(Bytes::from([&n.to_be_bytes()[..], &[0; 1_000]].concat())).unwrap();
    }
    while pair.accepted.recv_datagram().await.unwrap()[..4] != 1_999_u32.to_be_bytes() {}
}

async fn a_datagram_too_large_is_refused<B: Bed>() {
    let pair = strangers(&B::new(Limits::default())).await;
    let error = pair.dialed.send_datagram(Bytes::from(vec![0; 9_000])).unwrap_err();
    assert!(matches!(error, DatagramError::TooLarge { len: 9_000, max } if max < 9_000), "{error}");
}

async fn the_binding_is_shared_by_the_ends_of_one_connection<B: Bed>() {
    let pair = strangers(&B::new(Limits::default())).await;
    assert_eq!(pair.dialed.binding(), pair.accepted.binding());
    assert_eq!(pair.dialed.remote_addr(), pair.accepting.local_addr());
    assert_eq!(pair.accepted.remote_addr(), pair.dialing.local_addr());
    assert_eq!((pair.dialed.peer(), pair.accepted.peer()), (None, None));
    let (dialed, accepted) = join(&pair.dialing, &pair.accepting).await;
    assert_eq!(dialed.binding(), accepted.binding());
    assert_ne!(dialed.binding(), pair.dialed.binding());
}

async fn closing_ends_everything_and_tells_the_peer<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, mut receiver), (mut other_sender, mut other)) =
        stream(&pair.dialed, &pair.accepted).await;
    let waiting = async {
        let by_peer = ConnectionEnd::ClosedByPeer { code: 77, reason: Bytes::from_static(b"enough") };
        let lost = StreamEnd::Connection(by_peer.clone());
        assert_eq!(other.recv().await, Err(lost.clone()));
        assert_eq!(other_sender.stopped().await, lost);
        assert_eq!(other_sender.send_all(HELLO).await, Err(lost));
        assert_eq!(pair.accepted.closed().await, by_peer);
        assert_eq!(pair.accepted.accept_stream().await.map(drop), Err(by_peer.clone()));
        assert_eq!(pair.accepted.open_stream().await.map(drop), Err(by_peer.clone()));
        assert_eq!(pair.accepted.recv_datagram().await, Err(by_peer.clone()));
        assert_eq!(pair.accepted.send_datagram(HELLO), Err(DatagramError::Connection(by_peer)));
    };
    let close = async {
        pair.dialed.close(77, b"enough");
        pair.dialed.close(78, b"again");
        let lost = StreamEnd::Connection(ConnectionEnd::ClosedHere);
        assert_eq!(pair.dialed.closed().await, ConnectionEnd::ClosedHere);
        assert_eq!(receiver.recv().await, Err(lost.clone()));
        assert_eq!(sender.send_all(HELLO).await, Err(lost));
    };
    tokio::join!(waiting, close);
}

async fn what_arrived_before_the_close_can_still_be_read<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    sender.send_all(HELLO).await.unwrap();
    sender.finish();
    // The peer has all of it when the stream is over for the sender.
    assert_eq!(sender.stopped().await, StreamEnd::ClosedHere);
    pair.dialed.close(1, b"");
    pair.accepted.closed().await;
    assert_eq!(read_to_end(&mut receiver).await, (HELLO.to_vec(), Ok(())));
}

async fn dropping_all_handles_closes<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((sender, receiver), _accepted) = stream(&pair.dialed, &pair.accepted).await;
    drop(pair.dialed);
    drop(sender);
    assert!(waits(pair.accepted.closed()).await, "a half is still held");
    drop(receiver);
    let by_peer = ConnectionEnd::ClosedByPeer { code: 0, reason: Bytes::new() };
    assert_eq!(pair.accepted.closed().await, by_peer);
}

async fn a_silent_peer_is_noticed<B: Bed>() {
    let idle_timeout = Duration::from_millis(800);
    let bed = B::new(Limits { idle_timeout, ..Limits::default() });
    let (mortal, life) = bed.bind_mortal();
    let witness = bed.host();
    let (dialed, _held) = join(&witness, &mortal).await;
    assert!(timeout(2 * idle_timeout, dialed.closed()).await.is_err(), "a quiet peer is not a silent one");
    let since = Instant::now();
    bed.kill(mortal, life);
    assert_eq!(dialed.closed().await, ConnectionEnd::TimedOut);
    assert!(since.elapsed() < 3 * idle_timeout, "{:?}", since.elapsed());
}

async fn a_restarted_peer_is_noticed_at_once<B: Bed>() {
    let bed = B::new(Limits::default());
    let (mortal, life) = bed.bind_mortal();
    let addr = mortal.local_addr();
    let witness = bed.host();
    let (dialed, held) = join(&witness, &mortal).await;
    bed.kill(mortal, life);
    drop(held);
    let successor = loop {
        // The dead one's runtime lets go of the port in its own time.
        match bed.bind(addr) {
            Ok(successor) => break successor,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let since = Instant::now();
    assert_eq!(dialed.closed().await, ConnectionEnd::Reset);
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
    join(&witness, &successor).await;
}
