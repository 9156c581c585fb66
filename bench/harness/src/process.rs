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
            // One may end between the two looks.
            let Ok(times) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            let ran = times.split(' ').next().context("an empty schedstat")?;
            sum += ran.parse::<u64>()?;
        }
        Ok(sum)
    }
}

/// Datagrams and TCP segments that this machine has sent by now, or this process's part of it, if it has a
/// network of its own. A batch of datagrams that the kernel takes as one is one.
pub(crate) fn packets_sent() -> Result<u64> {
    let counters = fs::read_to_string("/proc/net/snmp").context("packets are counted on Linux only")?;
    Ok(counter(&counters, "Udp:", "OutDatagrams")? + counter(&counters, "Tcp:", "OutSegs")?)
}

/// A protocol has a line of names, and one of numbers below it.
fn counter(counters: &str, protocol: &str, name: &str) -> Result<u64> {
    let mut lines = counters.lines().filter(|line| line.starts_with(protocol));
    let (names, numbers) = lines.next().zip(lines.next()).context("a protocol without counters")?;
    let mut pairs = names.split(' ').zip(numbers.split(' '));
    let (_, number) = pairs.find(|(other, _)| *other == name).context("no such counter")?;
    Ok(number.parse()?)
}
