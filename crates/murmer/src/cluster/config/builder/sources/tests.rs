//! Each key by each way, and what each mistake says.

mod files;
mod sample_file;
mod samples;
mod variables;

use std::fmt::Debug;

use self::samples::{SAMPLES, Sample};
use super::keys::{Key, QUIC, Table};
use super::{ClusterConfigBuilder, SourceError};
use crate::cluster::config::ClusterConfig;

/// All settings, secrets included: what isn't in here isn't compared. Neither where they came from nor what was
/// misspelt is a setting.
fn shown(config: ClusterConfigBuilder) -> String {
    let stable_key = config.quic.stable_key;
    let ClusterConfigBuilder {
        name,
        cluster,
        listen,
        advertise,
        cookie,
        previous_cookie,
        seeds,
        discoveries,
        mdns,
        gossip,
        profile,
        detection,
        join_wait,
        ask_timeout,
        mailbox_wait,
        message_bytes_max,
        quic,
        origins: _,
        misspelt: _,
    } = config;
    let parts: [&dyn Debug; 17] = [
        &name,
        &cluster,
        &listen,
        &advertise,
        &cookie,
        &previous_cookie,
        &seeds,
        &discoveries,
        &mdns,
        &gossip,
        &profile,
        &detection,
        &join_wait,
        &ask_timeout,
        &mailbox_wait,
        &message_bytes_max,
        &(quic, stable_key),
    ];
    format!("{parts:#?}")
}

fn by_file(text: &str) -> Result<ClusterConfigBuilder, SourceError> {
    ClusterConfig::builder().toml(text, "murmer.toml")
}

fn by_variable(name: &str, value: &str) -> Result<ClusterConfigBuilder, SourceError> {
    ClusterConfig::builder().variables([(name, value)])
}

/// What is wrong, as whoever wrote it is told.
fn said<T: Debug>(refused: Result<T, SourceError>) -> String {
    refused.unwrap_err().to_string()
}

/// A file that gives `key` this value, in its second line.
fn line_of(key: &Key, value: &str) -> String {
    match key.table() {
        Table::Top => format!("\n{} = {value}", key.name),
        Table::Quic => format!("[{QUIC}]\n{} = {value}", key.name),
    }
}

fn key_of(sample: &Sample) -> &'static Key {
    let table = if sample.key.starts_with("quic.") { Table::Quic } else { Table::Top };
    Key::find(table, sample.key.trim_start_matches("quic.")).unwrap_or_else(|| panic!("{}", sample.key))
}

#[test]
fn there_is_a_sample_of_every_key_and_every_name_is_there_once() {
    let keys: Vec<_> = Key::all().map(ToString::to_string).collect();
    assert_eq!(keys, SAMPLES.iter().map(|sample| sample.key).collect::<Vec<_>>());
    // Errors of `build` know no tables.
    let mut names: Vec<_> = Key::all().map(|key| key.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), keys.len());
}

/// The fields of what `shown` shows: those of structs show their names in front of them.
fn fields(shown: &str) -> impl Iterator<Item = &str> {
    shown.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name)
}

#[test]
fn every_setting_of_detection_and_of_the_transport_has_a_key() {
    let ClusterConfigBuilder { detection, quic, .. } = ClusterConfig::builder();
    for (table, shown) in [(Table::Top, format!("{detection:#?}")), (Table::Quic, format!("{quic:#?}"))] {
        let mut fields: Vec<_> = fields(&shown).filter(|name| *name != "limits").collect();
        let names = || Key::all().filter(|key| key.table() == table).map(|key| key.name);
        let mut keys: Vec<_> = match table {
            // Those of detection are some of those at the top.
            Table::Top => names().filter(|name| fields.contains(name)).collect(),
            Table::Quic => names().collect(),
        };
        fields.sort_unstable();
        keys.sort_unstable();
        assert_eq!(fields, keys);
        assert!(fields.len() > 10, "{shown}");
    }
}

#[test]
fn a_file_the_environment_and_code_set_the_same() {
    for sample in SAMPLES {
        let key = key_of(sample);
        let in_code = shown((sample.in_code)(ClusterConfig::builder()));
        let in_file = by_file(&line_of(key, sample.in_file));
        assert_eq!(shown(in_file.unwrap()), in_code, "{key}");
        let variable = by_variable(&key.variable(), sample.in_variable);
        assert_eq!(shown(variable.unwrap()), in_code, "{}", key.variable());
        assert_ne!(in_code, shown(ClusterConfig::builder()), "{key}: a sample that tells nothing");
    }
}

