//! IPv4, IPv6, and both with one socket.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use murmer_transport::{ConnectError, Connection, QuicConfig, QuicTransport, RecvHalf, SendHalf, Transport};

use crate::bed::HELLO;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const ALL_V4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const ALL: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

fn bind(ip: IpAddr) -> QuicTransport {
    QuicTransport::bind(SocketAddr::new(ip, 0), QuicConfig::default()).unwrap()
}

/// Whether this machine has IPv6; says so where a test is passed over.
fn has_ipv6() -> bool {
    let has = UdpSocket::bind((V6, 0)).is_ok();
    if !has {
        eprintln!("SKIPPED: this machine has no IPv6 on loopback, so nothing about IPv6 was tested");
    }
    has
}

/// Dials `at` the port of what listens on `listen`, and has a stream and a datagram answered.
async fn check(dial: IpAddr, listen: IpAddr, at: IpAddr) {
    let (dialing, accepting) = (bind(dial), bind(listen));
    let to = SocketAddr::new(at, accepting.local_addr().port());
    let (dialed, accepted) = tokio::join!(dialing.connect(to), accepting.accept());
    let (dialed, accepted) = (dialed.unwrap(), accepted.unwrap());
    assert_eq!(dialed.remote_addr(), to);
    // By its own kind of address, whatever the socket that it reached.
    assert_eq!(accepted.remote_addr(), SocketAddr::new(at, dialing.local_addr().port()));
    let (mut asks, mut answers) = dialed.open_stream().await.unwrap();
    asks.send_all(HELLO).await.unwrap();
    let (mut back, mut asked) = accepted.accept_stream().await.unwrap();
    back.send_all(asked.recv().await.unwrap().unwrap()).await.unwrap();
    assert_eq!(answers.recv().await, Ok(Some(HELLO)));
    accepted.send_datagram(HELLO).unwrap();
    assert_eq!(dialed.recv_datagram().await, Ok(HELLO));
}

#[tokio::test]
async fn ipv4_alone_works() {
    check(V4, V4, V4).await;
    check(ALL_V4, ALL_V4, V4).await;
}

#[tokio::test]
async fn ipv6_alone_works() {
    if has_ipv6() {
        check(V6, V6, V6).await;
        let to = SocketAddr::new(V6, 7_100);
        assert_eq!(bind(V4).connect(to).await.unwrap_err(), ConnectError::Unreachable { to });
    }
}

#[tokio::test]
async fn one_socket_serves_peers_of_both() {
    if has_ipv6() {
        check(V4, ALL, V4).await;
        check(V6, ALL, V6).await;
    }
}

#[tokio::test]
async fn one_socket_dials_peers_of_both() {
    if has_ipv6() {
        check(ALL, V4, V4).await;
        check(ALL, V6, V6).await;
        check(ALL, ALL, V4).await;
        check(ALL, ALL, V6).await;
    }
}
