//! What of this program's own comes from the environment: as strictly read as the flags are.

use std::env::{self, VarError};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{anyhow, bail};
use tracing_subscriber::EnvFilter;

/// Where the file of settings is, if there is one.
pub(super) fn config() -> anyhow::Result<Option<PathBuf>> {
    match env::var_os(CONFIG) {
        Some(path) if path.is_empty() => {
            bail!("{CONFIG} is empty: set it to a file of settings, or unset it")
        }
        path => Ok(path.map(PathBuf::from)),
    }
}

/// Where to answer about health, if anywhere.
pub(super) fn health() -> anyhow::Result<Option<SocketAddr>> {
    let Some(wanted) = text(HEALTH)? else { return Ok(None) };
    let addr = wanted.parse();
    addr.map(Some)
        .map_err(|_| anyhow!("{HEALTH} {wanted:?} is not an address and port, such as 127.0.0.1:9100"))
}

/// How much is logged.
pub(super) fn log(default: &str) -> anyhow::Result<EnvFilter> {
    let Some(wanted) = text(LOG)? else { return Ok(EnvFilter::new(default)) };
    EnvFilter::try_new(&wanted).map_err(|error| anyhow!("{LOG} {wanted:?}: {error}"))
}

fn text(variable: &str) -> anyhow::Result<Option<String>> {
    match env::var(variable) {
        Ok(text) => Ok(Some(text)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => bail!("{variable} is not UTF-8 text"),
    }
}

pub(super) const CONFIG: &str = "MURMER_CONFIG";
const HEALTH: &str = "MURMER_HEALTH";
const LOG: &str = "MURMER_LOG";
