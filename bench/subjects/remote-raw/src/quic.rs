//! One bidirectional stream of one QUIC connection, with murmer's TLS and windows that are never full.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bench_harness::remote::{self, Network};
use bytes::Bytes;
use quinn::{
    ClientConfig, Connection, Endpoint, EndpointConfig, Incoming, MtuDiscoveryConfig, ServerConfig,
    TokioRuntime, TransportConfig,
};
use socket2::SockRef;

use crate::mux::Mux;
use crate::serve::serve;
use crate::tls;

/// The client: on two workers, or `ON_ONE_THREAD`.
pub struct Quic<const ON_ONE_THREAD: bool> {
    mux: Mux,
    /// With the last handle to it, the connection would end.
    _connection: Connection,
    _endpoint: Endpoint,
}

/// The server.
pub struct QuicServer {
    _endpoint: Endpoint,
}

impl remote::Server for QuicServer {
    async fn open(network: Network) -> Result<(Self, SocketAddr)> {
        let mut config = ServerConfig::with_crypto(Arc::new(tls::server()?));
        config.transport_config(transport(network));
        let endpoint = endpoint(Some(config), network)?;
        let addr = endpoint.local_addr()?;
        let accepting = endpoint.clone();
        tokio::spawn(async move {
            while let Some(incoming) = accepting.accept().await {
                tokio::spawn(accept(incoming));
            }
        });
        Ok((Self { _endpoint: endpoint }, addr))
    }

    async fn start(&self, _label: &str) -> Result<()> {
        Ok(())
    }
}

impl<const ON_ONE_THREAD: bool> remote::Client for Quic<ON_ONE_THREAD> {
    type Server = QuicServer;
    type Actor = Mux;

    const ON_ONE_THREAD: bool = ON_ONE_THREAD;

    async fn connect(to: SocketAddr, network: Network) -> Result<Self> {
        let mut config = ClientConfig::new(Arc::new(tls::client()?));
        config.transport_config(transport(network));
        let endpoint = endpoint(None, network)?;
        let connection = endpoint.connect_with(config, to, "raw")?.await?;
        let (write, read) = connection.open_bi().await?;
        Ok(Self { mux: Mux::over(read, write), _connection: connection, _endpoint: endpoint })
    }

    async fn find(&self, _label: &str) -> Result<Option<Mux>> {
        Ok(Some(self.mux.clone()))
    }

    async fn ask(actor: &Mux, payload: Bytes) -> Result<u64> {
        actor.ask(payload).await
    }

    async fn tell(actor: &Mux, payload: Bytes) -> Result<()> {
        actor.tell(payload).await
    }
}

async fn accept(incoming: Incoming) -> Result<()> {
    let connection = incoming.await?;
    loop {
        let (write, read) = connection.accept_bi().await?;
        tokio::spawn(serve(read, write));
    }
}

fn endpoint(server: Option<ServerConfig>, network: Network) -> Result<Endpoint> {
    let mut config = EndpointConfig::default();
    if let Some(mtu) = network.mtu {
        config.max_udp_payload_size(mtu)?;
    }
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    SockRef::from(&socket).set_recv_buffer_size(SOCKET_BYTES)?;
    Ok(Endpoint::new(config, server, socket, Arc::new(TokioRuntime))?)
}

fn transport(network: Network) -> Arc<TransportConfig> {
    let mut config = TransportConfig::default();
    config
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(CONNECTION_WINDOW.into())
        .send_window(CONNECTION_WINDOW.into())
        .initial_rtt(Duration::from_millis(1));
    if let Some(mtu) = network.mtu {
        let mut search = MtuDiscoveryConfig::default();
        search.upper_bound(mtu);
        config.mtu_discovery_config(Some(search));
    }
    Arc::new(config)
}

/// With the kernel's default, bursts are dropped.
const SOCKET_BYTES: usize = 4 << 20;
const STREAM_WINDOW: u32 = 8 << 20;
const CONNECTION_WINDOW: u32 = 32 << 20;
