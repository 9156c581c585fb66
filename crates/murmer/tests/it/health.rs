//! What watches a node from outside, over real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use murmer::health::{Health, HealthConfig};
use murmer::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::wait::until;

const SOON: Duration = Duration::from_secs(10);

fn anywhere() -> HealthConfig {
    HealthConfig::default().listen(SocketAddr::from(([127, 0, 0, 1], 0)))
}

async fn served() -> (System, Health) {
    let system = System::local();
    let health = Health::serve(&system, anywhere()).await.unwrap();
    (system, health)
}

/// All that comes back before the connection ends.
async fn ask(addr: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Whoever is hung up on may hear that as an error.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn requests_are_answered_one_per_connection() {
    let (_system, health) = served().await;
    let addr = health.local_addr();
    let answer =
        ask(addr, "GET /live HTTP/1.1\r\nhost: a\r\n\r\nGET /live HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain; charset=utf-8\r\n"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(answer.ends_with("\r\n\r\nlive\n"), "{answer}");

    let answer = ask(addr, "HEAD /ready HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.contains("content-length: 6\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");

    let answer = ask(addr, "POST /live HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("allow: GET, HEAD\r\n"), "{answer}");

    let answer = ask(addr, "GET /metrics?x=y HTTP/1.0\r\n\r\n").await;
    assert!(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{answer}");
}

#[tokio::test]
async fn what_is_too_much_or_no_request_is_turned_away() {
    let (_system, health) = served().await;
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(100_000));
    for request in ["nonsense\r\n\r\n", &long] {
        let answer = ask(health.local_addr(), request).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let answer = ask(health.local_addr(), "GET /live HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn those_who_say_nothing_make_room_for_others_after_a_while() {
    let (_system, health) = served().await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(health.local_addr()).await.unwrap());
    }
    let answer = tokio::time::timeout(
        Duration::from_secs(60),
        ask(health.local_addr(), "GET /live HTTP/1.1\r\nhost: a\r\n\r\n"),
    );
    assert!(answer.await.expect("it is answered").starts_with("HTTP/1.1 200 "));
    drop(silent);
}

#[tokio::test]
async fn the_port_is_free_after_a_stop_a_drop_or_a_shutdown() {
    let (system, health) = served().await;
    let addr = health.local_addr();
    let again = async || Health::serve(&system, anywhere().listen(addr)).await;
    let taken = again().await.unwrap_err();
    assert_eq!(
        taken.to_string(),
        format!("can't answer about health at {addr}: choose another address, or free this one")
    );
    health.stop().await;
    let health = again().await.unwrap();
    drop(health);
    until("the port is free after a drop", SOON, || std::net::TcpListener::bind(addr).is_ok()).await;
    let health = again().await.unwrap();
    system.shutdown().await;
    until("the port is free after a shutdown", SOON, || std::net::TcpListener::bind(addr).is_ok()).await;
    drop(health);
}

#[tokio::test]
async fn a_page_leaves_the_program_s_own_recorder_alone() {
    struct Refuses;
    impl metrics::Recorder for Refuses {
        fn describe_counter(
            &self,
            name: metrics::KeyName,
            _: Option<metrics::Unit>,
            _: metrics::SharedString,
        ) {
            panic!("told of {}", name.as_str());
        }
        fn describe_gauge(&self, name: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {
            panic!("told of {}", name.as_str());
        }
        fn describe_histogram(
            &self,
            name: metrics::KeyName,
            _: Option<metrics::Unit>,
            _: metrics::SharedString,
        ) {
            panic!("told of {}", name.as_str());
        }
        fn register_counter(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Counter {
            panic!("told of {key}");
        }
        fn register_gauge(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
            panic!("told of {key}");
        }
        fn register_histogram(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Histogram {
            panic!("told of {key}");
        }
    }
    // No other test of this process publishes.
    metrics::set_global_recorder(Refuses).unwrap_or_else(|_| panic!("the first one"));
    let (system, health) = served().await;
    system.start("probe", crate::actors::Probe, vec![]);
    let answer = ask(health.local_addr(), "GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.contains("::Probe\"} 1\n"), "{answer}");
}

#[tokio::test]
async fn an_address_of_another_machine_is_an_error_at_once() {
    let config = HealthConfig::default().listen("192.0.2.1:9100".parse().unwrap());
    let error = Health::serve(&System::local(), config).await.unwrap_err();
    assert!(error.to_string().starts_with("can't answer about health at 192.0.2.1:9100"), "{error}");
    // That address is nobody's; this one is taken.
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = HealthConfig::default().listen(taken.local_addr().unwrap());
    assert!(Health::serve(&System::local(), config).await.is_err());
}
