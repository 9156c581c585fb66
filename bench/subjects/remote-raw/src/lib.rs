//! Connections without actors as subjects: one stream of bytes, frames in it, and who answers them.
//!
//! Frames that wait are written together, and all frames of one read are answered together. That is most
//! of what there is to win between two processes.

mod mux;
mod quic;
mod serve;
mod tcp;
mod tls;

pub use quic::{Quic, QuicServer};
pub use tcp::{Tcp, TcpServer};
