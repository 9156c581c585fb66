//! What transports promise about dialing, accepting and closing.

use std::time::Duration;

use bytes::Bytes;
use murmer_transport::{ConnectError, Connection, ConnectionEnd, Limits, Transport};
use tokio::time::Instant;

use crate::bed::{Bed, friends, join, stream};

contract! {
    dialing_nobody_fails_in_time
    dialing_what_can_not_be_dialed_fails_at_once
    both_ends_dialing_gives_two_connections
    a_closed_transport_accepts_and_dials_no_more
    a_closed_transport_frees_its_port
    a_dropped_transport_closes
}

async fn dialing_nobody_fails_in_time<B: Bed>() {
    let connect_timeout = Duration::from_millis(500);
    let bed = B::new(Limits { connect_timeout, ..Limits::default() });
    let gone = bed.host();
    let to = gone.local_addr();
    gone.close().await;
    let since = Instant::now();
    let error = bed.host().connect(to).await.unwrap_err();
    assert_eq!(error, ConnectError::TimedOut { to, after: connect_timeout });
    assert!(since.elapsed() < 2 * connect_timeout);
    assert_eq!(error.to_string(), format!("no answer from {to} within 500ms"));
}

async fn dialing_what_can_not_be_dialed_fails_at_once<B: Bed>() {
    let host = B::new(Limits::default()).host();
    for to in ["127.0.0.1:0", "0.0.0.0:7100", "[::1]:7100"] {
        let to = to.parse().unwrap();
        assert_eq!(host.connect(to).await.unwrap_err(), ConnectError::Unreachable { to });
    }
}

async fn both_ends_dialing_gives_two_connections<B: Bed>() {
    let bed = B::new(Limits::default());
    let (a, b) = (bed.host(), bed.host());
    let (a_dialed, b_dialed, a_accepted, b_accepted) =
        tokio::join!(a.connect(b.local_addr()), b.connect(a.local_addr()), a.accept(), b.accept());
    let (a_dialed, b_dialed) = (a_dialed.unwrap(), b_dialed.unwrap());
    assert_eq!(a_dialed.binding(), b_accepted.unwrap().binding());
    assert_eq!(b_dialed.binding(), a_accepted.unwrap().binding());
    assert_ne!(a_dialed.binding(), b_dialed.binding());
}

async fn a_closed_transport_accepts_and_dials_no_more<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let to = pair.dialing.local_addr();
    assert!(tokio::join!(pair.accepting.accept(), pair.accepting.close()).0.is_none());
    assert!(pair.accepting.accept().await.is_none());
    assert_eq!(pair.accepting.connect(to).await.unwrap_err(), ConnectError::Closed { to });
    let by_peer = ConnectionEnd::ClosedByPeer { code: 0, reason: Bytes::new() };
    assert_eq!(pair.dialed.closed().await, by_peer);
    assert_eq!(pair.accepted.closed().await, ConnectionEnd::ClosedHere);
}

async fn a_closed_transport_frees_its_port<B: Bed>() {
    let bed = B::new(Limits::default());
    let pair = friends(&bed).await;
    let addr = pair.accepting.local_addr();
    assert!(bed.bind(addr).is_err(), "bound twice");
    let _halves = stream(&pair.dialed, &pair.accepted).await;
    pair.accepting.close().await;
    pair.accepting.close().await;
    // The transport, the connection and the stream's halves are all still held.
    let successor = bed.bind(addr).unwrap();
    assert_eq!(successor.local_addr(), addr);
    join(&pair.dialing, &successor).await;
}

async fn a_dropped_transport_closes<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    drop(pair.accepting);
    let by_peer = ConnectionEnd::ClosedByPeer { code: 0, reason: Bytes::new() };
    assert_eq!(pair.dialed.closed().await, by_peer);
    assert_eq!(pair.accepted.closed().await, ConnectionEnd::ClosedHere);
}
