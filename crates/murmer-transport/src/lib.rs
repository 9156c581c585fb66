//! Connections and byte streams: QUIC, and in memory.
//!
//! [`Transport`], [`Connection`], [`SendHalf`] and [`RecvHalf`] are the seam. Their documentation is a
//! contract that both implementors keep: [`QuicTransport`] for the network, and [`MemTransport`] for tests
//! under paused time. [`MemNetwork`] and [`QuicNetwork`] do to either what [`Faults`] say. With the feature
//! `contract`, the module of that name has the contract as tests for a transport of your own.
//!
//! Knows addresses and bytes. Doesn't know nodes, frames, cookies or actors, nor whom to trust: it holds
//! a stranger to tight [`Limits`] until it is told to [`trust`](Connection::trust).

mod admission;
#[cfg(feature = "contract")]
pub mod contract;
mod dice;
mod error;
mod executor;
mod faults;
mod io;
mod limits;
mod line;
mod mem;
mod open;
mod portion;
mod quic;
mod stats;
mod stream;
mod transport;

pub use error::{BindError, ConnectError, ConnectionEnd, DatagramError, SettingError, StreamEnd};
pub use executor::{Executor, STAND_IN_EVERY, TaskGroup, Timer, Watch};
pub use faults::Faults;
pub use io::{ByteReader, ByteWriter};
pub use limits::Limits;
pub use mem::{MemConfig, MemConnection, MemNetwork, MemReceiver, MemSender, MemTransport};
pub use portion::{Portion, Sum};
pub use quic::{QuicConfig, QuicConnection, QuicNetwork, QuicReceiver, QuicSender, QuicTransport};
pub use stats::ConnectionStats;
pub use stream::{RecvHalf, SendHalf};
pub use transport::{Connection, Transport};
