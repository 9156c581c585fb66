//! The command line. Whatever is wrong with it is said, never guessed around.

mod discovery;
mod environment;
mod node;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use lexopt::prelude::*;
use murmer::NodeName;
use murmer::cluster::Seed;
use tracing_subscriber::EnvFilter;

pub(crate) use self::node::{DEFAULT_COOKIE, NodeArgs};

pub(crate) struct Args {
    pub(crate) mode: Mode,
    pub(crate) log: EnvFilter,
}

pub(crate) enum Mode {
    Help,
    Local,
    Node(Box<NodeArgs>),
    /// Ask what answers about health at this address whether its node is ready.
    CheckHealth(SocketAddr),
}

impl Mode {
    const fn default_log(&self) -> &'static str {
        match self {
            Self::Help | Self::Local | Self::CheckHealth(_) => "warn",
            Self::Node(_) => "warn,murmer=info",
        }
    }
}

/// Flags as given, before they are known to make sense together.
#[derive(Default)]
struct Flags {
    local: bool,
    config: Option<PathBuf>,
    name: Option<String>,
    port: Option<u16>,
    listen: Option<SocketAddr>,
    advertise: Option<SocketAddr>,
    cookie: Option<String>,
    seeds: Vec<Seed>,
    health: Option<SocketAddr>,
    check_health: Option<SocketAddr>,
    mdns: bool,
}

pub(crate) fn parse() -> anyhow::Result<Args> {
    let mut flags = Flags::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args { mode: Mode::Help, log: EnvFilter::default() }),
            Long("local") => flags.local = true,
            Long("config") => set(&mut flags.config, "--config", config(&mut parser)?)?,
            Long("node") => set(&mut flags.name, "--node", name(&mut parser)?)?,
            Long("port") => set(&mut flags.port, "--port", port(&mut parser)?)?,
            Long("listen") => set(&mut flags.listen, "--listen", address(&mut parser, "--listen")?)?,
            Long("advertise") => {
                set(&mut flags.advertise, "--advertise", address(&mut parser, "--advertise")?)?
            }
            Long("cookie") => set(&mut flags.cookie, "--cookie", text(&mut parser, "--cookie")?)?,
            Long("health") => set(&mut flags.health, "--health", address(&mut parser, "--health")?)?,
            Long("check-health") => {
                let addr = address(&mut parser, "--check-health")?;
                set(&mut flags.check_health, "--check-health", addr)?
            }
            Long("seed") => flags.seeds.push(text(&mut parser, "--seed")?.parse().context("--seed")?),
            Long("mdns") => flags.mdns = true,
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    let mode = flags.mode()?;
    Ok(Args { log: environment::log(mode.default_log())?, mode })
}

impl Flags {
    /// Nothing is said of a node.
    const fn is_empty(&self) -> bool {
        self.config.is_none()
            && self.name.is_none()
            && self.port.is_none()
            && self.listen.is_none()
            && self.advertise.is_none()
            && self.cookie.is_none()
            && self.seeds.is_empty()
            && !self.mdns
            && self.health.is_none()
    }

    fn mode(self) -> anyhow::Result<Mode> {
        if let Some(addr) = self.check_health {
            if self.local || !self.is_empty() {
                bail!("--check-health asks another process and takes no other flag");
            }
            return Ok(Mode::CheckHealth(addr));
        }
        if self.local {
            if !self.is_empty() {
                bail!("--local runs everything in one process and takes no other flag");
            }
            return Ok(Mode::Local);
        }
        Ok(Mode::Node(Box::new(NodeArgs::new(self)?)))
    }
}

fn set<T>(flag: &mut Option<T>, name: &str, value: T) -> anyhow::Result<()> {
    if flag.replace(value).is_some() {
        bail!("{name} is given twice");
    }
    Ok(())
}

fn text(parser: &mut lexopt::Parser, flag: &str) -> anyhow::Result<String> {
    // Not shown: it may be a secret.
    parser.value()?.into_string().map_err(|_| anyhow!("{flag} is not UTF-8 text"))
}

fn config(parser: &mut lexopt::Parser) -> anyhow::Result<PathBuf> {
    let path = parser.value()?;
    if path.is_empty() {
        bail!("--config is empty: give it a file of settings, or leave it out");
    }
    Ok(path.into())
}

fn name(parser: &mut lexopt::Parser) -> anyhow::Result<String> {
    let name = text(parser, "--node")?;
    NodeName::new(&name).with_context(|| format!("--node {name:?}"))?;
    Ok(name)
}

fn port(parser: &mut lexopt::Parser) -> anyhow::Result<u16> {
    let text = text(parser, "--port")?;
    text.parse().map_err(|_| anyhow!("--port {text:?} is not a port: a number from 1 to 65535, or 0 for any"))
}

fn address(parser: &mut lexopt::Parser, flag: &str) -> anyhow::Result<SocketAddr> {
    let text = text(parser, flag)?;
    text.parse().map_err(|_| anyhow!("{flag} {text:?} is not an address and port, such as 127.0.0.1:7100"))
}

pub(crate) const HELP: &str = "\
A chat in one process, or over a cluster of them.

  cluster_chat --local
  cluster_chat --node NAME --port PORT [--seed HOST:PORT]... [--mdns]
  cluster_chat --config FILE
  cluster_chat --check-health ADDR:PORT

  --local              everything in this process
  --config FILE        a node's settings in TOML, as deploy/murmer.toml has them
                       all; MURMER_CONFIG does the same. The environment counts
                       more than the file (MURMER_ASK_TIMEOUT is its ask_timeout),
                       and the flags below count more than both
  --node NAME          this node's name in the cluster; it hosts a room of that name
  --port PORT          UDP port to listen on, on all IPv4 interfaces; 0 for any
  --listen ADDR:PORT   address to listen on, instead of --port
  --advertise ADDR:PORT
                       address other nodes reach this one at, if it can't be told
  --seed HOST:PORT     a node to join through; may be given several times
  --mdns               find the nodes of the local network, and be found by them
  --cookie SECRET      what all nodes of the cluster know; better set MURMER_COOKIE,
                       which other users of the machine can't see, or
                       MURMER_COOKIE_FILE to a file that holds it
  --health ADDR:PORT   answer /live, /ready and /metrics over HTTP there;
                       MURMER_HEALTH does the same
  --check-health ADDR:PORT
                       ask a node that runs with --health there whether it is
                       ready: ends with 0 if so, else with 1 and says why
  --help               this text

The log goes to stderr; MURMER_LOG sets how much (error, warn, info, debug).
";
