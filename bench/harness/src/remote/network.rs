//! How the network is set up, where a subject lets one say so.

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt};

use super::child::SERVE;

/// The same for both processes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Network {
    /// The largest datagram, in bytes of UDP payload. As the subject has it, if `None`.
    pub mtu: Option<u16>,
}

impl Network {
    /// From `serve [--mtu BYTES]`; `None` if the command line says something else first.
    pub(super) fn of_server() -> Result<Option<Self>> {
        if std::env::args_os().nth(1).is_none_or(|what| what != SERVE) {
            return Ok(None);
        }
        let mut parser = Parser::from_env();
        let mut mtu = None;
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Value(_) => {}
                Arg::Long("mtu") => mtu = Some(parser.value()?.parse()?),
                _ => return Err(arg.unexpected().into()),
            }
        }
        Ok(Some(Self { mtu }))
    }

    /// For the server's command line.
    pub(super) fn args(self) -> Vec<String> {
        self.mtu.map_or_else(Vec::new, |mtu| vec!["--mtu".into(), mtu.to_string()])
    }
}
