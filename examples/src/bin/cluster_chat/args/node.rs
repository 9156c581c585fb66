//! What makes this process a node: a file of settings, over it the environment, over that the flags.

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use murmer::cluster::config::{ClusterConfig, ClusterConfigBuilder, ConfigError, SourceError};

use super::{Flags, discovery, environment};

pub(crate) struct NodeArgs {
    pub(crate) config: ClusterConfig,
    /// Whether the cookie is the one that everybody knows.
    pub(crate) is_cookie_public: bool,
    /// Where to answer about health.
    pub(crate) health: Option<SocketAddr>,
}

impl NodeArgs {
    /// What a builder refuses is as wrong on the command line as a flag that doesn't exist.
    pub(super) fn new(flags: Flags) -> anyhow::Result<Self> {
        let (file, sources) = flags.sources()?;
        let is_cookie_public = flags.cookie.is_none() && sources.origin("cookie").is_none();
        let health = match flags.health {
            Some(addr) => Some(addr),
            None => environment::health()?,
        };
        let config = flags.over(sources, file.as_deref())?;
        let config = if is_cookie_public { config.cookie(DEFAULT_COOKIE) } else { config };
        Ok(Self { config: config.build().map_err(refused)?, is_cookie_public, health })
    }
}

impl Flags {
    /// The file, if there is one, and what it and the environment say. That isn't asked for what flags say.
    fn sources(&self) -> anyhow::Result<(Option<PathBuf>, ClusterConfigBuilder)> {
        let (path, named_by) = match &self.config {
            Some(path) => (Some(path.clone()), "--config"),
            None => (environment::config()?, environment::CONFIG),
        };
        let mut config = ClusterConfig::builder();
        if let Some(path) = &path {
            config = file(config, path, named_by)?;
        }
        let said: &[(bool, &[&str])] = &[
            (self.name.is_some(), &["MURMER_NAME"]),
            (self.port.is_some() || self.listen.is_some(), &["MURMER_LISTEN"]),
            (self.advertise.is_some(), &["MURMER_ADVERTISE"]),
            (self.cookie.is_some(), &["MURMER_COOKIE", "MURMER_COOKIE_FILE"]),
            (!self.seeds.is_empty(), &["MURMER_SEED_NODES"]),
            (self.mdns, &["MURMER_MDNS"]),
        ];
        let said: Vec<_> =
            said.iter().filter(|(is_said, _)| *is_said).flat_map(|(_, names)| *names).collect();
        let unsaid = env::vars_os().filter(|(variable, _)| said.iter().all(|name| variable != **name));
        Ok((path, config.variables(unsaid)?))
    }

    /// `config`, for which `file` was read, with what the flags say.
    fn over(
        self,
        mut config: ClusterConfigBuilder,
        file: Option<&Path>,
    ) -> anyhow::Result<ClusterConfigBuilder> {
        let listen = match (self.listen, self.port) {
            (Some(_), Some(_)) => bail!("--listen names a port already; leave --port out"),
            (Some(listen), None) => Some(listen),
            (None, Some(port)) => Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))),
            (None, None) => None,
        };
        match (&self.name, config.origin("name"), listen.is_some() || config.origin("listen").is_some()) {
            (None, None, _) => match file {
                Some(file) => bail!("{} doesn't set name: set it, or say --node NAME", file.display()),
                None => bail!("say --local, or --node NAME and --port PORT, or --config FILE"),
            },
            (Some(name), _, false) => bail!("--node {name} needs --port PORT or --listen ADDRESS:PORT"),
            (None, Some(origin), false) => bail!(
                "{origin} is set and listen is not: set it, or say --port PORT or --listen ADDRESS:PORT"
            ),
            (_, _, true) => {}
        }
        if let Some(name) = self.name {
            config = config.name(name);
        }
        if let Some(listen) = listen {
            config = config.listen(listen);
        }
        if let Some(addr) = self.advertise {
            config = config.advertise(addr);
        }
        if let Some(cookie) = self.cookie {
            config = config.cookie(cookie);
        }
        if !self.seeds.is_empty() {
            config = config.seed_nodes(self.seeds);
        }
        if self.mdns {
            config = discovery::on_this_network(config)?;
        }
        Ok(config)
    }
}

/// What is in a file, which `named_by` names: that matters while it isn't open, then its lines do.
fn file(
    config: ClusterConfigBuilder,
    path: &Path,
    named_by: &'static str,
) -> anyhow::Result<ClusterConfigBuilder> {
    config.file(path).map_err(|error| match error {
        error @ SourceError::Open { named_by: None, .. } => anyhow!(error).context(named_by),
        error => error.into(),
    })
}

/// The same in terms of flags, if it was one of those that said it.
fn refused(error: ConfigError) -> anyhow::Error {
    match error {
        ConfigError::Range { setting: setting @ ("cookie" | "advertise"), range, given, origin: None } => {
            anyhow!("--{setting} must be {range}, not {given}")
        }
        ConfigError::Range { setting: "seed_nodes", range, given, origin: None } => {
            anyhow!("--seed must be given {range} times, not {given}")
        }
        other => other.into(),
    }
}

/// Long enough not to be warned about, public enough to be.
pub(crate) const DEFAULT_COOKIE: &str = "murmer-example-cookie";
