//! Nodes over QUIC on loopback.
//!
//! A node that is to be killed has a runtime of its own, which is dropped under it: its sockets go without
//! a word to anybody, as when a process is killed.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use murmer::cluster::ClusterError;
use murmer::cluster::config::ClusterConfig;
use murmer::prelude::*;
use murmer::transport::{QuicConfig, QuicTransport};
use tokio::sync::oneshot;

use super::World;

#[derive(Default)]
pub(in crate::suite) struct OverQuic {
    mortals: HashMap<SocketAddr, Mortal>,
}

struct Mortal {
    kill: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl World for OverQuic {
    /// Some milliseconds, were the machine not busy with other tests.
    const PROMPTLY: Duration = Duration::from_secs(5);

    fn new_address(&mut self) -> SocketAddr {
        loop {
            let offset = NEXT_PORT.fetch_add(1, Ordering::Relaxed);
            // Apart from those of other processes that run these tests.
            let port = PORTS_FROM + (std::process::id() as u16 % 50) * PORTS_PER_PROCESS + offset;
            let addr = SocketAddr::from(([127, 0, 0, 1], port));
            if UdpSocket::bind(addr).is_ok() {
                return addr;
            }
        }
    }

    async fn start(&self, _: SocketAddr, config: ClusterConfig) -> Result<System, ClusterError> {
        System::clustered_auto(config).await
    }

    async fn start_mortal(
        &mut self,
        addr: SocketAddr,
        config: ClusterConfig,
    ) -> Result<System, ClusterError> {
        let (send_system, system) = oneshot::channel();
        let (kill, killed) = oneshot::channel();
        let thread = thread::spawn(move || live(addr, config, send_system, killed));
        self.mortals.insert(addr, Mortal { kill, thread });
        system.await.expect("a mortal says how it starts")
    }

    fn move_apart(&self) {}

    async fn kill(&mut self, addr: SocketAddr) {
        let Mortal { kill, thread } = self.mortals.remove(&addr).expect("it is mortal and alive");
        kill.send(()).expect("it lives until it is told");
        tokio::task::spawn_blocking(|| thread.join().expect("it dies in peace")).await.unwrap();
    }
}

fn live(
    addr: SocketAddr,
    config: ClusterConfig,
    system: oneshot::Sender<Result<System, ClusterError>>,
    killed: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        // The same in every life at this address, as a node's own is.
        let mut stable_key = [0; 32];
        stable_key[..2].copy_from_slice(&addr.port().to_be_bytes());
        let quic = QuicConfig { stable_key: Some(stable_key), ..QuicConfig::default() };
        let started = match QuicTransport::bind(addr, quic) {
            Ok(transport) => System::clustered_on(config, transport).await,
            Err(error) => Err(ClusterError::Bind(error)),
        };
        let _ = system.send(started);
        let _ = killed.await;
    });
}

static NEXT_PORT: AtomicU16 = AtomicU16::new(0);
/// From here to 32,768, below the ports that the system hands out on its own.
const PORTS_FROM: u16 = 20_000;
const PORTS_PER_PROCESS: u16 = 250;
