//! What the network of real sockets can do to QUIC.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use murmer_transport::{
    ConnectError, Connection, ConnectionEnd, Faults, Limits, QuicConfig, QuicConnection, QuicNetwork,
    QuicSender, QuicTransport, RecvHalf, SendHalf, Transport,
};
use tokio::time::{Instant, timeout};

use crate::bed::{HELLO, LOOPBACK, join, stream, waits};

struct Bed {
    network: QuicNetwork,
    hosts: [QuicTransport; 2],
    dialed: QuicConnection,
    accepted: QuicConnection,
}

impl Bed {
    async fn new() -> Self {
        let network = QuicNetwork::new(4711);
        let limits = Limits { idle_timeout: Duration::from_millis(900), ..Limits::default() };
        let config = QuicConfig { limits, keep_alive: Duration::from_millis(100), ..QuicConfig::default() };
        let hosts = [(); 2].map(|()| network.bind(LOOPBACK, config.clone()).unwrap());
        let (dialed, accepted) = join(&hosts[0], &hosts[1]).await;
        dialed.trust();
        accepted.trust();
        Self { network, hosts, dialed, accepted }
    }

    fn set(&self, faults: Faults) {
        self.network.set_faults(faults);
    }

    /// The numbers of those of 200 datagrams that arrive, in the order in which they do.
    async fn arrivals(&self) -> Vec<u8> {
        for n in 0..200_u8 {
            self.dialed.send_datagram(Bytes::copy_from_slice(&[n])).unwrap();
            // Each in a packet of its own.
            tokio::time::sleep(Duration::from_millis(1)).await; // tidy: sleep
        }
        let mut arrived = Vec::new();
        while let Ok(datagram) = timeout(Duration::from_millis(300), self.accepted.recv_datagram()).await {
            arrived.push(datagram.unwrap()[0]);
        }
        arrived
    }
}

#[tokio::test]
async fn packets_take_their_delay() {
    let bed = Bed::new().await;
    let delay = Duration::from_millis(30);
    bed.set(Faults { delay, ..Faults::default() });
    let ((_sender, mut receiver), (mut answers, _asks)) = stream(&bed.dialed, &bed.accepted).await;
    let since = Instant::now();
    answers.send_all(HELLO).await.unwrap();
    assert_eq!(receiver.recv().await, Ok(Some(HELLO)));
    assert!(since.elapsed() >= delay, "{:?}", since.elapsed());
    bed.set(Faults::default());
    let since = Instant::now();
    answers.send_all(HELLO).await.unwrap();
    assert_eq!(receiver.recv().await, Ok(Some(HELLO)));
    assert!(since.elapsed() < delay, "{:?}", since.elapsed());
}

#[tokio::test]
async fn packets_are_lost_and_streams_get_over_it() {
    let bed = Bed::new().await;
    bed.set(Faults { loss: 0.3, ..Faults::default() });
    let arrived = bed.arrivals().await;
    assert!((90..190).contains(&arrived.len()), "{}", arrived.len());
    let ((mut sender, _receiver), (_answers, mut asks)) = stream(&bed.dialed, &bed.accepted).await;
    sender.send_all(Bytes::from(vec![7; 20_000])).await.unwrap();
    let mut received = 0;
    while received < 20_000 {
        received += asks.recv().await.unwrap().unwrap().len();
    }
    assert!(bed.dialed.stats().packets_lost > 0, "{:?}", bed.dialed.stats());
}

