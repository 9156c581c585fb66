//! What makes this process a node.

use std::net::SocketAddr;

use anyhow::anyhow;
use murmer::cluster::config::{ClusterConfig, ClusterConfigBuilder, ConfigError};

use super::environment;

pub(crate) struct NodeArgs {
    pub(crate) name: String,
    pub(crate) config: ClusterConfig,
    /// Whether the cookie is the one that everybody knows.
    pub(crate) is_cookie_public: bool,
    /// Where to answer about health.
    pub(crate) health: Option<SocketAddr>,
}

impl NodeArgs {
    /// Completes `config`. What it refuses is as wrong on the command line as a flag that doesn't exist.
    pub(super) fn new(
        name: String,
        config: ClusterConfigBuilder,
        cookie: Option<String>,
    ) -> anyhow::Result<Self> {
        let given = match cookie {
            Some(cookie) => Some((cookie, "--cookie")),
            None => environment::cookie()?,
        };
        let is_cookie_public = given.is_none();
        let (cookie, source) = given.unwrap_or_else(|| (DEFAULT_COOKIE.to_owned(), "the default cookie"));
        let config = config.cookie(cookie).build().map_err(|error| refused(error, source))?;
        Ok(Self { name, config, is_cookie_public, health: None })
    }
}

/// The same in terms of flags.
fn refused(error: ConfigError, cookie: &str) -> anyhow::Error {
    match error {
        ConfigError::Range { setting: "cookie", range, given } => {
            anyhow!("{cookie} must be {range}, not {given}")
        }
        ConfigError::Range { setting: "advertise", range, given } => {
            anyhow!("--advertise must be {range}, not {given}")
        }
        ConfigError::Range { setting: "seed_nodes", range, given } => {
            anyhow!("--seed must be given {range} times, not {given}")
        }
        other => other.into(),
    }
}

/// Long enough not to be warned about, public enough to be.
pub(crate) const DEFAULT_COOKIE: &str = "murmer-example-cookie";
