//! What a message costs: CPU time of both processes, and packets.

use anyhow::Result;

use super::Child;
use crate::Figure;
use crate::process::{self, Process};

/// What had been spent at one moment.
pub(super) struct Cost {
    client_ns: u64,
    server_ns: u64,
    packets: u64,
}

impl Cost {
    pub(super) fn now(server: &Child) -> Result<Self> {
        let (client_ns, server_ns) = (Process::this().cpu_ns()?, server.process().cpu_ns()?);
        Ok(Self { client_ns, server_ns, packets: process::packets_sent()? })
    }

    /// What was spent since then, for each of so many messages.
    pub(super) fn since(&self, server: &Child, messages: u64) -> Result<[Figure; 4]> {
        let now = Self::now(server)?;
        // Less than before, if a thread that had worked has ended.
        let each = |now: u64, then: u64| now.saturating_sub(then) as f64 / messages as f64;
        let client = each(now.client_ns, self.client_ns);
        let server = each(now.server_ns, self.server_ns);
        let packets = each(now.packets, self.packets);
        Ok([
            ("cpu_ns", client + server),
            ("cpu_client_ns", client),
            ("cpu_server_ns", server),
            ("packets", packets),
        ])
    }
}
