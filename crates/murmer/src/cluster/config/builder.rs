//! Setting by setting, checked at the end.

use core::fmt;
use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;

use murmer_wire::NodeName;

use super::{ClusterConfig, ConfigError, NetworkProfile};
use crate::cluster::Seed;

/// Collects the settings of a node.
///
/// # Examples
///
/// ```
/// use murmer::cluster::config::ClusterConfig;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = ClusterConfig::builder()
///     .name("alpha")
///     .listen("0.0.0.0:7100".parse()?)
///     .cookie("my-cluster-secret")
///     .seed_nodes(["192.168.1.1:7100".parse()?])
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until build() is called"]
pub struct ClusterConfigBuilder {
    name: Option<String>,
    cluster: String,
    listen: SocketAddr,
    advertise: Option<SocketAddr>,
    cookie: Option<String>,
    previous_cookie: Option<String>,
    seeds: Vec<Seed>,
    gossip: bool,
    network: NetworkProfile,
    join_wait: Duration,
    ask_timeout: Duration,
    mailbox_wait: Duration,
    message_bytes_max: usize,
}

impl Default for ClusterConfigBuilder {
    fn default() -> Self {
        Self {
            name: None,
            cluster: "murmer".to_owned(),
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            advertise: None,
            cookie: None,
            previous_cookie: None,
            seeds: Vec::new(),
            gossip: true,
            network: NetworkProfile::Lan,
            join_wait: Duration::from_secs(3),
            ask_timeout: Duration::from_secs(30),
            mailbox_wait: Duration::from_secs(5),
            message_bytes_max: 4 << 20,
        }
    }
}

impl ClusterConfigBuilder {
    /// The node's place in the cluster: 1 to 63 letters, digits, `.`, `_`, `-`. One live process at a
    /// time holds it. Unset, it is made of the advertised address.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Which cluster: 1 to 255 bytes, `murmer` unless set. Nodes of different clusters refuse each
    /// other even with one cookie.
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.cluster = name.into();
        self
    }

    /// The UDP address to bind. Unset, all IPv4 interfaces and a port the system picks.
    pub const fn listen(mut self, addr: SocketAddr) -> Self {
        self.listen = addr;
        self
    }

    /// The address others reach this node at. Unset, the listening address if that names an interface;
    /// else the local address that leads to the first seed; else loopback.
    ///
    /// Nodes that see this one on another machine than loopback would mean take the address they see
    /// instead. So it needs to be set only where others reach it at neither, as behind a NAT.
    pub const fn advertise(mut self, addr: SocketAddr) -> Self {
        self.advertise = Some(addr);
        self
    }

    /// What every node of the cluster knows and nobody else. It never crosses the wire; a long random one
    /// can't be guessed, one shorter than 16 bytes is warned about.
    pub fn cookie(mut self, secret: impl Into<String>) -> Self {
        self.cookie = Some(secret.into());
        self
    }

    /// A cookie that is still accepted while the nodes change over to the new one.
    pub fn previous_cookie(mut self, secret: impl Into<String>) -> Self {
        self.previous_cookie = Some(secret.into());
        self
    }

    /// Nodes to try first; at most 64. Any one that answers will do, later ones are found through it.
    pub fn seed_nodes(mut self, seeds: impl IntoIterator<Item = Seed>) -> Self {
        self.seeds = seeds.into_iter().collect();
        self
    }

    /// Whether members learnt from other nodes are dialed, and others told of members. On unless set;
    /// off, every node needs all others as seeds.
    pub const fn gossip(mut self, on: bool) -> Self {
        self.gossip = on;
        self
    }

    /// How far apart the nodes are.
    pub const fn network(mut self, profile: NetworkProfile) -> Self {
        self.network = profile;
        self
    }

    /// How long to wait for the cluster before returning with a warning: up to 10 minutes. The default of
    /// 3 s is a dial, a handshake and a snapshot on a LAN, with room to spare.
    pub const fn join_wait(mut self, wait: Duration) -> Self {
        self.join_wait = wait;
        self
    }

    /// How long an ask of an actor on another node may take unless it says otherwise: 1 ms to a day. The
    /// default is 30 s.
    pub const fn ask_timeout(mut self, timeout: Duration) -> Self {
        self.ask_timeout = timeout;
        self
    }

    /// How long a sender waits for room, local and remote alike: up to an hour. The default is 5 s.
    pub const fn mailbox_wait(mut self, wait: Duration) -> Self {
        self.mailbox_wait = wait;
        self
    }

    /// The largest message to another node, in bytes with its header: 4 KiB to 64 MiB, 4 MiB unless set.
    /// The same on all nodes, or the smaller one's streams break on a larger message.
    pub const fn message_bytes_max(mut self, bytes: usize) -> Self {
        self.message_bytes_max = bytes;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the setting and what it should be.
    pub fn build(self) -> Result<ClusterConfig, ConfigError> {
        let name = match self.name {
            Some(given) => Some(NodeName::new(&given).map_err(|source| ConfigError::Name { given, source })?),
            None => None,
        };
        let cookie = self.cookie.ok_or(ConfigError::NoCookie)?;
        let cookies: Vec<_> = [Some(cookie), self.previous_cookie].into_iter().flatten().collect();
        for cookie in &cookies {
            let len = cookie.len();
            in_range((1..=1_024).contains(&len), "cookie", "1 to 1,024 bytes", format!("{len} bytes"))?;
        }
        let len = self.cluster.len();
        in_range((1..=255).contains(&len), "cluster", "1 to 255 bytes", format!("{len} bytes"))?;
        if let Some(addr) = self.advertise {
            let is_reachable = !addr.ip().is_unspecified() && addr.port() != 0;
            in_range(is_reachable, "advertise", "an address and port others can dial", addr)?;
        }
        let len = self.seeds.len();
        in_range(len <= 64, "seed_nodes", "at most 64", len)?;
        let minutes = Duration::from_secs(600);
        in_range(
            self.join_wait <= minutes,
            "join_wait",
            "at most 10 minutes",
            format!("{:?}", self.join_wait),
        )?;
        let asks = Duration::from_millis(1)..=Duration::from_secs(86_400);
        let given = format!("{:?}", self.ask_timeout);
        in_range(asks.contains(&self.ask_timeout), "ask_timeout", "1 ms to a day", given)?;
        let hour = Duration::from_secs(3_600);
        in_range(
            self.mailbox_wait <= hour,
            "mailbox_wait",
            "at most an hour",
            format!("{:?}", self.mailbox_wait),
        )?;
        let bytes = self.message_bytes_max;
        let range = (4 << 10)..=murmer_wire::FRAME_BYTES_HARD_MAX;
        in_range(range.contains(&bytes), "message_bytes_max", "4 KiB to 64 MiB", bytes)?;
        Ok(ClusterConfig {
            name,
            cluster: self.cluster,
            listen: self.listen,
            advertise: self.advertise,
            cookies,
            seeds: self.seeds,
            gossip: self.gossip,
            network: self.network,
            join_wait: self.join_wait,
            ask_timeout: self.ask_timeout,
            mailbox_wait: self.mailbox_wait,
            message_bytes_max: self.message_bytes_max,
        })
    }
}

/// Never shows a cookie.
impl fmt::Debug for ClusterConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterConfigBuilder")
            .field("name", &self.name)
            .field("listen", &self.listen)
            .field("advertise", &self.advertise)
            .field("seeds", &self.seeds)
            .finish_non_exhaustive()
    }
}

fn in_range(
    holds: bool,
    setting: &'static str,
    range: &'static str,
    given: impl fmt::Display,
) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::Range { setting, range, given: given.to_string() }) }
}
