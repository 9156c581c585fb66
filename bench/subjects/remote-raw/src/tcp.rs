//! One TCP connection, in the clear.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use bench_harness::remote::{self, Network};
use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};

use crate::mux::Mux;
use crate::serve::serve;

/// The client.
pub struct Tcp {
    mux: Mux,
}

/// The server.
pub struct TcpServer;

impl remote::Server for TcpServer {
    async fn open(_network: Network) -> Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Only delays can come of a failure.
                let _ = stream.set_nodelay(true);
                let (read, write) = stream.into_split();
                tokio::spawn(serve(read, write));
            }
        });
        Ok((Self, addr))
    }

    async fn start(&self, _label: &str) -> Result<()> {
        Ok(())
    }
}

impl remote::Client for Tcp {
    type Server = TcpServer;
    type Actor = Mux;

    async fn connect(to: SocketAddr, _network: Network) -> Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        Ok(Self { mux: Mux::over(read, write) })
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
