//! What only QUIC has: sockets, settings, packets on a real network.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use murmer_transport::{
    BindError, ConnectError, Connection, ConnectionEnd, Executor, Limits, QuicConfig, QuicTransport,
    RecvHalf, SendHalf, Transport, Watch,
};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout};

use crate::bed::{HELLO, LOOPBACK, join, stop};

fn bind(listen: &str) -> QuicTransport {
    QuicTransport::bind(listen.parse().unwrap(), QuicConfig::default()).unwrap()
}

#[test]
fn whoever_stands_in_keeps_a_transport_whose_runtime_has_ended() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let executor = Executor::new();
    let (first, second) = (runtime(), runtime());
    let accepting = first.block_on(async {
        tokio::spawn(executor.host());
        tokio::task::yield_now().await;
        QuicTransport::bind_on(LOOPBACK, QuicConfig::default(), &executor).unwrap()
    });
    drop(first);
    second.block_on(async {
        let standing_in = async {
            let (mut watch, mut ticks) = (Watch::default(), tokio::time::interval(Duration::from_millis(5)));
            loop {
                ticks.tick().await;
                executor.stand_in(&mut watch);
            }
        };
        let dialing = bind("127.0.0.1:0");
        let joined = async {
            let (dialed, accepted) = join(&dialing, &accepting).await;
            dialed.trust();
            accepted.trust();
            dialed.send_datagram(HELLO).unwrap();
            assert_eq!(accepted.recv_datagram().await, Ok(HELLO));
        };
        tokio::select! {
            () = standing_in => {}
            () = joined => {}
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_messages_pass_under_large_windows() {
    let limits = Limits { stream_window: 8 << 20, ..Limits::default() };
    let config = QuicConfig { limits, mtu_max: 6_000, send_window: 32 << 20, ..QuicConfig::default() };
    let [dialing, accepting] = [(); 2].map(|()| QuicTransport::bind(LOOPBACK, config.clone()).unwrap());
    let (dialed, accepted) = join(&dialing, &accepting).await;
    dialed.trust();
    accepted.trust();
    let receive = tokio::spawn(async move {
        let (_sender, mut receiver) = accepted.accept_stream().await.unwrap();
        let mut bytes = 0;
        while let Some(chunk) = receiver.recv().await.unwrap() {
            bytes += chunk.len();
        }
        // Held until all was read, or the close would overtake the end.
        (bytes, accepted)
    });
    let (mut sender, _receiver) = dialed.open_stream().await.unwrap();
    for _ in 0..32 {
        sender.send_all(Bytes::from(vec![1; 1 << 20])).await.unwrap();
    }
    sender.finish();
    assert_eq!(receive.await.unwrap().0, 32 << 20);
    assert!(dialed.stats().rtt > Duration::ZERO);
}

/// A relay that passes packets to `to` and none back; dial it, and the handshake hangs half done.
async fn deaf_relay(to: SocketAddr) -> SocketAddr {
    let relay = Arc::new(UdpSocket::bind(LOOPBACK).await.unwrap());
    let addr = relay.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 2_048];
        loop {
            let (len, from) = relay.recv_from(&mut packet).await.unwrap();
            if from != to {
                relay.send_to(&packet[..len], to).await.unwrap();
            }
        }
    });
    addr
}

#[tokio::test]
async fn a_slow_dialer_holds_up_nobody() {
    let accepting = bind("127.0.0.1:0");
    let relay = deaf_relay(accepting.local_addr()).await;
    let slow = bind("127.0.0.1:0");
    let hangs = slow.connect(relay);
    let quick = async {
        tokio::task::yield_now().await;
        let since = Instant::now();
        for _ in 0..5 {
            join(&bind("127.0.0.1:0"), &accepting).await;
        }
        since.elapsed()
    };
    let (hung, took) = tokio::join!(hangs, quick);
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(matches!(hung, Err(ConnectError::TimedOut { .. })));
}

#[tokio::test]
async fn whoever_is_not_one_of_us_is_not_accepted() {
    let accepting = bind("127.0.0.1:0");
    let socket = UdpSocket::bind(LOOPBACK).await.unwrap();
    for len in [0, 1, 21, 1_200, 1_472] {
        for first in [0x00, 0x40, 0x80, 0xc0, 0xff] {
            socket.send_to(&vec![first; len], accepting.local_addr()).await.unwrap();
        }
    }
    join(&bind("127.0.0.1:0"), &accepting).await;
    assert!(timeout(Duration::from_millis(100), accepting.accept()).await.is_err());
}

