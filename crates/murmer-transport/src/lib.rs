//! Connections and byte streams: QUIC, and in memory.
//!
//! [`Transport`], [`Connection`], [`SendHalf`] and [`RecvHalf`] are the seam. Their documentation is a
//! contract that both implementors keep: [`QuicTransport`] for the network, and [`MemTransport`] with
//! its [`MemNetwork`] of faults for tests under paused time.
//!
//! Knows addresses and bytes. Doesn't know nodes, frames, cookies or actors, nor whom to trust: it holds
//! a stranger to tight [`Limits`] until it is told to [`trust`](Connection::trust).

mod admission;
mod error;
mod executor;
mod io;
mod limits;
mod mem;
mod quic;
mod stream;
mod transport;

pub use error::{BindError, ConnectError, ConnectionEnd, DatagramError, StreamEnd};
pub use executor::{Executor, STAND_IN_EVERY, TaskGroup, Watch};
pub use io::{ByteReader, ByteWriter};
pub use limits::Limits;
pub use mem::{MemConfig, MemConnection, MemNetwork, MemReceiver, MemSender, MemTransport};
pub use quic::{QuicConfig, QuicConnection, QuicReceiver, QuicSender, QuicTransport};
pub use stream::{RecvHalf, SendHalf};
pub use transport::{Connection, Transport};
