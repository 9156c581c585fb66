//! The settings that a file or the environment may give: their names, and what each does to a builder. Files, the
//! environment, and the tests that hold the documents to it, all go by this table.
//!
//! Doesn't know ranges; `build` does.

mod quic;

use core::fmt;

use murmer_transport::QuicConfig;

use super::error::SourceError;
use super::given::Given;
use super::units::span;
use crate::cluster::config::{ClusterConfigBuilder, Downing, Profile};

/// One setting.
pub(super) struct Key {
    /// What it is called in a file: like the builder's method, or the field of `QuicConfig`.
    pub(super) name: &'static str,
    /// What is set by it: the same, but for files that hold a setting.
    pub(super) setting: &'static str,
    /// Never shown.
    pub(super) is_secret: bool,
    set: Set,
}

/// Where it stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// In none: at the top.
    Top,
    Quic,
}

#[derive(Clone, Copy)]
enum Set {
    Builder(fn(ClusterConfigBuilder, &Given<'_>) -> Result<ClusterConfigBuilder, SourceError>),
    Quic(fn(&mut QuicConfig, &Given<'_>) -> Result<(), SourceError>),
}

impl Key {
    const fn new(
        name: &'static str,
        set: fn(ClusterConfigBuilder, &Given<'_>) -> Result<ClusterConfigBuilder, SourceError>,
    ) -> Self {
        Self { name, setting: name, is_secret: false, set: Set::Builder(set) }
    }

    const fn quic(
        name: &'static str,
        set: fn(&mut QuicConfig, &Given<'_>) -> Result<(), SourceError>,
    ) -> Self {
        Self { name, setting: name, is_secret: false, set: Set::Quic(set) }
    }

    /// One that sets another setting than it is called after.
    const fn of(self, setting: &'static str) -> Self {
        Self { setting, ..self }
    }

    const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// All there are, in the order in which documents have them.
    pub(super) fn all() -> impl Iterator<Item = &'static Self> {
        TOP.iter().chain(quic::KEYS)
    }

    /// The one of this name.
    pub(super) fn find(table: Table, name: &str) -> Option<&'static Self> {
        Self::all().find(|key| key.table() == table && key.name == name)
    }

    pub(super) const fn table(&self) -> Table {
        match self.set {
            Set::Builder(_) => Table::Top,
            Set::Quic(_) => Table::Quic,
        }
    }

    /// What it is called in the environment.
    pub(super) fn variable(&self) -> String {
        let name = self.name.to_ascii_uppercase();
        match self.table() {
            Table::Top => format!("MURMER_{name}"),
            Table::Quic => format!("MURMER_QUIC_{name}"),
        }
    }

    pub(super) fn set(
        &self,
        mut config: ClusterConfigBuilder,
        given: &Given<'_>,
    ) -> Result<ClusterConfigBuilder, SourceError> {
        match self.set {
            Set::Builder(set) => set(config, given),
            Set::Quic(set) => {
                set(&mut config.quic, given)?;
                Ok(config)
            }
        }
    }
}

/// What it is called in a file, with its table.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.table() {
            Table::Top => f.write_str(self.name),
            Table::Quic => write!(f, "{QUIC}.{}", self.name),
        }
    }
}

/// The name of the one table there is.
pub(super) const QUIC: &str = "quic";

static TOP: &[Key] = &[
    Key::new("name", |config, given| Ok(config.name(given.text()?))),
    Key::new("cluster", |config, given| Ok(config.cluster(given.text()?))),
    Key::new("listen", |config, given| Ok(config.listen(given.address()?))),
    Key::new("advertise", |config, given| Ok(config.advertise(given.address()?))),
    Key::new("cookie", |config, given| Ok(config.cookie(given.text()?))).secret(),
    Key::new("cookie_file", |config, given| Ok(config.cookie(given.secret()?))).of("cookie"),
    Key::new("previous_cookie", |config, given| Ok(config.previous_cookie(given.text()?))).secret(),
    Key::new("previous_cookie_file", |config, given| Ok(config.previous_cookie(given.secret()?)))
        .of("previous_cookie"),
    Key::new("seed_nodes", |config, given| Ok(config.seed_nodes(given.seeds()?))),
    Key::new("mdns", mdns),
    Key::new("gossip", |config, given| Ok(config.gossip(given.switch()?))),
    Key::new("profile", |config, given| {
        Ok(config.profile(given.choice(&[("lan", Profile::Lan), ("wan", Profile::Wan)])?))
    }),
    Key::new("probe_every", |config, given| Ok(config.probe_every(given.span()?))),
    Key::new("probe_rtt", |config, given| Ok(config.probe_rtt(given.span()?))),
    Key::new("indirect_probes", |config, given| Ok(config.indirect_probes(given.count()?))),
    Key::new("suspect_timeout", |config, given| Ok(config.suspect_timeout(given.span()?))),
    Key::new("down_after", |config, given| Ok(config.down_after(given.span()?))),
    Key::new("downing", |config, given| Ok(config.downing(downing(given)?))),
    Key::new("veto_max", |config, given| Ok(config.veto_max(given.span()?))),
    Key::new("announce_every", |config, given| Ok(config.announce_every(given.span()?))),
    Key::new("announce_down_every", |config, given| Ok(config.announce_down_every(given.span()?))),
    Key::new("announce_down_count", |config, given| Ok(config.announce_down_count(given.count()?))),
    Key::new("gossip_every", |config, given| Ok(config.gossip_every(given.span()?))),
    Key::new("gossip_count", |config, given| Ok(config.gossip_count(given.count()?))),
    Key::new("transmissions_min", |config, given| Ok(config.transmissions_min(given.count()?))),
    Key::new("forget_after", |config, given| Ok(config.forget_after(given.span()?))),
    Key::new("join_wait", |config, given| Ok(config.join_wait(given.span()?))),
    Key::new("ask_timeout", |config, given| Ok(config.ask_timeout(given.span()?))),
    Key::new("mailbox_wait", |config, given| Ok(config.mailbox_wait(given.span()?))),
    Key::new("message_bytes_max", |config, given| Ok(config.message_bytes_max(given.bytes()?))),
];

#[cfg(feature = "mdns")]
fn mdns(config: ClusterConfigBuilder, given: &Given<'_>) -> Result<ClusterConfigBuilder, SourceError> {
    Ok(config.mdns(given.text()?))
}

#[cfg(not(feature = "mdns"))]
fn mdns(_: ClusterConfigBuilder, given: &Given<'_>) -> Result<ClusterConfigBuilder, SourceError> {
    Err(SourceError::NoFeature { origin: given.origin.clone(), feature: "mdns" })
}

/// A policy, or that of the majority with how long the rest is patient.
fn downing(given: &Given<'_>) -> Result<Downing, SourceError> {
    let expected = r#""auto", "manual", "keep_majority", or how long nothing has to change as well: "keep_majority 20s""#;
    let text = given.plain(expected)?;
    match text.split_once(' ') {
        None if text == "auto" => Ok(Downing::Auto),
        None if text == "manual" => Ok(Downing::Manual),
        None if text == "keep_majority" => Ok(Downing::keep_majority()),
        Some(("keep_majority", after)) => {
            let stable_after = span(after).ok_or_else(|| given.unexpected(expected))?;
            Ok(Downing::KeepMajority { stable_after })
        }
        _ => Err(given.unexpected(expected)),
    }
}