/// A QUIC client with certificates and another protocol's name, as a browser would be.
#[tokio::test]
async fn another_protocol_fails_in_the_handshake() {
    let accepting = bind("127.0.0.1:0");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let tls = quinn::crypto::rustls::QuicClientConfig::try_from(tls).unwrap();
    let endpoint = quinn::Endpoint::client(LOOPBACK).unwrap();
    let config = quinn::ClientConfig::new(Arc::new(tls));
    let connecting = endpoint.connect_with(config, accepting.local_addr(), "localhost").unwrap();
    let error = connecting.await.unwrap_err();
    assert!(matches!(error, quinn::ConnectionError::ConnectionClosed(_)), "{error}");
    assert!(timeout(Duration::from_millis(100), accepting.accept()).await.is_err());
}

#[tokio::test]
async fn with_many_strangers_dialers_show_their_address_first() {
    let limits = Limits { untrusted_per_address_max: 100, ..Limits::default() };
    let config = QuicConfig { limits, ..QuicConfig::default() };
    let accepting = QuicTransport::bind(LOOPBACK, config).unwrap();
    let dialing = bind("127.0.0.1:0");
    let mut held = Vec::new();
    for _ in 0..40 {
        held.push(join(&dialing, &accepting).await);
    }
    assert_eq!(held.len(), 40);
}

#[tokio::test]
async fn without_a_stable_key_a_restart_shows_only_as_silence() {
    let limits = Limits { idle_timeout: Duration::from_millis(900), ..Limits::default() };
    let config = QuicConfig { limits, keep_alive: Duration::from_millis(100), ..QuicConfig::default() };
    let life = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let entered = life.enter();
    let mortal = QuicTransport::bind(LOOPBACK, config.clone()).unwrap();
    drop(entered);
    let addr = mortal.local_addr();
    let witness = QuicTransport::bind(LOOPBACK, config.clone()).unwrap();
    let (dialed, held) = join(&witness, &mortal).await;
    stop(life);
    drop((mortal, held));
    let _successor = loop {
        match QuicTransport::bind(addr, config.clone()) {
            Ok(successor) => break successor,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(dialed.closed().await, ConnectionEnd::TimedOut);
}

#[tokio::test]
async fn settings_out_of_range_are_named() {
    let check = |config: QuicConfig, name: &str| match QuicTransport::bind(LOOPBACK, config) {
        Err(BindError::Setting(error)) => assert_eq!(error.setting, name, "{error}"),
        other => panic!("{name}: {other:?}"),
    };
    let default = QuicConfig::default;
    check(QuicConfig { keep_alive: Duration::from_secs(5), ..default() }, "keep_alive");
    check(QuicConfig { mtu_max: 9_000, ..default() }, "mtu_max");
    check(QuicConfig { initial_mtu: 1_500, ..default() }, "initial_mtu");
    check(QuicConfig { send_window: 0, ..default() }, "send_window");
    check(QuicConfig { packets_per_ack: 0, ..default() }, "packets_per_ack");
    check(QuicConfig { socket_receive_buffer: Some(0), ..default() }, "socket_receive_buffer");
    let limits = Limits { connection_window: 200 << 10, ..Limits::default() };
    check(QuicConfig { limits, ..default() }, "connection_window");
    let limits = Limits { streams: 20_000, ..Limits::default() };
    check(QuicConfig { limits, ..default() }, "streams");
    let limits = Limits { connect_timeout: Duration::from_secs(6), ..Limits::default() };
    check(QuicConfig { limits, ..default() }, "connect_timeout");
}

#[tokio::test]
async fn a_taken_port_is_said_to_be() {
    let first = bind("127.0.0.1:0");
    let error = QuicTransport::bind(first.local_addr(), QuicConfig::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("can't bind {}", first.local_addr()));
}

#[test]
fn outside_of_a_runtime_nothing_is_bound() {
    let error = QuicTransport::bind(LOOPBACK, QuicConfig::default()).unwrap_err();
    assert!(matches!(error, BindError::NoRuntime));
}

#[test]
fn the_stable_key_is_not_shown() {
    let config = QuicConfig { stable_key: Some([0xab; 32]), ..QuicConfig::default() };
    assert!(format!("{config:?}").contains("stable_key: true"));
}
