//! A transport on the network in memory, and the task that comes back for what is due later.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::time::{sleep, sleep_until, timeout};

use super::MemConnection;
use super::link::{ACCEPTOR, DIALER};
use super::network::Shared;
use super::state::{Dialed, HostId};
use crate::{BindError, ConnectError, Transport};

/// One address of a [`MemNetwork`](crate::MemNetwork).
pub struct MemTransport {
    shared: Arc<Shared>,
    id: HostId,
    /// Somebody dialed, or the transport is gone.
    news: Arc<Notify>,
}

impl MemTransport {
    pub(super) fn bind(shared: Arc<Shared>, addr: SocketAddr) -> Result<Self, BindError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| BindError::NoRuntime)?;
        let bound = shared
            .with(|state, now| state.bind(now, addr))
            .map_err(|source| BindError::Address { addr, source: Arc::new(source) })?;
        runtime.spawn(run_pump(shared.clone(), bound.id, bound.pump));
        Ok(Self { shared, id: bound.id, news: bound.news })
    }

    /// Dials until there is a way, for as long as it is polled.
    async fn dial(&self, to: SocketAddr) -> Result<MemConnection, ConnectError> {
        loop {
            let mut changed = pin!(self.shared.routes.notified());
            changed.as_mut().enable();
            let (route, delay) =
                self.shared.with(|state, _| (state.has_route(self.id, to), state.faults.delay));
            if route == Some(true) && !delay.is_zero() {
                // A handshake takes a round trip.
                sleep(2 * delay).await; // tidy: sleep the simulated round trip
            }
            match self.shared.with(|state, _| state.dial(self.id, to)) {
                Dialed::Linked(link) => return Ok(MemConnection::new(self.shared.clone(), link, DIALER)),
                Dialed::Refused => return Err(ConnectError::Refused { to }),
                Dialed::Closed => return Err(ConnectError::Closed { to }),
                Dialed::NoRoute => changed.await,
            }
        }
    }
}

impl Transport for MemTransport {
    type Connection = MemConnection;

    fn local_addr(&self) -> SocketAddr {
        self.id.addr
    }

    async fn connect(&self, to: SocketAddr) -> Result<MemConnection, ConnectError> {
        if to.port() == 0 || to.ip().is_unspecified() || (to.is_ipv6() && self.id.addr.is_ipv4()) {
            return Err(ConnectError::Unreachable { to });
        }
        let after = self.shared.limits.connect_timeout;
        timeout(after, self.dial(to)).await.unwrap_or(Err(ConnectError::TimedOut { to, after }))
    }

    async fn accept(&self) -> Option<MemConnection> {
        loop {
            let mut news = pin!(self.news.notified());
            news.as_mut().enable();
            while let Some(link) = self.shared.with(|state, _| state.accept(self.id)).ok()? {
                let connection = MemConnection::new(self.shared.clone(), link, ACCEPTOR);
                // What ended while it waited is of no use to anybody.
                if !connection.has_ended() {
                    return Some(connection);
                }
            }
            news.await;
        }
    }

    async fn close(&self) {
        self.shared.with(|state, now| state.close(now, self.id));
    }
}

impl Drop for MemTransport {
    fn drop(&mut self) {
        self.shared.with(|state, now| state.close(now, self.id));
    }
}

impl std::fmt::Debug for MemTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemTransport").field("local_addr", &self.id.addr).finish_non_exhaustive()
    }
}

/// Runs until the transport is gone.
async fn run_pump(shared: Arc<Shared>, id: HostId, pump: Arc<Notify>) {
    loop {
        let mut sooner = pin!(pump.notified());
        sooner.as_mut().enable();
        let Ok(due_at) = shared.with(|state, now| state.pump(now, id)) else { return };
        tokio::select! {
            // The end of the transport first, then time.
            biased;
            () = &mut sooner => {}
            () = sleep_until(due_at.unwrap_or_else(tokio::time::Instant::now)), if due_at.is_some() => {}
        }
    }
}
