//! A transport that makes its node's driver panic.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use murmer::cluster::config::ClusterConfig;
use murmer::cluster::{ClusterError, Departure};
use murmer::prelude::*;
use murmer::transport::{
    ConnectError, Connection, ConnectionEnd, ConnectionStats, DatagramError, Limits, MemConnection,
    MemNetwork, MemTransport, Transport,
};

use crate::actors::{Probe, ProbeExt};
use crate::wait::eventually;

#[tokio::test(start_paused = true)]
async fn a_node_whose_driver_panics_has_left_and_holds_on_to_nobody() {
    let network = MemNetwork::new(1);
    let beta = System::clustered_on(config("beta", &[]), network.bind(at(2)).unwrap()).await.unwrap();
    beta.start("b", Probe, vec![]);
    let brittle = Brittle::new(network.bind(at(1)).unwrap());
    let is_broken = brittle.is_broken.clone();
    let alpha = System::clustered_on(config("alpha", &[2]), brittle).await.unwrap();
    let b = alpha.lookup::<Probe>("b").unwrap();
    assert_eq!(b.echo(1).await.unwrap(), 1);
    assert_eq!(alpha.members().len(), 1);
    let asked = tokio::spawn(b.hang());
    is_broken.store(true, Ordering::SeqCst);
    assert_eq!(alpha.left().await, Departure::Failed);
    assert!(alpha.members().is_empty());
    assert!(alpha.lookup::<Probe>("b").is_none());
    asked.await.unwrap().unwrap_err();
    b.echo(2).await.unwrap_err();
    alpha.shutdown().await;
    assert_eq!(alpha.left().await, Departure::Failed, "what comes later changes nothing");
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_driver_panics_while_it_joins_frees_its_address() {
    let network = MemNetwork::new(1);
    let _beta = System::clustered_on(config("beta", &[]), network.bind(at(2)).unwrap()).await.unwrap();
    let brittle = Brittle::new(network.bind(at(1)).unwrap());
    brittle.is_broken.store(true, Ordering::SeqCst);
    let error = System::clustered_on(config("alpha", &[2]), brittle).await.unwrap_err();
    assert!(matches!(error, ClusterError::Thread(_)), "{error:?}");
    network.bind(at(1)).unwrap();
    let again = eventually("alpha is let in again", Duration::from_secs(10), async || {
        let transport = network.bind(at(3)).ok()?;
        System::clustered_on(config("alpha", &[2]), transport).await.ok()
    })
    .await;
    assert_eq!(again.members().len(), 1);
}

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn config(name: &str, seeds: &[u16]) -> ClusterConfig {
    let seeds = seeds.iter().map(|port| at(*port).into());
    ClusterConfig::builder().name(name).cookie("a cookie for tests").seed_nodes(seeds).build().unwrap()
}

/// A transport that panics in its user's hands once it is broken.
#[derive(Debug)]
struct Brittle {
    sound: MemTransport,
    is_broken: Arc<AtomicBool>,
}

impl Brittle {
    fn new(sound: MemTransport) -> Self {
        Self { sound, is_broken: Arc::default() }
    }

    fn wrap(&self, sound: MemConnection) -> BrittleConnection {
        BrittleConnection { sound, is_broken: self.is_broken.clone() }
    }
}

impl Transport for Brittle {
    type Connection = BrittleConnection;

    fn local_addr(&self) -> SocketAddr {
        self.sound.local_addr()
    }

    async fn connect(&self, to: SocketAddr) -> Result<BrittleConnection, ConnectError> {
        self.sound.connect(to).await.map(|sound| self.wrap(sound))
    }

    async fn accept(&self) -> Option<BrittleConnection> {
        self.sound.accept().await.map(|sound| self.wrap(sound))
    }

    async fn close(&self) {
        self.sound.close().await;
    }
}

#[derive(Debug, Clone)]
struct BrittleConnection {
    sound: MemConnection,
    is_broken: Arc<AtomicBool>,
}

impl Connection for BrittleConnection {
    type Sender = <MemConnection as Connection>::Sender;
    type Receiver = <MemConnection as Connection>::Receiver;

    fn remote_addr(&self) -> SocketAddr {
        self.sound.remote_addr()
    }

    fn binding(&self) -> [u8; 32] {
        self.sound.binding()
    }

    fn peer(&self) -> Option<Bytes> {
        self.sound.peer()
    }

    async fn open_stream(&self) -> Result<(Self::Sender, Self::Receiver), ConnectionEnd> {
        self.sound.open_stream().await
    }

    async fn accept_stream(&self) -> Result<(Self::Sender, Self::Receiver), ConnectionEnd> {
        self.sound.accept_stream().await
    }

    /// The driver itself sends them.
    fn send_datagram(&self, datagram: Bytes) -> Result<(), DatagramError> {
        assert!(!self.is_broken.load(Ordering::SeqCst), "on purpose");
        self.sound.send_datagram(datagram)
    }

    async fn recv_datagram(&self) -> Result<Bytes, ConnectionEnd> {
        self.sound.recv_datagram().await
    }

    fn datagram_bytes_max(&self) -> usize {
        self.sound.datagram_bytes_max()
    }

    fn limits(&self) -> &Limits {
        self.sound.limits()
    }

    fn trust(&self) {
        self.sound.trust();
    }

    fn set_streams_max(&self, n: u32) {
        self.sound.set_streams_max(n);
    }

    fn stats(&self) -> ConnectionStats {
        self.sound.stats()
    }

    fn close(&self, code: u32, reason: &[u8]) {
        self.sound.close(code, reason);
    }

    async fn closed(&self) -> ConnectionEnd {
        self.sound.closed().await
    }
}
