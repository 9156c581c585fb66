//! A transport of one's own, from the first line to the last.

use std::process::Command;

#[test]
fn two_nodes_talk_over_a_transport_that_murmer_does_not_know() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_custom_transport")).output().expect("custom_transport starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert_eq!(stdout, TRANSCRIPT, "{stderr}");
}

const TRANSCRIPT: &str = "\
TCP without encryption: for loopback and lines that nobody else can reach
beta sees alpha: Up
hello, beta, you are number 1
hello, beta again, you are number 1002
2097152 bytes there and back: true
beta and alpha share 3 streams
all of that went over them: true
alpha is gone, and so is its clerk
";
