//! Output that nobody reads any more, or that can't be written.

use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use crate::ports::free_port;
use crate::process::Chat;

const SOON: Duration = Duration::from_secs(10);

/// A stream whose reader has gone for good. Unlike that of a pipe, not even a copy of it that a process
/// being started by another test still holds can read.
fn unread() -> Stdio {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.shutdown(Shutdown::Both).unwrap();
    OwnedFd::from(theirs).into()
}

/// How the program ends when it prints to `stdout`, and its log. The end of its input is not why it ends.
fn end_of(arg: &str, stdout: Stdio) -> (Option<i32>, String) {
    let mut chat = Chat::spawn(Chat::command(&[arg]).stdout(stdout));
    (chat.wait(SOON).code(), chat.whole_log().to_owned())
}

#[test]
fn a_local_chat_that_nobody_reads_any_more_ends_quietly() {
    let mut chat = Chat::start(&["--local"]);
    chat.expect("Started room: #random", SOON);
    chat.close_output();
    chat.say("rooms");
    assert_eq!(chat.wait(SOON).code(), Some(0));
    assert_eq!(chat.whole_log(), "");
    assert_eq!(end_of("--local", unread()), (Some(0), String::new()));
    assert_eq!(end_of("--help", unread()), (Some(0), String::new()));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_can_t_be_written_is_an_error() {
    for arg in ["--local", "--help"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let (code, log) = end_of(arg, full.into());
        assert_eq!(code, Some(1), "{arg}");
        assert!(log.starts_with("error: standard output: ") && log.lines().count() == 1, "{log}");
    }
}

#[test]
fn a_node_that_nobody_reads_any_more_serves_and_obeys() {
    let (a, b) = (free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let mut beta = Chat::node("beta", b, &[&format!("127.0.0.1:{a}")]);
    beta.close_output();
    beta.say("rooms\nnodes\ncreate more\npost beta bea still here");
    let all = ["#alpha", "#beta", "#more"];
    alpha.ask_until("rooms", SOON, |answer| Chat::rooms(answer) == all);
    alpha.ask_until("history beta", SOON, |answer| answer == ["--- #beta ---", "bea: still here"]);
    beta.say("quit");
    assert_eq!(beta.wait(SOON).code(), Some(0));
    let log = beta.whole_log();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn a_node_whose_log_nobody_reads_serves_all_the_same() {
    let (a, b) = (free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let (port, to) = (b.to_string(), format!("127.0.0.1:{a}"));
    let args = ["--node", "beta", "--port", &port, "--seed", &to];
    let mut beta = Chat::spawn(Chat::command(&args).stderr(unread()));
    beta.expect("Started room: #beta", SOON);
    alpha.ask_until("rooms", SOON, |answer| Chat::rooms(answer) == ["#alpha", "#beta"]);
    assert_eq!(alpha.ask("post beta al anyone there?"), ["[1 messages in #beta]"]);
    beta.terminate();
    assert_eq!(beta.wait(SOON).code(), Some(0));
}

#[test]
fn an_error_that_nobody_reads_keeps_its_exit_code() {
    let mut chat = Chat::spawn(Chat::command(&["--frobnicate"]).stderr(unread()));
    assert_eq!(chat.wait(SOON).code(), Some(2));
}
