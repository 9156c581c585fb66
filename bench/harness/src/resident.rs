//! How much memory this process has.

use std::fs;

use anyhow::{Context, Result};

/// Bytes of this process that are in memory. Linux only: elsewhere there is no such file.
pub(crate) fn resident_bytes() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/status").context("resident memory is read on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: usize = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1_024)
}
