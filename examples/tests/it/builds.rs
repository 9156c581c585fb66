//! Two builds of one program, which differ in one message, in one cluster.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::ports::free_port;
use crate::process::Chat;

const OLDER: &str = env!("CARGO_BIN_EXE_shop_older");
const NEWER: &str = env!("CARGO_BIN_EXE_shop_newer");
const WITHIN: Duration = Duration::from_secs(30);

fn start(program: &str, args: &[&str]) -> Chat {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut shop = Chat::spawn(&mut command);
    shop.expect("open", WITHIN);
    shop
}

#[track_caller]
fn check(from: &mut Chat, to: &str, expected: &str) {
    from.say(to);
    assert_eq!(from.line(WITHIN), expected, "asking {to}; log:\n{}", from.read_log());
}

/// Both ways, again and again: what is the same in both builds is answered, what differs is named and
/// reaches no handler.
fn builds_talk_over_all_they_share(how: &str) {
    let port = free_port();
    let (port, seed, other) = (port.to_string(), format!("127.0.0.1:{port}"), free_port().to_string());
    let mut older = start(OLDER, &[how, "older", &port]);
    let mut newer = start(NEWER, &[how, "newer", &other, &seed]);
    let differs = |ring| format!("4, shop::Shop has another rate, told false, [], ring {ring}, 7");
    for round in 1..=3 {
        check(&mut newer, "older", &differs(round));
        check(&mut older, "newer", &differs(round));
    }
    // Among their own they rate as ever.
    check(&mut older, "older", "4, rating 1, told true, [5, 4], ring 4, 7");
    let mut same = start(NEWER, &[how, "third", &free_port().to_string(), &seed]);
    check(&mut same, "newer", "4, rating 1, told true, [5, 4], ring 4, 7");
    check(&mut newer, "third", "4, rating 1, told true, [5, 4], ring 1, 7");
}

#[test]
fn builds_that_differ_in_a_message_talk_over_all_others() {
    builds_talk_over_all_they_share("named");
}

#[test]
fn builds_that_tell_all_their_types_at_once_do_so_too() {
    builds_talk_over_all_they_share("auto");
}
