//! CPU time of both processes, by message.

use anyhow::Result;

use super::Child;
use crate::Figure;
use crate::process::Process;

/// What both had taken at one moment.
pub(super) struct Cpu {
    client_ns: u64,
    server_ns: u64,
}

impl Cpu {
    pub(super) fn now(server: &Child) -> Result<Self> {
        Ok(Self { client_ns: Process::this().cpu_ns()?, server_ns: server.process().cpu_ns()? })
    }

    /// What they took since then, for each of so many messages.
    pub(super) fn since(&self, server: &Child, messages: u64) -> Result<[Figure; 3]> {
        let now = Self::now(server)?;
        let [client, server] = [now.client_ns - self.client_ns, now.server_ns - self.server_ns]
            .map(|taken| taken as f64 / messages as f64);
        Ok([("cpu_ns", client + server), ("cpu_client_ns", client), ("cpu_server_ns", server)])
    }
}