#[test]
fn a_value_that_can_t_be_is_named_with_its_place_and_what_was_expected() {
    for sample in SAMPLES {
        let key = key_of(sample);
        let expected = if key.name == key.setting { sample.expected } else { "the path of a file in quotes" };
        for (value, given) in [("{ }", "a table"), ("[[]]", "a list"), ("1979-05-27", "a date or time")] {
            // Of a list of seeds it is the first of them.
            let is_seeds = key.name == "seed_nodes" && given == "a list";
            let expected = if is_seeds { "an address or host name with its port" } else { expected };
            let said = said(by_file(&line_of(key, value)));
            assert!(said.starts_with(&format!("murmer.toml:2: {key} must be {expected}")), "{said}");
            assert!(said.ends_with(&format!(", not {given}")), "{said}");
        }
        if sample.in_variable_wrong.is_empty() {
            continue;
        }
        let said = said(by_variable(&key.variable(), sample.in_variable_wrong));
        let given =
            if key.is_secret { "other text".to_owned() } else { format!("{:?}", sample.in_variable_wrong) };
        // Of a list, one.
        let expected = if key.name == "seed_nodes" { "addresses or host names" } else { sample.expected };
        assert!(said.starts_with(&format!("{} must be {expected}", key.variable())), "{said}");
        assert!(said.ends_with(&format!(", not {given}")), "{said}");
    }
}

#[test]
fn what_is_set_in_code_is_no_longer_from_anywhere() {
    for sample in SAMPLES {
        let key = key_of(sample);
        let given = by_file(&line_of(key, sample.in_file)).unwrap();
        assert_eq!(given.origin(key.setting).unwrap().to_string(), format!("murmer.toml:2: {key}"));
        assert!(given.origin("nothing").is_none());
        assert!((sample.in_code)(given).origin(key.setting).is_none(), "{key}");
    }
}

#[test]
fn the_last_one_to_say_something_is_right_and_is_the_one_that_errors_name() {
    let file = "name = \"alpha\"\njoin_wait = \"20m\"\ncluster = \"one\"";
    let config = by_file(file).unwrap().variables([("MURMER_NAME", "be ta"), ("PATH", "/bin")]).unwrap();
    let config = config.cookie("a cookie for tests").cluster("");
    let refused = |config: ClusterConfigBuilder| config.build().unwrap_err().to_string();
    assert_eq!(refused(config.clone()), "cluster must be 1 to 255 bytes, not 0 bytes");
    let config = config.cluster("two");
    let said = "murmer.toml:2: join_wait must be at most 10 minutes, not 1200s";
    assert_eq!(refused(config.clone()), said);
    let config = config.variables([("MURMER_JOIN_WAIT", "11m")]).unwrap();
    assert_eq!(refused(config.clone()), "MURMER_JOIN_WAIT must be at most 10 minutes, not 660s");
    let config = config.join_wait(std::time::Duration::ZERO);
    assert_eq!(refused(config.clone()), "MURMER_NAME \"be ta\" can't be a node's name");
    assert!(config.name("gamma").build().is_ok());
}

#[test]
fn a_range_that_depends_on_another_setting_names_where_that_came_from() {
    let refused = |text: &str| {
        let config = by_file(text).unwrap().cookie("a cookie for tests");
        config.build().unwrap_err().to_string()
    };
    assert_eq!(
        refused("\n\nprobe_every = \"200ms\""),
        "probe_rtt must be 10 ms to half of probe_every, not 200ms (murmer.toml:3: probe_every)"
    );
    assert_eq!(
        refused("probe_rtt = \"250ms\"\nprobe_every = \"200ms\""),
        "murmer.toml:1: probe_rtt must be 10 ms to half of probe_every, not 250ms"
    );
    assert_eq!(
        refused("quic.idle_timeout = \"3s\""),
        "keep_alive must be 10 ms to a third of idle_timeout, not 2s (murmer.toml:1: quic.idle_timeout)"
    );
    assert_eq!(
        refused("[quic]\nmtu_max = 9000"),
        "murmer.toml:2: quic.mtu_max must be 1,200 to 6,000, not 9000"
    );
}
