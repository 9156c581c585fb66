//! What comes from the environment: as strictly read as the flags are.

use std::env::{self, VarError};

use anyhow::{anyhow, bail};
use tracing_subscriber::EnvFilter;

/// The cookie, if there is one. An empty one is an error: whoever set it meant something by it, and
/// would get the well-known one instead.
pub(super) fn cookie() -> anyhow::Result<Option<String>> {
    let cookie = text(COOKIE)?;
    if cookie.as_ref().is_some_and(String::is_empty) {
        bail!("{COOKIE} is empty: set it to what all nodes of the cluster know, or unset it");
    }
    Ok(cookie)
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
        // Not shown: it may be a secret.
        Err(VarError::NotUnicode(_)) => bail!("{variable} is not UTF-8 text"),
    }
}

pub(super) const COOKIE: &str = "MURMER_COOKIE";
const LOG: &str = "MURMER_LOG";
