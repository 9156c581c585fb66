//! What transports promise about dialing, accepting and closing.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::Bed;
use super::pair::{assert_closed, friends, join, stream, waits};
use crate::{ConnectError, Connection, ConnectionEnd, Limits, Transport};

pub(super) async fn dialing_nobody_fails_in_time<B: Bed>() {
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

pub(super) async fn dialing_what_can_not_be_dialed_fails_at_once<B: Bed>() {
    let host = B::new(Limits::default()).host();
    for to in ["127.0.0.1:0", "0.0.0.0:7100", "[::1]:7100"] {
        let to = to.parse().unwrap();
        assert_eq!(host.connect(to).await.unwrap_err(), ConnectError::Unreachable { to });
    }
}

pub(super) async fn a_dial_that_is_dropped_is_given_up<B: Bed>() {
    let bed = B::new(Limits { untrusted_per_address_max: 2, ..Limits::default() });
    let (dialing, accepting) = (bed.host(), bed.host());
    for _ in 0..5 {
        // Polled once, and then some: it is dropped at different stages.
        for after in [0, 1, 5] {
            drop(timeout(Duration::from_millis(after), dialing.connect(accepting.local_addr())).await);
        }
        // What came of them, if anything, closes, and takes no place for long.
        while let Ok(Some(connection)) = timeout(Duration::from_millis(50), accepting.accept()).await {
            connection.closed().await;
        }
    }
    join(&dialing, &accepting).await;
}

pub(super) async fn an_accept_that_is_dropped_loses_nothing<B: Bed>() {
    let bed = B::new(Limits::default());
    let (dialing, accepting) = (bed.host(), bed.host());
    assert!(waits(accepting.accept()).await);
    let dialed = dialing.connect(accepting.local_addr()).await.unwrap();
    assert_eq!(accepting.accept().await.unwrap().binding(), dialed.binding());
    // Nor when it was dropped while a handshake ran.
    let (dialed, accepted) = tokio::join!(dialing.connect(accepting.local_addr()), async {
        loop {
            if let Ok(accepted) = timeout(Duration::from_millis(1), accepting.accept()).await {
                return accepted.unwrap();
            }
        }
    });
    assert_eq!(dialed.unwrap().binding(), accepted.binding());
}

pub(super) async fn both_ends_dialing_gives_two_connections<B: Bed>() {
    let bed = B::new(Limits::default());
    let (a, b) = (bed.host(), bed.host());
    let (a_dialed, b_dialed, a_accepted, b_accepted) =
        tokio::join!(a.connect(b.local_addr()), b.connect(a.local_addr()), a.accept(), b.accept());
    let (a_dialed, b_dialed) = (a_dialed.unwrap(), b_dialed.unwrap());
    assert_eq!(a_dialed.binding(), b_accepted.unwrap().binding());
    assert_eq!(b_dialed.binding(), a_accepted.unwrap().binding());
    assert_ne!(a_dialed.binding(), b_dialed.binding());
}

pub(super) async fn a_closed_transport_accepts_and_dials_no_more<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let to = pair.dialing.local_addr();
    assert!(tokio::join!(pair.accepting.accept(), pair.accepting.close()).0.is_none());
    assert!(pair.accepting.accept().await.is_none());
    assert_eq!(pair.accepting.connect(to).await.unwrap_err(), ConnectError::Closed { to });
    assert_closed::<B>(&pair.dialed.closed().await, 0, b"");
    assert_eq!(pair.accepted.closed().await, ConnectionEnd::ClosedHere);
}

pub(super) async fn a_closed_transport_frees_its_port<B: Bed>() {
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

pub(super) async fn a_dropped_transport_closes<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    drop(pair.accepting);
    assert_closed::<B>(&pair.dialed.closed().await, 0, b"");
    assert_eq!(pair.accepted.closed().await, ConnectionEnd::ClosedHere);
}
