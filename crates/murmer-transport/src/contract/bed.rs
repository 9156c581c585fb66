//! What the suite runs on.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::runtime::{Builder, Runtime};

use crate::{BindError, Limits, Transport};

/// One kind of transport, on loopback.
pub trait Bed: Sized {
    /// The kind.
    type Transport: Transport;
    /// What keeps a mortal transport alive: a runtime of its own, as a rule.
    type Life;

    /// Whether packets get lost for good: datagrams, and the word of a peer that closes.
    const IS_LOSSY: bool = false;

    /// Where a case runs. One with a clock of its own, if there is no real network.
    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().expect("a runtime needs little")
    }

    /// A bed whose transports have these limits.
    fn new(limits: Limits) -> Self;

    /// Binds an address.
    ///
    /// # Errors
    ///
    /// It is taken, for one.
    fn bind(&self, addr: SocketAddr) -> Result<Self::Transport, BindError>;

    /// A transport on loopback that can die.
    fn bind_mortal(&self) -> (Self::Transport, Self::Life);

    /// It dies without a word, as a process that is killed does. Its address can be bound again, in time.
    fn kill(&self, transport: Self::Transport, life: Self::Life);

    /// It falls silent, as a process does that hangs or is cut off.
    fn silence(&self, transport: Self::Transport, life: Self::Life) {
        self.kill(transport, life);
    }

    /// A transport on loopback.
    fn host(&self) -> Self::Transport {
        self.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).expect("some port is free")
    }
}
