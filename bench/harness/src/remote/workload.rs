//! What is measured between two processes.

use std::str::FromStr;

use anyhow::bail;

use super::MESSAGE_BYTES;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// One ask at a time.
    Ask1,
    /// 64 at a time.
    Ask64,
    /// 512 at a time, to one actor or to many.
    Ask512,
    /// One way.
    Tell,
    /// Asks with 64 KiB each.
    Payload64k,
    /// Asks with 1 MiB each.
    Payload1m,
    /// Actors are started while the client waits for them.
    Appear,
    /// What it takes to know an actor on another node.
    Known,
}

/// Asks that are on their way together, and what each carries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) in_flight: usize,
    pub(super) bytes: usize,
}

impl Workload {
    /// `None` for what isn't many asks at a time.
    pub(super) const fn load(self) -> Option<Load> {
        Some(match self {
            Self::Ask64 => Load { in_flight: 64, bytes: MESSAGE_BYTES },
            Self::Ask512 => Load { in_flight: 512, bytes: MESSAGE_BYTES },
            Self::Payload64k => Load { in_flight: 8, bytes: 64 << 10 },
            Self::Payload1m => Load { in_flight: 4, bytes: 1 << 20 },
            Self::Ask1 | Self::Tell | Self::Appear | Self::Known => return None,
        })
    }
}

impl FromStr for Workload {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "ask1" => Self::Ask1,
            "ask64" => Self::Ask64,
            // They differ by the number of actors, which is said beside it.
            "ask512" | "ask512x1000" => Self::Ask512,
            "tell" => Self::Tell,
            "payload64k" => Self::Payload64k,
            "payload1m" => Self::Payload1m,
            "appear" => Self::Appear,
            "known" => Self::Known,
            _ => bail!("no workload is called {name}"),
        })
    }
}
