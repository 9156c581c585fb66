//! How connections end.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::Bed;
use super::pair::{HELLO, assert_closed, friends, join, read_to_end, stream, waits};
use crate::{Connection, ConnectionEnd, DatagramError, Limits, RecvHalf, SendHalf, StreamEnd, Transport};

pub(super) async fn closing_ends_everything_and_tells_the_peer<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, mut receiver), (mut other_sender, mut other)) =
        stream(&pair.dialed, &pair.accepted).await;
    let waiting = async {
        let by_peer = pair.accepted.closed().await;
        assert_closed::<B>(&by_peer, 77, b"enough");
        let lost = StreamEnd::Connection(by_peer.clone());
        assert_eq!(other.recv().await, Err(lost.clone()));
        assert_eq!(other_sender.stopped().await, lost);
        assert_eq!(other_sender.send_all(HELLO).await, Err(lost));
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

pub(super) async fn the_end_is_the_same_whenever_asked<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let clone = pair.dialed.clone();
    assert!(waits(pair.dialed.closed()).await);
    let waiting = async { (pair.dialed.closed().await, clone.closed().await) };
    let close = async { clone.close(5, b"") };
    assert_eq!(tokio::join!(waiting, close).0, (ConnectionEnd::ClosedHere, ConnectionEnd::ClosedHere));
    let end = pair.accepted.closed().await;
    pair.accepted.close(6, b"too late");
    assert_eq!(pair.accepted.closed().await, end);
    assert_eq!(pair.accepted.clone().closed().await, end);
}

pub(super) async fn what_arrived_before_the_close_can_still_be_read<B: Bed>() {
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

pub(super) async fn streams_and_datagrams_that_arrived_before_the_close_can_still_be_taken<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let (mut sender, _receiver) = pair.dialed.open_stream().await.unwrap();
    sender.send_all(HELLO).await.unwrap();
    pair.dialed.send_datagram(HELLO).unwrap();
    // They are given the time to arrive.
    assert!(waits(pair.accepted.closed()).await);
    pair.dialed.close(1, b"");
    let end = pair.accepted.closed().await;
    let (_sender, mut receiver) = pair.accepted.accept_stream().await.unwrap();
    assert_eq!(read_to_end(&mut receiver).await, (HELLO.to_vec(), Err(StreamEnd::Connection(end.clone()))));
    assert_eq!(pair.accepted.accept_stream().await.map(drop), Err(end.clone()));
    let mut datagrams = 0;
    while let Ok(datagram) = pair.accepted.recv_datagram().await {
        assert_eq!(datagram, HELLO);
        datagrams += 1;
    }
    assert!(datagrams == 1 || B::IS_LOSSY, "{datagrams}");
}

pub(super) async fn dropping_all_handles_closes<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((sender, receiver), _accepted) = stream(&pair.dialed, &pair.accepted).await;
    drop(pair.dialed);
    drop(sender);
    assert!(waits(pair.accepted.closed()).await, "a half is still held");
    drop(receiver);
    assert_closed::<B>(&pair.accepted.closed().await, 0, b"");
}

pub(super) async fn a_silent_peer_is_noticed<B: Bed>() {
    let idle_timeout = Duration::from_millis(800);
    let bed = B::new(Limits { idle_timeout, ..Limits::default() });
    let (mortal, life) = bed.bind_mortal();
    let witness = bed.host();
    let (dialed, _held) = join(&witness, &mortal).await;
    assert!(timeout(2 * idle_timeout, dialed.closed()).await.is_err(), "a quiet peer is not a silent one");
    let since = Instant::now();
    bed.silence(mortal, life);
    assert_eq!(dialed.closed().await, ConnectionEnd::TimedOut);
    assert!(since.elapsed() < 3 * idle_timeout, "{:?}", since.elapsed());
}

pub(super) async fn a_restarted_peer_is_noticed_at_once<B: Bed>() {
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
