//! Why something did not work, or no longer does.
//!
//! Knows no dependency's errors: those are translated where they arise.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// Why no transport was started. Nothing is bound.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The operating system, or the network in memory, does not give the address.
    #[error("can't bind {addr}")]
    Address {
        /// What was asked for.
        addr: SocketAddr,
        /// What it said.
        source: Arc<io::Error>,
    },
    /// A setting is outside of its range.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The call was made outside of a tokio runtime.
    #[error("not called within a tokio runtime")]
    NoRuntime,
    /// The key that the connection is encrypted with could not be made.
    #[error("can't make a key: {detail}")]
    Key {
        /// What the cryptographic library said.
        detail: String,
    },
}

/// A setting is outside of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting} must be {range}, not {given}")]
pub struct SettingError {
    /// Its name: a field of [`QuicConfig`](crate::QuicConfig), [`Limits`](crate::Limits) or
    /// [`Faults`](crate::Faults).
    pub setting: &'static str,
    /// What it must be, as a phrase.
    pub range: &'static str,
    /// What it was.
    pub given: String,
}

/// Why dialing gave no connection. Trying again is safe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Nobody answered in time. Nobody may be there, or packets may be lost.
    #[error("no answer from {to} within {after:?}")]
    TimedOut {
        /// Who was dialed.
        to: SocketAddr,
        /// How long an answer was waited for.
        after: Duration,
    },
    /// It has too many connections that are not trusted yet, or is closing.
    #[error("refused by {to}")]
    Refused {
        /// Who was dialed.
        to: SocketAddr,
    },
    /// Somebody answered who doesn't speak our protocol, or broke it.
    #[error("no handshake with {to}: {detail}")]
    Handshake {
        /// Who was dialed.
        to: SocketAddr,
        /// What went wrong.
        detail: String,
    },
    /// The address can't be dialed from here: it has no port, or is of another family.
    #[error("can't dial {to} from here")]
    Unreachable {
        /// Who was to be dialed.
        to: SocketAddr,
    },
    /// This transport is closed. It never dials again.
    #[error("can't dial {to}: the transport is closed")]
    Closed {
        /// Who was to be dialed.
        to: SocketAddr,
    },
}

/// How a connection ended. It is not coming back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionEnd {
    /// The peer closed it.
    #[error("closed by the peer with code {code}")]
    ClosedByPeer {
        /// What the peer's program gave as code.
        code: u32,
        /// What it gave as reason, unchecked.
        reason: Bytes,
    },
    /// It was closed here, or its transport was.
    #[error("closed here")]
    ClosedHere,
    /// Nothing was heard from the peer for the idle timeout. It may still be running.
    #[error("peer fell silent")]
    TimedOut,
    /// The peer's process no longer knows the connection: it was restarted.
    #[error("peer has restarted")]
    Reset,
    /// Either side broke the protocol, and the other gave up on it.
    #[error("protocol broken: {detail}")]
    Broken {
        /// What was wrong, for the log.
        detail: Arc<str>,
    },
}

/// How one half of a stream ended, other than cleanly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamEnd {
    /// The peer gave up sending. Bytes not read yet are lost.
    #[error("reset by the peer with code {0}")]
    Reset(u32),
    /// The peer no longer reads. What was sent may or may not have been read.
    #[error("stopped by the peer with code {0}")]
    Stopped(u32),
    /// This half was ended here: finished, reset or stopped.
    #[error("ended here")]
    ClosedHere,
    /// The connection ended, and the stream with it.
    #[error("connection ended")]
    Connection(#[source] ConnectionEnd),
}

impl From<StreamEnd> for io::Error {
    fn from(end: StreamEnd) -> Self {
        let kind = match end {
            StreamEnd::Reset(_) => io::ErrorKind::ConnectionReset,
            StreamEnd::Stopped(_) | StreamEnd::ClosedHere => io::ErrorKind::BrokenPipe,
            StreamEnd::Connection(_) => io::ErrorKind::NotConnected,
        };
        Self::new(kind, end)
    }
}

/// Why a datagram was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatagramError {
    /// It does not fit into one packet. A smaller one can be sent.
    #[error("datagram of {len} bytes is over the limit of {max}")]
    TooLarge {
        /// Its bytes.
        len: usize,
        /// The bytes that fit, at the moment.
        max: usize,
    },
    /// The peer takes no datagrams; none can be sent on this connection.
    #[error("peer takes no datagrams")]
    Unsupported,
    /// The connection has ended.
    #[error("connection ended")]
    Connection(#[source] ConnectionEnd),
}
