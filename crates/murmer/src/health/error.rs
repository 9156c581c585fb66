//! Why nothing answers about health.

use std::io;
use std::net::SocketAddr;

/// Why [`Health::serve`](super::Health::serve) could not begin.
///
/// # Examples
///
/// ```
/// use murmer::health::HealthError;
///
/// let error = HealthError::Bind { addr: ([127, 0, 0, 1], 9_100).into(), source: std::io::ErrorKind::AddrInUse.into() };
/// assert!(error.to_string().ends_with("at 127.0.0.1:9100: choose another address, or free this one"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HealthError {
    /// The address is taken, not this machine's, or not for this user to take.
    #[error("can't answer about health at {addr}: choose another address, or free this one")]
    Bind {
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}
