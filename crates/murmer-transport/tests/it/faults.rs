//! What the network in memory can do to its transports.

use std::time::Duration;

use bytes::Bytes;
use murmer_transport::{
    ConnectError, Connection, ConnectionEnd, Faults, Limits, MemNetwork, RecvHalf, SendHalf, StreamEnd,
    Transport,
};
use tokio::time::{Instant, timeout};

use murmer_transport::contract::Bed;

use crate::bed::{HELLO, LOOPBACK, MemBed, Pair, friends, join, stream, waits};

async fn bed() -> (MemNetwork, Pair<<MemBed as Bed>::Transport>) {
    let bed = MemBed::new(Limits::default());
    let pair = friends(&bed).await;
    (bed.0, pair)
}

#[tokio::test(start_paused = true)]
async fn a_partition_stalls_streams_and_healing_lets_them_go_on() {
    let (network, pair) = bed().await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    let (a, b) = (pair.dialing.local_addr(), pair.accepting.local_addr());
    network.partition(a, b);
    sender.send_all(HELLO).await.unwrap();
    assert!(timeout(Duration::from_secs(7), receiver.recv()).await.is_err());
    network.heal(b, a);
    assert_eq!(receiver.recv().await, Ok(Some(HELLO)));
    assert!(timeout(Duration::from_secs(60), pair.dialed.closed()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_lasts_ends_both_ends() {
    let (network, pair) = bed().await;
    let ((_sender, mut receiver), _accepted) = stream(&pair.dialed, &pair.accepted).await;
    let since = Instant::now();
    network.partition(pair.dialing.local_addr(), pair.accepting.local_addr());
    assert_eq!(pair.dialed.closed().await, ConnectionEnd::TimedOut);
    assert_eq!(pair.accepted.closed().await, ConnectionEnd::TimedOut);
    assert_eq!(since.elapsed().as_secs(), 8);
    assert_eq!(receiver.recv().await, Err(StreamEnd::Connection(ConnectionEnd::TimedOut)));
    let to = pair.accepting.local_addr();
    assert!(matches!(pair.dialing.connect(to).await, Err(ConnectError::TimedOut { .. })));
    network.heal_all();
    join(&pair.dialing, &pair.accepting).await;
}

#[tokio::test(start_paused = true)]
async fn one_way_partitions_let_the_other_way_pass() {
    let (network, pair) = bed().await;
    let ((mut sender, mut receiver), (mut back, mut forth)) = stream(&pair.dialed, &pair.accepted).await;
    network.partition_one_way(pair.dialing.local_addr(), pair.accepting.local_addr());
    back.send_all(HELLO).await.unwrap();
    sender.send_all(HELLO).await.unwrap();
    assert_eq!(receiver.recv().await, Ok(Some(HELLO)));
    assert!(waits(forth.recv()).await);
    let since = Instant::now();
    // The deaf end gives up first, and falls silent thereby.
    assert_eq!(pair.accepted.closed().await, ConnectionEnd::TimedOut);
    assert_eq!(since.elapsed().as_secs(), 7);
    assert_eq!(pair.dialed.closed().await, ConnectionEnd::TimedOut);
    assert_eq!(since.elapsed().as_secs(), 15);
}

#[tokio::test(start_paused = true)]
async fn a_close_that_is_lost_shows_after_healing() {
    let (network, pair) = bed().await;
    network.partition(pair.dialing.local_addr(), pair.accepting.local_addr());
    pair.dialed.close(5, b"unheard");
    assert!(waits(pair.accepted.closed()).await);
    network.heal_all();
    assert_eq!(pair.accepted.closed().await, ConnectionEnd::Reset);
}

#[tokio::test(start_paused = true)]
async fn a_crashed_transport_is_closed_to_its_own_handles() {
    let (network, pair) = bed().await;
    network.crash(pair.accepting.local_addr());
    assert!(pair.accepting.accept().await.is_none());
    assert_eq!(pair.accepted.closed().await, ConnectionEnd::ClosedHere);
    assert_eq!(pair.dialed.closed().await, ConnectionEnd::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn packets_take_their_delay() {
    let (network, pair) = bed().await;
    let delay = Duration::from_millis(40);
    network.set_faults(Faults { delay, ..Faults::default() });
    assert_eq!(pair.dialed.stats().rtt, 2 * delay);

    let since = Instant::now();
    let _stream = stream(&pair.dialed, &pair.accepted).await;
    assert_eq!(since.elapsed(), delay);
    pair.dialed.send_datagram(HELLO).unwrap();
    assert_eq!(pair.accepted.recv_datagram().await, Ok(HELLO));
    assert_eq!(since.elapsed(), 2 * delay);
    join(&pair.dialing, &pair.accepting).await;
    assert_eq!(since.elapsed(), 4 * delay);
    pair.dialed.close(1, b"");
    assert!(matches!(pair.accepted.closed().await, ConnectionEnd::ClosedByPeer { code: 1, .. }));
    assert_eq!(since.elapsed(), 5 * delay);
}

#[tokio::test(start_paused = true)]
async fn datagrams_are_lost_by_dice_that_the_seed_decides() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let network = MemNetwork::new(seed);
        network.set_faults(Faults { loss: 0.3, ..Faults::default() });
        let (a, b) = (network.bind(LOOPBACK).unwrap(), network.bind(LOOPBACK).unwrap());
        let (dialed, accepted) = join(&a, &b).await;
        let mut arrived = Vec::new();
        for n in 0..=255_u8 {
            dialed.send_datagram(Bytes::copy_from_slice(&[n])).unwrap();
            if let Ok(datagram) = timeout(Duration::from_millis(1), accepted.recv_datagram()).await {
                arrived.push(datagram.unwrap()[0]);
            }
        }
        assert!((140..220).contains(&arrived.len()), "{}", arrived.len());
        runs.push(arrived);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test(start_paused = true)]
async fn jitter_lets_datagrams_overtake_each_other_and_streams_keep_their_order() {
    let (network, pair) = bed().await;
    network.set_faults(Faults { jitter: Duration::from_millis(50), ..Faults::default() });
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    let numbers: Vec<u8> = (0..50).collect();
    for n in &numbers {
        pair.dialed.send_datagram(Bytes::copy_from_slice(&[*n])).unwrap();
        sender.send_all(Bytes::copy_from_slice(&[*n])).await.unwrap();
    }
    let (mut datagrams, mut bytes) = (Vec::new(), Vec::new());
    for _ in &numbers {
        datagrams.push(pair.accepted.recv_datagram().await.unwrap()[0]);
        bytes.extend(receiver.recv().await.unwrap().unwrap());
    }
    assert_eq!(bytes, numbers);
    assert_ne!(datagrams, numbers);
    datagrams.sort_unstable();
    assert_eq!(datagrams, numbers);
}

#[tokio::test(start_paused = true)]
async fn datagrams_come_twice_and_bytes_of_streams_once() {
    let (network, pair) = bed().await;
    network.set_faults(Faults { duplication: 1.0, ..Faults::default() });
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    sender.send_all(HELLO).await.unwrap();
    assert_eq!(receiver.recv().await, Ok(Some(HELLO)));
    assert!(waits(receiver.recv()).await);
    pair.dialed.send_datagram(HELLO).unwrap();
    for _ in 0..2 {
        assert_eq!(pair.accepted.recv_datagram().await, Ok(HELLO));
    }
    assert!(waits(pair.accepted.recv_datagram()).await);
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_of_a_stream_is_late() {
    let (network, pair) = bed().await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    let delay = Duration::from_millis(20);
    network.set_faults(Faults { delay, loss: 1.0, ..Faults::default() });
    let since = Instant::now();
    sender.send_all(HELLO).await.unwrap();
    assert_eq!(receiver.recv().await, Ok(Some(HELLO)));
    assert_eq!(since.elapsed(), 3 * delay + Duration::from_millis(10));
    assert_eq!(pair.dialed.stats().packets_lost, 1);
}

#[tokio::test(start_paused = true)]
async fn bandwidth_is_what_passes_in_a_second() {
    let (network, pair) = bed().await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    network.set_faults(Faults { bandwidth: Some(100_000), ..Faults::default() });
    let since = Instant::now();
    let send = async {
        sender.send_all(Bytes::from(vec![0; 500_000])).await.unwrap();
        sender.finish();
    };
    let read = async {
        let mut len = 0;
        while let Some(chunk) = receiver.recv().await.unwrap() {
            len += chunk.len();
            // Datagrams don't stand in line with the bytes of streams.
            let asked_at = Instant::now();
            pair.dialed.send_datagram(HELLO).unwrap();
            pair.accepted.recv_datagram().await.unwrap();
            assert!(asked_at.elapsed() < Duration::from_millis(5));
        }
        len
    };
    assert_eq!(tokio::join!(send, read).1, 500_000);
    let took = since.elapsed();
    assert!((Duration::from_millis(4_900)..Duration::from_millis(5_200)).contains(&took), "{took:?}");
    // More than waits for the line, or to be sent at all.
    for n in 0..150_u8 {
        pair.dialed.send_datagram(Bytes::from(vec![n; 1_000])).unwrap();
    }
    let mut arrived = Vec::new();
    while let Ok(datagram) = timeout(Duration::from_secs(5), pair.accepted.recv_datagram()).await {
        arrived.push(datagram.unwrap()[0]);
    }
    assert!(arrived.is_sorted() && (60..75).contains(&arrived.len()), "{arrived:?}");
}

#[tokio::test(start_paused = true)]
async fn datagrams_do_not_cross_a_partition() {
    let (network, pair) = bed().await;
    network.partition(pair.dialing.local_addr(), pair.accepting.local_addr());
    pair.dialed.send_datagram(HELLO).unwrap();
    network.heal_all();
    assert!(waits(pair.accepted.recv_datagram()).await);
}

#[tokio::test(start_paused = true)]
async fn nothing_runs_on_after_the_last_close() {
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let (_network, pair) = bed().await;
    assert_eq!(tasks(), before + 2);
    pair.dialing.close().await;
    drop(pair.accepting);
    while tasks() > before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_transport_can_dial_itself() {
    let network = MemNetwork::new(1);
    let host = network.bind(LOOPBACK).unwrap();
    let (dialed, accepted) = join(&host, &host).await;
    let _stream = stream(&dialed, &accepted).await;
    host.close().await;
    assert_eq!(dialed.closed().await, ConnectionEnd::ClosedHere);
    assert_eq!(accepted.closed().await, ConnectionEnd::ClosedHere);
}
