//! What comes from the environment: as strictly read as the flags are.

use std::env::{self, VarError};
use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use tracing_subscriber::EnvFilter;

/// The cookie, if there is one, and the variable that it came by. An empty one is an error: whoever set it meant
/// something by it, and would get the well-known one instead.
pub(super) fn cookie() -> anyhow::Result<Option<(String, &'static str)>> {
    let (cookie, source) = match (text(COOKIE)?, path(COOKIE_FILE)) {
        (Some(_), Some(_)) => bail!("{COOKIE} and {COOKIE_FILE} are both set: unset one"),
        (Some(cookie), None) => (cookie, COOKIE),
        (None, Some(path)) => (secret(&path)?, COOKIE_FILE),
        (None, None) => return Ok(None),
    };
    if cookie.is_empty() {
        bail!("{source} is empty: set it to what all nodes of the cluster know, or unset it");
    }
    Ok(Some((cookie, source)))
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
        // Not shown: it may be a secret.
        Err(VarError::NotUnicode(_)) => bail!("{variable} is not UTF-8 text"),
    }
}

fn path(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from)
}

/// What a file holds, but for a line's end at its end: editors and `echo` leave one.
fn secret(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{COOKIE_FILE}: can't open {shown}"))?;
    let mut text = String::new();
    let read = file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text);
    read.with_context(|| format!("{COOKIE_FILE}: can't read {shown} as UTF-8 text"))?;
    if text.len() as u64 > SECRET_BYTES_MAX {
        bail!("{COOKIE_FILE}: {shown} has more than {SECRET_BYTES_MAX} bytes, which no cookie has");
    }
    let line = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(line.to_owned())
}

const COOKIE: &str = "MURMER_COOKIE";
const COOKIE_FILE: &str = "MURMER_COOKIE_FILE";
const HEALTH: &str = "MURMER_HEALTH";
const LOG: &str = "MURMER_LOG";
/// More than the longest cookie, which is refused where its length is known to be the reason.
const SECRET_BYTES_MAX: u64 = 4_096;
