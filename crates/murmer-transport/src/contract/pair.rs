//! Two ends, and what the cases do with them.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::Bed;
use crate::{Connection, ConnectionEnd, RecvHalf, SendHalf, StreamEnd, Transport};

/// Two transports, and a connection that the first dialed.
pub struct Pair<T: Transport> {
    pub dialing: T,
    pub accepting: T,
    pub dialed: T::Connection,
    pub accepted: T::Connection,
}

pub async fn strangers<B: Bed>(bed: &B) -> Pair<B::Transport> {
    let (dialing, accepting) = (bed.host(), bed.host());
    let (dialed, accepted) = join(&dialing, &accepting).await;
    Pair { dialing, accepting, dialed, accepted }
}

pub async fn friends<B: Bed>(bed: &B) -> Pair<B::Transport> {
    let pair = strangers(bed).await;
    pair.dialed.trust();
    pair.accepted.trust();
    pair
}

/// A connection between the two, both ends of it.
pub async fn join<T: Transport>(from: &T, to: &T) -> (T::Connection, T::Connection) {
    let (dialed, accepted) = tokio::join!(from.connect(to.local_addr()), to.accept());
    (dialed.unwrap(), accepted.unwrap())
}

/// A stream on which `hello` was sent, both ends of it.
pub async fn stream<C: Connection>(from: &C, to: &C) -> ((C::Sender, C::Receiver), (C::Sender, C::Receiver)) {
    let mut opened = from.open_stream().await.unwrap();
    opened.0.send_all(HELLO).await.unwrap();
    let mut accepted = to.accept_stream().await.unwrap();
    assert_eq!(read(&mut accepted.1, HELLO.len()).await, HELLO);
    (opened, accepted)
}

/// At least `len` bytes.
pub(super) async fn read<R: RecvHalf>(from: &mut R, len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < len {
        bytes.extend(from.recv().await.unwrap().expect("more was to come"));
    }
    bytes
}

/// Everything up to the end, and what it was.
pub(super) async fn read_to_end<R: RecvHalf>(from: &mut R) -> (Vec<u8>, Result<(), StreamEnd>) {
    let mut bytes = Vec::new();
    loop {
        match from.recv().await {
            Ok(Some(chunk)) => bytes.extend(chunk),
            Ok(None) => return (bytes, Ok(())),
            Err(end) => return (bytes, Err(end)),
        }
    }
}

/// Sends until the peer's window is full, and says how much fitted.
pub(super) async fn fill<S: SendHalf>(to: &mut S) -> usize {
    let mut sent = 0;
    loop {
        let mut chunk = Bytes::from_static(&[0; 4_096]);
        // Room may be under way, so a moment of none must pass.
        match timeout(QUIET, to.send(&mut chunk)).await {
            Ok(result) => result.unwrap(),
            Err(_) => return sent,
        }
        sent += 4_096 - chunk.len();
    }
}

/// Whether `future` is still pending after a moment.
pub async fn waits(future: impl Future) -> bool {
    timeout(QUIET, future).await.is_err()
}

/// A datagram that arrived; sent again while it does not, where datagrams get lost.
pub(super) async fn datagram<B: Bed, C: Connection>(from: &C, to: &C, datagram: Bytes) -> Bytes {
    loop {
        from.send_datagram(datagram.clone()).unwrap();
        match timeout(QUIET, to.recv_datagram()).await {
            Ok(received) => return received.unwrap(),
            Err(_) => assert!(B::IS_LOSSY, "a datagram was lost"),
        }
    }
}

/// Checks how an end learnt that its peer closed. Where the word of it may get lost, the peer is just gone.
pub(super) fn assert_closed<B: Bed>(end: &ConnectionEnd, code: u32, reason: &'static [u8]) {
    let by_peer = ConnectionEnd::ClosedByPeer { code, reason: Bytes::from_static(reason) };
    let is_gone = matches!(end, ConnectionEnd::Reset | ConnectionEnd::TimedOut);
    assert!(*end == by_peer || (B::IS_LOSSY && is_gone), "{end}");
}

pub const HELLO: Bytes = Bytes::from_static(b"hello");
pub(super) const QUIET: Duration = Duration::from_millis(150);
