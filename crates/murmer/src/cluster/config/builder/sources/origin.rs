//! Where a setting was given, if it wasn't in code: so that whoever wrote it finds it.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::keys::{Key, Table};
use crate::cluster::config::ConfigError;

/// Where a setting was given: a line of a file, or a variable of the environment. Shown, it says where that is.
///
/// # Examples
///
/// ```
/// use murmer::cluster::config::ClusterConfig;
///
/// let config = ClusterConfig::builder().variables([("MURMER_NAME", "alpha")])?;
/// assert_eq!(config.origin("name").map(ToString::to_string).as_deref(), Some("MURMER_NAME"));
/// assert!(config.name("beta").origin("name").is_none()); // that is in code
/// # Ok::<(), murmer::cluster::config::SourceError>(())
/// ```
#[derive(Clone)]
pub struct Origin {
    key: &'static Key,
    place: Place,
}

#[derive(Clone)]
pub(super) enum Place {
    /// A file, or what else is called so, and the line in it.
    Line { file: Arc<str>, line: usize },
    /// The variable that is called after the key.
    Variable,
}

impl Origin {
    pub(super) const fn new(key: &'static Key, place: Place) -> Self {
        Self { key, place }
    }

    /// The same in another line, for one of several values.
    pub(super) fn at(&self, at: usize) -> Self {
        let mut place = self.place.clone();
        if let Place::Line { line, .. } = &mut place {
            *line = at;
        }
        Self { key: self.key, place }
    }

    /// How a sentence about `setting` begins.
    pub(in crate::cluster::config) fn subject(origin: Option<&Self>, setting: &str) -> String {
        match origin {
            Some(origin) if origin.key.name == setting => origin.to_string(),
            // What the key names holds it.
            Some(origin) if origin.key.setting == setting => format!("{origin}: {setting}"),
            _ => setting.to_owned(),
        }
    }

    /// How it ends, if what is at fault may be another setting.
    pub(in crate::cluster::config) fn aside(origin: Option<&Self>, setting: &str) -> String {
        match origin {
            Some(origin) if origin.key.setting != setting => format!(" ({origin})"),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Line { file, line } => write!(f, "{file}:{line}: {}", self.key),
            Place::Variable => f.write_str(&self.key.variable()),
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

/// The origins of those settings that were not set in code, by setting: one for each key at the most.
#[derive(Clone, Default)]
pub(in crate::cluster::config::builder) struct Origins(BTreeMap<&'static str, Origin>);

impl Origins {
    pub(super) fn insert(&mut self, origin: Origin) {
        self.0.insert(origin.key.setting, origin);
    }

    /// `setting` was set in code.
    pub(in crate::cluster::config::builder) fn forget(&mut self, setting: &str) {
        self.0.remove(setting);
    }

    /// All that is in `quic` was.
    pub(in crate::cluster::config::builder) fn forget_quic(&mut self) {
        self.0.retain(|_, origin| origin.key.table() != Table::Quic);
    }

    pub(super) fn get(&self, setting: &str) -> Option<&Origin> {
        self.0.get(setting)
    }

    /// The same error, with where its setting came from.
    pub(in crate::cluster::config::builder) fn explain(&self, error: ConfigError) -> ConfigError {
        match error {
            ConfigError::Name { given, source, .. } => {
                ConfigError::Name { given, source, origin: self.get("name").cloned() }
            }
            ConfigError::Range { setting, range, given, .. } => {
                let origin = self.get(setting).or_else(|| self.named_in(range)).cloned();
                ConfigError::Range { setting, range, given, origin }
            }
            ConfigError::NoCookie => ConfigError::NoCookie,
        }
    }

    /// A range that depends on another setting says which: "10 ms to half of probe_every".
    fn named_in(&self, range: &str) -> Option<&Origin> {
        range.split(|c: char| !c.is_ascii_lowercase() && c != '_').find_map(|word| self.get(word))
    }
}
