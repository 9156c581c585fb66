//! QUIC over UDP, by quinn: one socket dials and is dialed.
//!
//! TLS 1.3 alone, with a key per process that certifies nothing: what a connection proves is that it has
//! two ends, and [`binding`](crate::Connection::binding) is what the layer above hangs its own proof on.
//!
//! Doesn't know who peers are; `tls` accepts any key whose owner can sign.

mod acceptor;
mod config;
mod connection;
mod halves;
mod network;
mod reserve;
mod runtime;
mod socket;
mod tls;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use quinn::{ClientConfig, Endpoint, VarInt};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::admission::Admission;
use crate::{BindError, ConnectError, Executor, Transport};

pub use config::QuicConfig;
pub use connection::QuicConnection;
pub use halves::{QuicReceiver, QuicSender};
pub use network::QuicNetwork;
use runtime::OnExecutor;
use socket::Socket;

/// A UDP socket that speaks QUIC.
///
/// Lives on the runtime that [`bind`](Self::bind) is called on, of either flavour. Merely dropped, it keeps
/// its port for as long as anybody holds a connection or half of its; [`close`](Transport::close) frees it.
pub struct QuicTransport {
    local_addr: SocketAddr,
    config: Arc<QuicConfig>,
    client: ClientConfig,
    /// `None` once closed.
    endpoint: Mutex<Option<Endpoint>>,
    socket: Arc<Socket>,
    accepted: tokio::sync::Mutex<mpsc::Receiver<QuicConnection>>,
}

impl QuicTransport {
    /// Binds `listen`: IPv4 or IPv6, a certain or the unspecified address, a port or 0 for any.
    ///
    /// The unspecified IPv6 address also serves IPv4, unless the operating system can't do both with one socket.
    ///
    /// # Errors
    ///
    /// [`BindError`]; nothing is bound then.
    pub fn bind(listen: SocketAddr, config: QuicConfig) -> Result<Self, BindError> {
        Self::bind_in(None, listen, config)
    }

    /// The same, with all that it does a task of `executor`, whose host is to be on the same runtime.
    ///
    /// # Errors
    ///
    /// [`BindError`]; nothing is bound then.
    pub fn bind_on(listen: SocketAddr, config: QuicConfig, executor: &Executor) -> Result<Self, BindError> {
        Self::bind_with(executor, None, listen, config)
    }

    fn bind_in(
        network: Option<&Arc<network::Shared>>,
        listen: SocketAddr,
        config: QuicConfig,
    ) -> Result<Self, BindError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(BindError::NoRuntime);
        }
        Self::bind_with(&Executor::hosted(), network, listen, config)
    }

    fn bind_with(
        executor: &Executor,
        network: Option<&Arc<network::Shared>>,
        listen: SocketAddr,
        config: QuicConfig,
    ) -> Result<Self, BindError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(BindError::NoRuntime);
        }
        config.check()?;
        let keys = tls::configs()?;
        let transport = Arc::new(config.transport());
        let (server, client) =
            (config.server(keys.server, &transport), config.client(keys.client, transport));
        let address_error = |source| BindError::Address { addr: listen, source: Arc::new(source) };
        let runtime = OnExecutor(executor.clone());
        let socket = Socket::bind(&runtime, listen, &config, network).map_err(address_error)?;
        let socket = Arc::new(socket);
        let local_addr = quinn::AsyncUdpSocket::local_addr(&*socket).map_err(address_error)?;
        let endpoint = Endpoint::new_with_abstract_socket(
            config.endpoint(),
            Some(server),
            socket.clone(),
            Arc::new(runtime),
        )
        .map_err(address_error)?;

        let config = Arc::new(config);
        // Never full: whoever is in it holds one of so many places.
        let (accepted_by, accepted) = mpsc::channel(config.limits.untrusted_max);
        let admission = Admission::new(&config.limits);
        executor.spawn(acceptor::run(endpoint.clone(), config.clone(), admission, accepted_by));
        Ok(Self {
            local_addr,
            config,
            client,
            endpoint: Mutex::new(Some(endpoint)),
            socket,
            accepted: tokio::sync::Mutex::new(accepted),
        })
    }

    fn endpoint(&self) -> Option<Endpoint> {
        self.endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for QuicTransport {
    type Connection = QuicConnection;

    fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    async fn connect(&self, to: SocketAddr) -> Result<QuicConnection, ConnectError> {
        let endpoint = self.endpoint().ok_or(ConnectError::Closed { to })?;
        let connecting = endpoint
            .connect_with(self.client.clone(), to, tls::SERVER_NAME)
            .map_err(|error| connection::not_dialed(to, &error))?;
        let after = self.config.limits.connect_timeout;
        match timeout(after, connecting).await {
            Ok(Ok(connection)) => QuicConnection::new(connection, &self.config, None)
                .ok_or_else(|| ConnectError::Handshake { to, detail: "no exporter".into() }),
            Ok(Err(error)) => Err(connection::not_connected(to, after, error)),
            Err(_) => Err(ConnectError::TimedOut { to, after }),
        }
    }

    async fn accept(&self) -> Option<QuicConnection> {
        self.endpoint()?;
        // What ended while it waited here is of no use to anybody.
        loop {
            let connection = self.accepted.lock().await.recv().await?;
            if !connection.has_ended() {
                return Some(connection);
            }
        }
    }

    async fn close(&self) {
        // Every step can be done twice, so a second call, or one after a dropped first, does no harm.
        if let Some(endpoint) = self.endpoint() {
            endpoint.close(VarInt::from_u32(0), b"");
            let _ = timeout(DRAIN_WAIT, endpoint.wait_idle()).await;
        }
        *self.endpoint.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = timeout(RELEASE_WAIT, self.socket.release()).await;
    }
}

impl Drop for QuicTransport {
    fn drop(&mut self) {
        if let Some(endpoint) = self.endpoint() {
            endpoint.close(VarInt::from_u32(0), b"");
        }
    }
}

impl std::fmt::Debug for QuicTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuicTransport").field("local_addr", &self.local_addr).finish_non_exhaustive()
    }
}

/// How long peers are given to hear of the close: a few round trips, also of long ones. It is sent at once; this is to
/// say it again if it gets lost. A connection that has just been made, or lost packets, would take seconds, and a node
/// that is told to stop has two in all.
const DRAIN_WAIT: Duration = Duration::from_millis(750);
/// How long an operation on the socket may still be under way in another thread.
const RELEASE_WAIT: Duration = Duration::from_millis(500);
/// How long a dialer has for its handshake.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(3);
