//! Being told to stop, whatever else is going on.

use std::net::UdpSocket;
use std::time::Duration;

use crate::ports::free_port;
use crate::process::Chat;

/// How long a node that is told to stop may take. It waits for nobody: neither for the 3 s of joining,
/// nor for the 5 s that a room may take to answer.
const AT_ONCE: Duration = Duration::from_millis(1_500);
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_signal_while_joining_ends_the_program_at_once() {
    for signal in ["TERM", "INT"] {
        let seed = UdpSocket::bind("127.0.0.1:0").unwrap();
        seed.set_read_timeout(Some(SOON)).unwrap();
        let (port, to) = (free_port().to_string(), seed.local_addr().unwrap().to_string());
        let mut chat = Chat::start(&["--node", "alpha", "--port", &port, "--seed", &to]);
        // Once dialed, the seed says nothing: the node waits for it.
        seed.recv(&mut [0; 2_048]).expect("the seed is dialed");
        chat.signal(signal);
        assert_eq!(chat.wait(AT_ONCE).code(), Some(0), "{signal}; log:\n{}", chat.read_log());
    }
}

#[test]
fn a_signal_while_a_room_is_silent_ends_the_node_at_once() {
    let (a, b) = (free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let mut beta = Chat::node("beta", b, &[&format!("127.0.0.1:{a}")]);
    beta.ask_until("rooms", SOON, |answer| Chat::rooms(answer) == ["#alpha", "#beta"]);
    alpha.signal("STOP");
    // Both lines arrive together, so that with the first one's answer the second is being performed.
    beta.say("status\npost alpha bea anyone there?");
    beta.expect("node beta — 2 nodes up, 2 rooms known", SOON);
    beta.terminate();
    assert_eq!(beta.wait(AT_ONCE).code(), Some(0), "log:\n{}", beta.read_log());
}
