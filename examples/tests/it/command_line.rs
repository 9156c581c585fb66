//! The local transcript, and a command line that is never guessed around.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use crate::ports::free_port;
use crate::process::Chat;

const SOON: Duration = Duration::from_secs(10);

#[test]
fn the_local_chat_gives_the_transcript_of_the_specification() {
    let mut chat = Chat::start(&["--local"]);
    for line in
        ["post general alice Hello everyone!", "post general bob Hey alice!", "history general", "rooms"]
    {
        chat.say(line);
    }
    for expected in [
        "=== murmer cluster_chat (local mode) ===",
        "Started room: #general",
        "Started room: #random",
        "[1 messages in #general]",
        "[2 messages in #general]",
        "--- #general ---",
        "alice: Hello everyone!",
        "bob: Hey alice!",
        "Known rooms:",
        "#general — 2 messages",
        "#random — 0 messages",
    ] {
        assert_eq!(chat.line(SOON), expected);
    }
    chat.end_input();
    assert!(chat.wait(SOON).success());
}

#[test]
fn whatever_is_typed_the_conversation_goes_on() {
    let mut chat = Chat::start(&["--local"]);
    for (line, answer) in [
        ("post", "usage: post <room> <from> <text>   say something in a room"),
        ("post nowhere a b", "no room #nowhere; rooms lists all, create nowhere makes it"),
        ("dance", "unknown command \"dance\"; help lists them all"),
        ("create general", "#general exists already"),
        ("create new", "Started room: #new"),
        ("status new", "#new — 0 messages"),
    ] {
        assert_eq!(chat.ask(line).last().map(String::as_str), Some(answer), "{line}");
    }
    chat.say("quit");
    assert!(chat.wait(SOON).success());
}

#[test]
fn a_room_that_can_t_be_started_is_not_said_to_be() {
    let mut chat = Chat::start(&["--local"]);
    chat.expect("Started room: #random", SOON);
    let advice = "(it is \"room/\" and the name); choose another name";
    for (name, why) in [
        ("x".repeat(251), "a label must have 1 to 255 bytes, not 256"),
        ("a\u{1b}b".to_owned(), "a label must not contain '\\u{1b}': control characters are not allowed"),
    ] {
        assert_eq!(chat.ask(&format!("create {name}")), [format!("no room created: {why} {advice}")]);
    }
    assert_eq!(chat.ask(&format!("create {}", "x".repeat(250))).len(), 1);
    assert_eq!(Chat::rooms(&chat.ask("rooms")).len(), 3);
}

#[test]
fn a_wrong_command_line_is_an_error_that_says_what_is_wrong() {
    for (args, said) in [
        (&["--frobnicate"][..], "--frobnicate"),
        (&[], "say --local, or --node NAME and --port PORT"),
        (&["--local", "--port", "7100"], "--local runs everything in one process"),
        (&["--local", "--mdns"], "--local runs everything in one process"),
        (&["--node", "alpha"], "--node alpha needs --port PORT or --listen ADDRESS:PORT"),
        (&["--node", "al pha", "--port", "7100"], "a node name must not contain ' '"),
        (&["--node", "alpha", "--port", "70000"], "--port \"70000\" is not a port"),
        (&["--node", "alpha", "--port", "1", "--port", "2"], "--port is given twice"),
        (&["--node", "alpha", "--port", "1", "--seed", "nonsense"], "--seed: \"nonsense\" is not a seed"),
        (&["--node", "alpha", "--listen", "here"], "--listen \"here\" is not an address and port"),
        (&["--node", "alpha", "--port"], "--port"),
        (
            &["--node", "alpha", "--port", "1", "--health", "9100"],
            "--health \"9100\" is not an address and port",
        ),
        (&["--local", "--health", "127.0.0.1:9100"], "--local runs everything in one process"),
        (&["--check-health", "9100"], "--check-health \"9100\" is not an address and port"),
        (&["--check-health", "127.0.0.1:1", "--port", "1"], "--check-health asks another process"),
    ] {
        let mut chat = Chat::start(args);
        assert_eq!(chat.wait(SOON).code(), Some(2), "{args:?}");
        chat.expect_log(said, SOON);
    }
}

#[test]
fn what_a_node_refuses_is_a_wrong_command_line_too() {
    let long = "x".repeat(1_025);
    let seeds = vec!["--seed=alpha:7100"; 65];
    for (args, said) in [
        (&["--cookie", ""][..], "--cookie must be 1 to 1,024 bytes, not 0 bytes"),
        (&["--cookie", &long], "--cookie must be 1 to 1,024 bytes, not 1025 bytes"),
        (
            &["--advertise", "0.0.0.0:1"],
            "--advertise must be an address and port others can dial, not 0.0.0.0:1",
        ),
        (&["--advertise", "[::1]:0"], "--advertise must be an address and port others can dial, not [::1]:0"),
        (&seeds, "--seed must be given at most 64 times, not 65"),
    ] {
        let mut chat = Chat::start(&[&["--node", "alpha", "--port", "7100"], args].concat());
        assert_eq!(chat.wait(SOON).code(), Some(2), "{said}");
        chat.expect_log(said, SOON);
    }
}

#[test]
fn a_wrong_environment_is_an_error_that_names_the_variable() {
    let long = "x".repeat(1_025);
    let not_text = OsStr::from_bytes(b"caf\xe9");
    for (variable, value, said) in [
        ("MURMER_COOKIE", OsStr::new(""), "MURMER_COOKIE is empty: set it"),
        ("MURMER_COOKIE", not_text, "MURMER_COOKIE is not UTF-8 text"),
        ("MURMER_COOKIE", OsStr::new(&long), "MURMER_COOKIE must be 1 to 1,024 bytes, not 1025 bytes"),
        (
            "MURMER_COOKIE_FILE",
            OsStr::new("/nowhere/cookie"),
            "MURMER_COOKIE_FILE: can't open /nowhere/cookie",
        ),
        ("MURMER_COOKIE_FILE", OsStr::new("/dev/null"), "MURMER_COOKIE_FILE is empty: set it"),
        ("MURMER_COOKIE_FILE", OsStr::new("/dev/zero"), "/dev/zero has more than 4096 bytes"),
        ("MURMER_HEALTH", OsStr::new("9100"), "MURMER_HEALTH \"9100\" is not an address and port"),
        ("MURMER_LOG", OsStr::new("murmer=loud"), "MURMER_LOG \"murmer=loud\": error parsing level filter"),
        ("MURMER_LOG", not_text, "MURMER_LOG is not UTF-8 text"),
    ] {
        let args = ["--node", "alpha", "--port", "7100"];
        let mut chat = Chat::spawn(Chat::command(&args).env(variable, value));
        assert_eq!(chat.wait(SOON).code(), Some(2), "{said}");
        chat.expect_log(said, SOON);
    }
}

#[test]
fn the_environment_is_only_asked_for_what_no_flag_says() {
    let port = free_port().to_string();
    let args = ["--node", "alpha", "--port", &port, "--cookie", "a cookie for tests"];
    let mut chat = Chat::spawn(Chat::command(&args).env("MURMER_COOKIE", ""));
    chat.expect("Started room: #alpha", SOON);
}

#[test]
fn help_is_not_an_error() {
    let mut chat = Chat::start(&["--help"]);
    assert_eq!(chat.line(SOON), "A chat in one process, or over a cluster of them.");
    assert!(chat.wait(SOON).success());
}
