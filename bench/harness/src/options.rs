//! What one process is to measure.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use lexopt::{Arg, Parser, ValueExt};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// One sender tells one actor.
    Tell,
    /// Eight senders tell one actor.
    Tell8,
    /// One sender asks one actor, one question after the other.
    Ask,
    /// Actors that do nothing.
    Idle,
    /// Labels in random order.
    Lookup,
}

impl FromStr for Workload {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "tell" => Self::Tell,
            "tell8" => Self::Tell8,
            "ask" => Self::Ask,
            "idle" => Self::Idle,
            "lookup" => Self::Lookup,
            _ => bail!("no workload is called {name}"),
        })
    }
}

/// A workload and its size.
#[derive(Debug, Clone, Copy)]
pub struct Options<W = Workload> {
    /// What is measured.
    pub workload: W,
    /// For how long it is.
    pub time: Duration,
    /// How many actors there are, where there are many.
    pub actors: usize,
    /// The largest datagram, in bytes of UDP payload, where there is a network and that can be set.
    pub mtu: Option<u16>,
}

impl<W: FromStr<Err = anyhow::Error>> Options<W> {
    /// From `WORKLOAD [--seconds N] [--actors N] [--mtu BYTES]`.
    ///
    /// # Errors
    ///
    /// When the command line says something else.
    pub fn from_args() -> Result<Self> {
        let mut parser = Parser::from_env();
        let (mut workload, mut mtu) = (None, None);
        let (mut time, mut actors) = (Duration::from_secs(1), 100_000);
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Value(name) => workload = Some(name.string()?.parse()?),
                Arg::Long("seconds") => time = Duration::try_from_secs_f64(parser.value()?.parse()?)?,
                Arg::Long("actors") => actors = parser.value()?.parse()?,
                Arg::Long("mtu") => mtu = Some(parser.value()?.parse()?),
                _ => return Err(arg.unexpected().into()),
            }
        }
        let workload = workload.ok_or_else(|| anyhow!("which workload?"))?;
        Ok(Self { workload, time, actors, mtu })
    }
}

impl<W> Options<W> {
    /// How long the loop runs before it is timed: caches, allocators and branch predictors are to know it.
    pub(crate) fn warm_up(&self) -> Duration {
        self.time.min(WARM_UP_MAX)
    }
}

const WARM_UP_MAX: Duration = Duration::from_millis(300);
