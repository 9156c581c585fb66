//! What the kernel says about a process. Linux only: elsewhere there are no such files.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// A process, by the folder that tells of it.
pub(crate) struct Process {
    folder: PathBuf,
}

impl Process {
    pub(crate) fn this() -> Self {
        Self { folder: "/proc/self".into() }
    }

    pub(crate) fn numbered(id: u32) -> Self {
        Self { folder: format!("/proc/{id}").into() }
    }

    /// Bytes of it that are in memory.
    pub(crate) fn resident_bytes(&self) -> Result<usize> {
        let status = fs::read_to_string(self.folder.join("status"))
            .context("resident memory is read on Linux only")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: usize = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1_024)
    }

    /// Nanoseconds for which its threads have run; those that have ended aren't counted.
    pub(crate) fn cpu_ns(&self) -> Result<u64> {
        let mut sum = 0;
        for thread in fs::read_dir(self.folder.join("task")).context("CPU time is read on Linux only")? {
            let times = fs::read_to_string(thread?.path().join("schedstat"))?;
            let ran = times.split(' ').next().context("an empty schedstat")?;
            sum += ran.parse::<u64>()?;
        }
        Ok(sum)
    }
}