#[tokio::test]
async fn packets_overtake_each_other() {
    let bed = Bed::new().await;
    bed.set(Faults { jitter: Duration::from_millis(20), ..Faults::default() });
    let mut arrived = bed.arrivals().await;
    assert!(!arrived.is_sorted());
    arrived.sort_unstable();
    assert_eq!(arrived, (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn packets_that_come_twice_are_taken_once() {
    let bed = Bed::new().await;
    let before = (bed.dialed.stats().packets_sent, bed.accepted.stats().packets_received);
    bed.set(Faults { duplication: 1.0, ..Faults::default() });
    assert_eq!(bed.arrivals().await, (0..200).collect::<Vec<_>>(), "QUIC knows them by their numbers");
    let sent = bed.dialed.stats().packets_sent - before.0;
    let received = bed.accepted.stats().packets_received - before.1;
    assert!(received as f64 > 1.9 * sent as f64, "{received} of {sent}");
}

#[tokio::test]
async fn little_and_urgent_chunks_have_room_that_others_leave_them() {
    let bed = Bed::new().await;
    let window = QuicConfig::default().send_window as usize;
    let stream_window = Limits::default().stream_window as usize;
    let mut streams = Vec::new();
    for _ in 0..window / stream_window + 3 {
        streams.push(stream(&bed.dialed, &bed.accepted).await);
    }
    let (mut little, mut urgent) = (streams.pop().unwrap().0.0, streams.pop().unwrap().0.0);
    urgent.set_priority(1);
    // Nothing is acknowledged any more.
    bed.network.partition(bed.hosts[0].local_addr(), bed.hosts[1].local_addr());
    let mut sent: usize = streams.iter_mut().map(|((sender, _), _)| taken(sender, stream_window)).sum();
    for ((sender, _), _) in &mut streams {
        assert_eq!(taken(sender, 4_097), 0, "the window is full");
    }
    assert_eq!(taken(&mut little, 4_096), 4_096);
    assert_eq!(taken(&mut urgent, 100_000), 100_000);
    sent += 104_096;
    while let n @ 1.. = taken(&mut little, 4_096) {
        sent += n;
    }
    assert!(sent <= window + window / 16, "{sent}");
}

/// How many of `len` bytes find room at once.
fn taken(sender: &mut QuicSender, len: usize) -> usize {
    let mut chunk = Bytes::from(vec![0; len]);
    let mut cx = Context::from_waker(Waker::noop());
    while !chunk.is_empty()
        && let Poll::Ready(sent) = sender.poll_send(&mut cx, &mut chunk)
    {
        sent.unwrap();
    }
    len - chunk.len()
}

#[tokio::test]
async fn bandwidth_is_what_passes_in_a_second() {
    let bed = Bed::new().await;
    let ((mut sender, _receiver), (_answers, mut asks)) = stream(&bed.dialed, &bed.accepted).await;
    bed.set(Faults { bandwidth: Some(500_000), ..Faults::default() });
    let since = Instant::now();
    let read = async {
        let mut len = 0;
        while let Some(chunk) = asks.recv().await.unwrap() {
            len += chunk.len();
        }
        len
    };
    let send = async {
        sender.send_all(Bytes::from(vec![0; 500_000])).await.unwrap();
        sender.finish();
    };
    assert_eq!(tokio::join!(send, read).1, 500_000);
    assert!(since.elapsed() >= Duration::from_millis(800), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_short_cut_stalls_and_a_long_one_ends() {
    let bed = Bed::new().await;
    let ((mut sender, _receiver), (_answers, mut asks)) = stream(&bed.dialed, &bed.accepted).await;
    let (a, b) = (bed.hosts[0].local_addr(), bed.hosts[1].local_addr());
    bed.network.partition(a, b);
    sender.send_all(HELLO).await.unwrap();
    assert!(waits(asks.recv()).await);
    bed.network.heal(b, a);
    assert_eq!(asks.recv().await, Ok(Some(HELLO)));

    bed.network.partition(a, b);
    let (dialed, accepted) = tokio::join!(bed.dialed.closed(), bed.accepted.closed());
    assert_eq!((dialed, accepted), (ConnectionEnd::TimedOut, ConnectionEnd::TimedOut));
    assert!(matches!(bed.hosts[0].connect(b).await, Err(ConnectError::TimedOut { .. })));
    bed.network.heal_all();
    join(&bed.hosts[0], &bed.hosts[1]).await;
}

#[tokio::test]
async fn one_way_is_cut_by_itself() {
    let bed = Bed::new().await;
    bed.network.partition_one_way(bed.hosts[0].local_addr(), bed.hosts[1].local_addr());
    bed.dialed.send_datagram(HELLO).unwrap();
    bed.accepted.send_datagram(HELLO).unwrap();
    assert_eq!(bed.dialed.recv_datagram().await, Ok(HELLO));
    assert!(waits(bed.accepted.recv_datagram()).await);
}

#[tokio::test]
async fn a_closed_transport_frees_its_port_with_packets_on_their_way() {
    let bed = Bed::new().await;
    bed.set(Faults { delay: Duration::from_secs(20), ..Faults::default() });
    bed.dialed.send_datagram(HELLO).unwrap();
    let addr = bed.hosts[0].local_addr();
    bed.hosts[0].close().await;
    QuicTransport::bind(addr, QuicConfig::default()).unwrap();
}
