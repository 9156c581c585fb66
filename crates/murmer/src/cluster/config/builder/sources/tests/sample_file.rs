//! `deploy/murmer.toml` has every key, at its default.

use std::fs;

use super::{ClusterConfigBuilder, Key, QUIC, Table, by_file, shown};
use crate::cluster::config::{ClusterConfig, Profile};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/murmer.toml");

/// Of these there is none, or it isn't known beforehand.
const WITHOUT_DEFAULT: [&str; 8] = [
    "name",
    "advertise",
    "cookie",
    "cookie_file",
    "previous_cookie",
    "previous_cookie_file",
    "mdns",
    "quic.stable_key",
];

/// What is behind a `#`, without a space as prose has it; with the table that it stands in.
fn settings() -> Vec<(Table, String)> {
    let text = fs::read_to_string(PATH).unwrap();
    let mut table = Table::Top;
    let mut settings = Vec::new();
    for line in text.lines() {
        match line.strip_prefix('#') {
            Some(line) if line.starts_with(|c: char| !c.is_whitespace()) => {
                settings.push((table, line.to_owned()));
            }
            Some(_) => {}
            None if line == format!("[{QUIC}]") => table = Table::Quic,
            None => assert_eq!(line, "", "neither a comment nor a table"),
        }
    }
    settings
}

fn key_of(table: Table, line: &str) -> &'static Key {
    let name = line.split(" = ").next().unwrap();
    Key::find(table, name).unwrap_or_else(|| panic!("{line}"))
}

fn alone(table: Table, line: &str) -> String {
    if table == Table::Quic { format!("[{QUIC}]\n{line}") } else { line.to_owned() }
}

#[test]
fn every_key_is_there_once_and_the_file_as_it_is_sets_nothing() {
    let mut there: Vec<_> = settings().iter().map(|(table, line)| key_of(*table, line).to_string()).collect();
    let mut keys: Vec<_> = Key::all().map(ToString::to_string).collect();
    there.sort_unstable();
    keys.sort_unstable();
    assert_eq!(there, keys);
    let config = ClusterConfig::builder().file(PATH).unwrap();
    assert_eq!(shown(config), shown(ClusterConfig::builder()));
}

#[test]
fn each_value_is_the_default() {
    // The profile's values are not set until then.
    let built = |config: ClusterConfigBuilder| {
        let config = config.cookie("a cookie for tests").build().unwrap();
        let swim = format!("{:?}", config.swim);
        (
            format!("{config:?}{:?}{:?}", config.discoveries, config.quic),
            config.gossip,
            swim,
            [config.join_wait, config.ask_timeout, config.mailbox_wait],
            config.message_bytes_max,
        )
    };
    let default = built(ClusterConfig::builder());
    for (table, line) in settings() {
        let key = key_of(table, &line).to_string();
        if key.ends_with("_file") {
            continue; // There is none of that name.
        }
        let config = by_file(&alone(table, &line)).unwrap();
        if WITHOUT_DEFAULT.contains(&&*key) {
            assert_ne!(shown(config), shown(ClusterConfig::builder()), "{line}");
        } else {
            assert_eq!(built(config), default, "{line}");
        }
    }
}

#[test]
fn all_of_it_together_is_a_config() {
    let lines: Vec<_> = settings().into_iter().filter(|(_, line)| !line.contains("cookie_file")).collect();
    let of =
        |table| lines.iter().filter(move |line| line.0 == table).map(|line| &*line.1).collect::<Vec<_>>();
    let text = format!("{}\n[{QUIC}]\n{}", of(Table::Top).join("\n"), of(Table::Quic).join("\n"));
    let config = by_file(&text).unwrap();
    assert_eq!(config.profile, Profile::Lan);
    assert!(config.build().is_ok());
}

#[test]
fn whichever_letter_is_wrong_the_file_is_read_or_the_error_says_where() {
    for (table, line) in settings() {
        for (at, _) in line.char_indices() {
            for wrong in ["", "\"", "'", "[", "}", "=", ".", "#", "9", "-", "\n", "\\", "\0", "é"] {
                let line = format!("{}{wrong}{}", &line[..at], &line[at + 1..]);
                if let Err(error) = by_file(&alone(table, &line)) {
                    let said = error.to_string();
                    let place = said.strip_prefix("murmer.toml:").and_then(|rest| rest.split(':').next());
                    let at = place.and_then(|line| line.parse::<usize>().ok());
                    assert!(at.is_some_and(|at| (1..=3).contains(&at)), "{line}: {said}");
                    // What the samples of secrets have in them.
                    assert!(
                        !said.contains("horse") && !said.contains("ter2") && !said.contains("0a0b"),
                        "{said}"
                    );
                }
            }
        }
    }
}
