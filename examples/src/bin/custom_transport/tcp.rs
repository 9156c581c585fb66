//! A transport over TCP: one TCP connection carries all streams and datagrams of a connection, as frames.
//!
//! ```text
//! SendHalf, RecvHalf ─▶ Machine ─▶ Frame ─▶ write ─▶ the socket
//!                          ▲────── Frame ◀─ read ◀──────┘
//! ```
//!
//! What it lacks, next to QUIC:
//!
//! - **It does not encrypt.** Everybody on the line reads along, and can change what they like.
//! - Hence [`binding`](murmer::transport::Connection::binding) is not secret: it is what both ends rolled, sent in the
//!   clear. The cookie's proof hangs on it, so whoever relays a connection gets in with it. On loopback, and on lines
//!   that nobody else can reach, that is nobody.
//! - A packet that the line loses holds up all streams behind it, and datagrams as well.
//! - Priorities are ignored, and round trips and losses are the kernel's secret: the figures say zero.

mod connection;
mod frame;
mod halves;
mod machine;
mod queue;
mod shared;
mod socket;
mod stream;
mod transport;

pub(crate) use self::transport::TcpTransport;

/// What everybody who runs this should have read.
pub(crate) const WARNING: &str = "TCP without encryption: for loopback and lines that nobody else can reach";
