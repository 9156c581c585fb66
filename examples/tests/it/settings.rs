//! Settings of a node from a file and from the environment, and which of them count.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ports::free_port;
use crate::process::Chat;

const SOON: Duration = Duration::from_secs(20);

/// A folder that is gone with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("murmer-settings-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for files");
        Self(path)
    }

    /// The path of a file with this text.
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("the folder is this test's");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What remains is in a folder for what remains.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The chat with these variables, without their prefix.
fn chat(args: &[&str], variables: &[(&str, &str)]) -> Chat {
    let mut command = Chat::command(args);
    command.envs(variables.iter().map(|(name, value)| (format!("MURMER_{name}"), value)));
    Chat::spawn(&mut command)
}

/// What `chat` says before it ends as one that can't be understood.
fn refused(mut chat: Chat) -> String {
    let log = chat.whole_log().to_owned();
    assert_eq!(chat.wait(SOON).code(), Some(2), "{log}");
    log.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_node_needs_no_flags_but_a_file_or_an_environment() {
    let folder = Folder::new("whole");
    folder.write("secret", "a cookie for tests\n");
    let (a, b) = (free_port(), free_port());
    let file =
        format!("name = 'alpha'\nlisten = '127.0.0.1:{a}'\ncookie_file = 'secret'\n[quic]\nstreams = 32\n");
    let mut alpha = chat(&["--config", &folder.write("alpha.toml", &file)], &[]);
    alpha.expect("Started room: #alpha", SOON);
    let (listen, seed) = (format!("127.0.0.1:{b}"), format!("127.0.0.1:{a}"));
    let mut beta = chat(
        &[],
        &[
            ("NAME", "beta"),
            ("LISTEN", &listen),
            ("SEED_NODES", &seed),
            ("COOKIE", "a cookie for tests"),
            ("ASK_TIMOUT", "2s"),
        ],
    );
    beta.expect("Started room: #beta", SOON);
    beta.ask_until("rooms", SOON, |answer| Chat::rooms(answer) == ["#alpha", "#beta"]);
    beta.expect_log("MURMER_ASK_TIMOUT is not a setting, and was not read; MURMER_ASK_TIMEOUT is one", SOON);
    // Both were told of a cookie.
    assert!(!alpha.read_log().contains("well-known") && !beta.read_log().contains("well-known"));
}

#[test]
fn the_environment_counts_more_than_a_file_and_flags_more_than_both() {
    let folder = Folder::new("order");
    let file = folder.write("murmer.toml", "name = 'of-file'\nlisten = '127.0.0.1:0'\njoin_wait = '1s'\n");
    let other = folder.write("other.toml", "name = 'of-other'\nlisten = '127.0.0.1:0'\n");
    for (args, variables, name) in [
        (&["--config", &*file][..], &[][..], "of-file"),
        (&[], &[("CONFIG", &*file)], "of-file"),
        (&["--config", &other], &[("CONFIG", &file)], "of-other"),
        (&["--config", &file], &[("NAME", "of-environment")], "of-environment"),
        (&["--config", &file, "--node", "of-flag"], &[("NAME", "of-environment")], "of-flag"),
        // Nobody asks for what a flag says.
        (&["--config", &file, "--node", "of-flag"], &[("NAME", "")], "of-flag"),
        (&["--node", "of-flag", "--port", "0"], &[("LISTEN", "here"), ("NAME", "no name")], "of-flag"),
    ] {
        let mut chat = chat(args, variables);
        assert_eq!(chat.line(SOON), format!("=== murmer cluster_chat (node {name}) ==="));
        chat.expect(&format!("Started room: #{name}"), SOON);
        chat.say("quit");
        assert!(chat.wait(SOON).success());
        assert!(chat.whole_log().contains("so the well-known \"murmer-example-cookie\" is used"));
    }
}

#[test]
fn a_mistake_is_named_with_its_line_or_variable() {
    let folder = Folder::new("mistakes");
    let said = |text: &str, args: &[&str], variables: &[(&str, &str)]| {
        let file = folder.write("murmer.toml", text);
        let log = refused(chat(&[&["--config", &file], args].concat(), variables));
        log.replace(&file, "murmer.toml")
    };
    let node = "name = 'alpha'\nlisten = '127.0.0.1:0'\n";
    for (line, expected) in [
        ("ask_timout = '2s'", "there is no setting \"ask_timout\": did you mean ask_timeout?"),
        (
            "ask_timeout = 'fast'",
            "ask_timeout must be a duration such as \"30s\", in ms, s, m, h or d, not \"fast\"",
        ),
        ("ask_timeout = '0s'", "ask_timeout must be 1 ms to a day, not 0ns"),
        ("ask_timeout = 2s", "ask_timeout: string values must be quoted, expected literal string"),
        ("[chat]", "there is no setting \"chat\": there are name, cluster, listen,"),
        ("cookie_file = '/nowhere'", "cookie_file: can't open /nowhere: No such file"),
    ] {
        let said = said(&format!("{node}{line}"), &[], &[]);
        assert!(said.starts_with(&format!("error: murmer.toml:3: {expected}")), "{said}");
    }
    let short = [("COOKIE", "a cookie for tests"), ("COOKIE_FILE", "/nowhere")];
    assert_eq!(
        said(node, &[], &short),
        "error: MURMER_COOKIE and MURMER_COOKIE_FILE are both set: leave one out"
    );
    let said_of = |variables: &[(&str, &str)]| said(node, &[], variables);
    assert_eq!(said_of(&[("GOSSIP", "")]), "error: MURMER_GOSSIP is empty: set it, or unset it");
    assert_eq!(
        said_of(&[("QUIC_MTU_MAX", "9000")]),
        "error: MURMER_QUIC_MTU_MAX must be 1,200 to 6,000, not 9000"
    );
    assert_eq!(said(node, &["--cookie", ""], &[]), "error: --cookie must be 1 to 1,024 bytes, not 0 bytes");
    let said_of = |text: &str| said(text, &[], &[]);
    assert_eq!(said_of(""), "error: murmer.toml doesn't set name: set it, or say --node NAME");
    assert_eq!(
        said_of("name = 'alpha'"),
        "error: murmer.toml:1: name is set and listen is not: set it, or say --port PORT or --listen ADDRESS:PORT"
    );
}

#[test]
fn a_file_that_isn_t_there_is_named_with_who_named_it() {
    let expected = "can't open /nowhere/murmer.toml: No such file or directory (os error 2)";
    let said = refused(chat(&["--config", "/nowhere/murmer.toml"], &[]));
    assert_eq!(said, format!("error: --config: {expected}"));
    let said = refused(chat(&[], &[("CONFIG", "/nowhere/murmer.toml")]));
    assert_eq!(said, format!("error: MURMER_CONFIG: {expected}"));
    let said = refused(chat(&["--config", ""], &[]));
    assert_eq!(said, "error: --config is empty: give it a file of settings, or leave it out");
    let said = refused(chat(&[], &[("CONFIG", "")]));
    assert_eq!(said, "error: MURMER_CONFIG is empty: set it to a file of settings, or unset it");
    let said = refused(chat(&["--local", "--config", "/nowhere"], &[]));
    assert!(said.starts_with("error: --local runs everything in one process"), "{said}");
}

#[test]
fn a_local_chat_asks_for_no_settings() {
    let mut chat = chat(&["--local"], &[("CONFIG", "/nowhere/murmer.toml"), ("GOSSIP", "")]);
    chat.expect("Started room: #general", SOON);
}

#[test]
fn the_file_that_is_there_to_be_copied_is_one() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/murmer.toml");
    let sample = sample.display().to_string();
    let mut alpha = chat(&["--config", &sample, "--node", "alpha", "--listen", "127.0.0.1:0"], &[]);
    alpha.expect("Started room: #alpha", SOON);
}
