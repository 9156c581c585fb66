//! Where to look for the cluster first.

use core::fmt;
use core::net::SocketAddr;
use core::str::FromStr;
use std::io;

/// A node to try first: an address, or a host name and port that is resolved anew at every try.
///
/// # Examples
///
/// ```
/// use murmer::cluster::Seed;
///
/// let by_address: Seed = "192.168.1.1:7100".parse()?;
/// let by_name: Seed = "alpha:7100".parse()?;
/// assert_eq!(by_name.to_string(), "alpha:7100");
/// # Ok::<(), murmer::cluster::SeedError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seed(Place);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    Address(SocketAddr),
    Host { name: String, port: u16 },
}

/// Why a string is not a seed.
///
/// # Examples
///
/// ```
/// use murmer::cluster::{Seed, SeedError};
///
/// let parsed: Result<Seed, SeedError> = "alpha".parse();
/// assert!(parsed.is_err_and(|error| error.to_string().starts_with("\"alpha\" is not a seed")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a seed: write address:port or host:port, such as 127.0.0.1:7100 or alpha:7100")]
pub struct SeedError {
    given: String,
}

impl Seed {
    /// The address, if it is one.
    pub(crate) const fn addr(&self) -> Option<SocketAddr> {
        match self.0 {
            Place::Address(addr) => Some(addr),
            Place::Host { .. } => None,
        }
    }

    /// All addresses it has now.
    pub(crate) async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        match &self.0 {
            Place::Address(addr) => Ok(vec![*addr]),
            Place::Host { name, port } => {
                Ok(tokio::net::lookup_host((name.as_str(), *port)).await?.take(ADDRESSES_MAX).collect())
            }
        }
    }
}

impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        if let Ok(addr) = text.parse() {
            return Ok(Self(Place::Address(addr)));
        }
        let error = || SeedError { given: text.to_owned() };
        let (name, port) = text.rsplit_once(':').ok_or_else(error)?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || name.len() > HOST_BYTES_MAX || !name.chars().all(is_host) {
            return Err(error());
        }
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(error)?;
        Ok(Self(Place::Host { name: name.to_owned(), port }))
    }
}

impl From<SocketAddr> for Seed {
    fn from(addr: SocketAddr) -> Self {
        Self(Place::Address(addr))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Address(addr) => addr.fmt(f),
            Place::Host { name, port } => write!(f, "{name}:{port}"),
        }
    }
}

/// RFC 1035, section 2.3.4.
const HOST_BYTES_MAX: usize = 253;
/// How many addresses of one name are tried.
pub(super) const ADDRESSES_MAX: usize = 16;
