//! What only a file can get wrong.

use std::fs;
use std::path::{Path, PathBuf};

use super::{by_file, said};
use crate::cluster::config::{ClusterConfig, ClusterConfigBuilder, SourceError};

/// A folder that is gone with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("murmer-files-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What remains is in a folder for what remains.
        drop(fs::remove_dir_all(&self.0));
    }
}

fn file(path: &Path) -> Result<ClusterConfigBuilder, SourceError> {
    ClusterConfig::builder().file(path)
}

#[test]
fn a_name_that_there_isn_t_is_an_error_that_says_which_was_meant() {
    for (text, expected) in [
        ("nmae = 1", "murmer.toml:1: there is no setting \"nmae\": did you mean name?"),
        (
            "\n# ask_timeout\nask-timeout = '2s'",
            "murmer.toml:3: there is no setting \"ask-timeout\": did you mean ask_timeout?",
        ),
        ("mtu_max = 1", "murmer.toml:1: there is no setting \"mtu_max\": it belongs into the table [quic]"),
        (
            "[quic]\nname = 'a'",
            "murmer.toml:2: there is no setting \"quic.name\": it belongs at the top, above [quic]",
        ),
        ("quic = 5", "murmer.toml:1: there is no setting \"quic\": it is a table: write [quic]"),
        ("[[quic]]\nmtu_max = 1", "murmer.toml:1: there is no setting \"quic\": it is a table: write [quic]"),
        (
            "[quic.limits]\nstreams = 1",
            "murmer.toml:1: there is no setting \"quic.limits\": there are keep_alive, ",
        ),
        ("[quick]\nmtu_max = 1", "murmer.toml:1: there is no setting \"quick\": did you mean [quic]?"),
        ("[chat]\nhealth = 1", "murmer.toml:1: there is no setting \"chat\": there are name, cluster, "),
    ] {
        let said = said(by_file(text));
        assert!(said.starts_with(expected), "{said}");
    }
    let said_of_long = said(by_file(&format!("{} = 1", "x".repeat(1_000))));
    let shown = format!("murmer.toml:1: there is no setting \"{}\"…: there are name, ", "x".repeat(64));
    assert!(said_of_long.starts_with(&shown), "{said_of_long}");
    assert!(said(by_file("[chat]")).ends_with(", message_bytes_max, and the table [quic]"));
}

#[test]
fn of_several_mistakes_the_first_is_told() {
    let text = "\nname = 'alpha'\nzeta = 1\ngossip = 1\ncookie = 2\n[quic]\nmtu_max = ''";
    assert!(said(by_file(text)).starts_with("murmer.toml:3: there is no setting \"zeta\""));
    let text = text.replace("zeta = 1\n", "");
    assert_eq!(said(by_file(&text)), "murmer.toml:3: gossip must be true or false, not 1");
    let text = text.replace("gossip = 1\n", "");
    assert_eq!(said(by_file(&text)), "murmer.toml:3: cookie must be text in quotes, not a number");
    let text = text.replace("cookie = 2\n", "");
    assert!(said(by_file(&text)).starts_with("murmer.toml:4: quic.mtu_max must be a number of bytes"));
}

