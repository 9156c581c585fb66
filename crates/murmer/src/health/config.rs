//! Settings of what answers about health.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Where to answer, and how patiently.
///
/// # Examples
///
/// ```
/// use murmer::health::HealthConfig;
///
/// # fn main() -> Result<(), std::net::AddrParseError> {
/// // For probes and a monitor on other machines, in a network that only they can reach.
/// let config = HealthConfig::default().listen("0.0.0.0:9100".parse()?);
/// # let _ = config;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct HealthConfig {
    pub(super) listen: SocketAddr,
    pub(super) lag_max: Duration,
}

impl Default for HealthConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)), lag_max: Duration::from_secs(10) }
    }
}

impl HealthConfig {
    /// The address and port to listen on; with port 0 any that is free.
    ///
    /// The default is 127.0.0.1:9100, since whoever reaches it reads everything: open it no further than it is watched
    /// from.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::health::HealthConfig;
    /// # fn main() -> Result<(), std::net::AddrParseError> {
    /// let config = HealthConfig::default().listen("[::1]:9200".parse()?);
    /// # let _ = config;
    /// # Ok(())
    /// # }
    /// ```
    pub const fn listen(mut self, addr: SocketAddr) -> Self {
        self.listen = addr;
        self
    }

    /// How long a node that has been ready may lag behind another one before it is not.
    ///
    /// Seconds. Shorter, and a connection that is made anew shows; much longer, and requests go to a node that doesn't
    /// find what they are about. The default of 10 s is a new connection and a snapshot of 100,000 actors, with time to
    /// spare.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::health::HealthConfig;
    /// let config = HealthConfig::default().lag_max(Duration::from_secs(60)); // over a line that is often bad
    /// # let _ = config;
    /// ```
    pub const fn lag_max(mut self, lag_max: Duration) -> Self {
        self.lag_max = lag_max;
        self
    }
}

/// Beside the one that nodes have by habit, and what exporters to Prometheus begin at.
const PORT: u16 = 9_100;
