//! Nodes that are watched from outside, and the check that images hold which hold nothing else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Output;
use std::time::{Duration, Instant};

use crate::ports::{free_port, free_tcp_port};
use crate::process::Chat;

const SOON: Duration = Duration::from_secs(10);

/// A node that answers about its health at the second address.
fn watched(name: &str, port: u16, health: &str, seeds: &[&str]) -> Chat {
    let port = port.to_string();
    let mut args = vec!["--node", name, "--port", &port, "--health", health];
    for seed in seeds {
        args.extend(["--seed", seed]);
    }
    Chat::start(&args)
}

fn check(health: &str) -> Output {
    Chat::command(&["--check-health", health]).output().expect("it runs")
}

/// Checks until it ends like that, and returns what it says.
fn check_until(health: &str, code: i32) -> String {
    let end = Instant::now() + SOON;
    loop {
        let output = check(health);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.stdout.is_empty());
        if output.status.code() == Some(code) {
            return said;
        }
        assert!(Instant::now() < end, "{:?}: {said}", output.status);
    }
}

#[test]
fn a_node_is_checked_by_its_own_program() {
    let (a, b) = (free_port(), free_port());
    let [at_alpha, at_beta] = [free_tcp_port(), free_tcp_port()].map(|port| format!("127.0.0.1:{port}"));
    let said = check_until(&at_beta, 1);
    assert!(said.starts_with(&format!("error: nothing answers about health at {at_beta}: ")), "{said}");
    // Its seed is not there yet.
    let seed = format!("127.0.0.1:{a}");
    let mut beta = watched("beta", b, &at_beta, &[&seed]);
    beta.expect("Started room: #beta", SOON);
    assert_eq!(check_until(&at_beta, 1), "error: not ready: no seed has let this node in yet\n");
    let mut alpha = watched("alpha", a, &at_alpha, &[]);
    alpha.expect("Started room: #alpha", SOON);
    assert_eq!(check_until(&at_alpha, 0), "");
    assert_eq!(check_until(&at_beta, 0), "");
    // One that watches while it leaves.
    beta.terminate();
    assert!(beta.wait(SOON).success());
    assert!(check_until(&at_beta, 1).contains("nothing answers"));
    assert_eq!(check_until(&at_alpha, 0), "");
}

#[test]
fn the_figures_of_a_node_are_read_over_http() {
    let health = format!("127.0.0.1:{}", free_tcp_port());
    let mut alpha = watched("alpha", free_port(), &health, &[]);
    alpha.expect("Started room: #alpha", SOON);
    assert_eq!(alpha.ask("post alpha al hello"), ["[1 messages in #alpha]"]);
    let mut stream = TcpStream::connect(&health).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: here\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    let room = "{actor_type=\"cluster_chat::ChatRoom\"}";
    for line in [&format!("murmer_actors{room} 1"), &format!("murmer_messages_handled_total{room} 1")] {
        assert!(page.lines().any(|found| found == line), "{line} in\n{page}");
    }
}

#[test]
fn a_node_whose_health_nobody_could_ask_does_not_run() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let mut alpha = watched("alpha", free_port(), &addr, &[]);
    assert_eq!(alpha.wait(SOON).code(), Some(1));
    alpha.expect_log(&format!("error: --health: can't answer about health at {addr}: choose another"), SOON);
}

#[test]
fn what_is_not_a_node_is_not_ready() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = other.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = other.accept().unwrap();
        let mut request = [0; 1_024];
        let _ = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    });
    let said = String::from_utf8(check(&addr).stderr).unwrap();
    let expected =
        format!("error: what answers at {addr} is no node of murmer: \"HTTP/1.1 204 No Content\"\n");
    assert_eq!(said, expected);
    server.join().unwrap();
}

/// As an orchestrator starts it: the secret is a file with a line in it, and no flag tells of health.
#[test]
fn the_environment_says_where_the_cookie_is_and_where_to_answer() {
    let (a, b) = (free_port(), free_port());
    let at_beta = format!("127.0.0.1:{}", free_tcp_port());
    let secret = std::env::temp_dir().join(format!("murmer-cookie-{}", std::process::id()));
    std::fs::write(&secret, "known to both\n").expect("it can be written");
    let start = |name, port: u16, seed: &str, set: &[(&str, &str)]| {
        let port = port.to_string();
        let mut command = Chat::command(&["--node", name, "--port", &port, "--seed", seed]);
        Chat::spawn(command.envs(set.iter().copied()))
    };
    let seed = format!("127.0.0.1:{a}");
    let _alpha = start("alpha", a, &seed, &[("MURMER_COOKIE", "known to both")]);
    let file = secret.to_str().expect("it is text");
    let _beta = start("beta", b, &seed, &[("MURMER_COOKIE_FILE", file), ("MURMER_HEALTH", &at_beta)]);
    assert_eq!(check_until(&at_beta, 0), "");
    std::fs::remove_file(&secret).expect("it is there");
}