#[test]
fn what_is_no_toml_is_an_error_of_its_line_and_shows_no_secret() {
    for (text, line) in [
        ("cookie = hunter2hunter2", 1),
        ("\ncookie = \"hunter2hunter2", 2),
        ("cookie = 'hunter2hunter2'\ncookie = 'hunter2hunter2'", 2),
        ("# x\n\ncookie hunter2hunter2", 3),
        ("cookie = \"hunter2\\qhunter2\"", 1),
        ("[quic]\n[quic]", 2),
        ("name = 'alpha'\nname = 'beta'", 2),
        ("name = ", 1),
    ] {
        let error = by_file(text).unwrap_err();
        let said = format!("{error}");
        assert!(said.starts_with(&format!("murmer.toml:{line}: ")), "{said}");
        assert!(!said.contains("hunter2") && !said.contains('\n') && said.len() > 20, "{said}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
    // What is known to be no secret helps to find it.
    assert_eq!(said(by_file("name = 'a'\nname = 'b'")), "murmer.toml:2: name: duplicate key");
    assert!(
        said(by_file("quic.mtu_max = 1\nask_timeout = 2s")).starts_with("murmer.toml:2: ask_timeout: string")
    );
    assert!(said(by_file("'hunter2' = 1\n'hunter2' = 2")).ends_with("toml:2: duplicate key"));
    let deep = format!("name = {}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(matches!(by_file(&deep), Err(SourceError::Syntax { .. })));
}

#[test]
fn a_secret_of_the_wrong_kind_is_not_shown() {
    for (line, given) in [
        ("cookie = 4711", "a number"),
        ("cookie = ['hunter2']", "a list"),
        ("previous_cookie = { hunter2 = 'hunter2' }", "a table"),
        ("quic.stable_key = 'hunter2'", "other text"),
        ("cookie = true", "true or false"),
    ] {
        let error = by_file(line).unwrap_err();
        assert!(error.to_string().ends_with(&format!(", not {given}")), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn text_numbers_and_switches_are_told_apart() {
    for (line, expected) in [
        ("gossip = 'false'", "gossip must be true or false, without quotes, not \"false\""),
        ("indirect_probes = '3'", "indirect_probes must be a whole number, without quotes, not \"3\""),
        ("indirect_probes = 3.0", "indirect_probes must be a whole number, not a number with a fraction"),
        ("indirect_probes = 0x3", "indirect_probes must be a whole number, not a number that isn't decimal"),
        ("indirect_probes = -3", "indirect_probes must be a whole number, not -3"),
        ("transmissions_min = 256", "transmissions_min must be a whole number, and below 2^8, not 256"),
        ("ask_timeout = 30", "ask_timeout must be a duration such as \"30s\", in ms, s, m, h or d, not 30"),
        (
            "seed_nodes = ['alpha:1',\n'beta']",
            "seed_nodes must be an address or host name with its port, such as \"alpha:7100\", not \"beta\"",
        ),
        (
            "seed_nodes = 'alpha:1'",
            "seed_nodes must be a list such as [\"10.0.0.1:7100\", \"alpha:7100\"], not \"alpha:1\"",
        ),
        (
            "quic.socket_send_buffer = 'none'",
            "quic.socket_send_buffer must be a number of bytes such as 4096 or \"4MiB\" (KiB, MiB, GiB), or \"system\" for its default, not \"none\"",
        ),
    ] {
        // Of a list, where its wrong item is.
        let at = line.lines().count();
        assert_eq!(said(by_file(line)), format!("murmer.toml:{at}: {expected}"));
    }
    let long = format!("profile = '{}'", "é".repeat(100));
    assert!(said(by_file(&long)).ends_with(&format!("not \"{}\"…", "é".repeat(64))));
}

#[test]
fn a_file_that_can_t_be_read_is_named_and_one_of_a_byte_too_many_is_not_read() {
    let folder = Folder::new("unreadable");
    let missing = folder.0.join("nowhere.toml");
    assert_eq!(said(file(&missing)), format!("can't open {}", missing.display()));
    assert_eq!(said(file(&folder.0)), format!("can't read {}", folder.0.display()));
    let latin = folder.write("latin.toml", b"name = 'caf\xe9'");
    assert_eq!(said(file(&latin)), format!("{} is not UTF-8 text", latin.display()));
    let mut text = "#".repeat(1 << 20);
    let large = folder.write("large.toml", &text);
    assert!(file(&large).is_ok());
    text.push('#');
    let large = folder.write("large.toml", &text);
    assert_eq!(said(file(&large)), format!("{} has more than 1048576 bytes", large.display()));
}

#[test]
fn a_secret_s_file_is_beside_the_file_that_names_it_and_loses_one_line_s_end() {
    let folder = Folder::new("secrets");
    let settings = folder.write("murmer.toml", "\ncookie_file = 'secret'\n");
    let wrong = |bytes: &[u8]| {
        folder.write("secret", bytes);
        let refused = file(&settings).map(|config| config.build().unwrap_err().to_string());
        let said = refused.unwrap_or_else(|error| error.to_string());
        let at = format!("{}:2: cookie_file", settings.display());
        said.strip_prefix(&at).unwrap_or_else(|| panic!("{said}")).replace(&*folder.0.to_string_lossy(), "")
    };
    let empty = " is empty: set it to a file that holds the secret, which /secret doesn't, or leave it out";
    assert_eq!(wrong(b""), empty);
    assert_eq!(wrong(b"\r\n"), empty);
    assert_eq!(wrong(b"\xff"), ": /secret is not UTF-8 text");
    assert_eq!(wrong(&[b'x'; 4_097]), ": /secret has more than 4096 bytes");
    assert_eq!(wrong(&[b'x'; 1_025]), ": cookie must be 1 to 1,024 bytes, not 1025 bytes");
    for (bytes, secret) in [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a "), ("a\r", "a\r")] {
        folder.write("secret", bytes);
        assert_eq!(file(&settings).unwrap().cookie.as_deref(), Some(secret));
    }
    fs::remove_file(folder.0.join("secret")).unwrap();
    assert!(
        said(file(&settings)).ends_with(&format!("cookie_file: can't open {}/secret", folder.0.display()))
    );
}
