//! What the contract suite runs on: either transport, on a good line and a bad one.

use std::net::SocketAddr;
use std::time::Duration;

use murmer_transport::contract::Bed;
pub(crate) use murmer_transport::contract::pair::{HELLO, Pair, friends, join, stream, waits};
use murmer_transport::{
    BindError, Faults, Limits, MemConfig, MemNetwork, MemTransport, QuicConfig, QuicNetwork, QuicTransport,
    Transport,
};
use tokio::runtime::{Builder, Runtime};

pub(crate) struct QuicBed(QuicConfig);

impl Bed for QuicBed {
    type Transport = QuicTransport;
    type Life = Runtime;

    fn new(limits: Limits) -> Self {
        Self(quic_config(limits))
    }

    fn bind(&self, addr: SocketAddr) -> Result<QuicTransport, BindError> {
        QuicTransport::bind(addr, self.0.clone())
    }

    fn bind_mortal(&self) -> (QuicTransport, Runtime) {
        on_its_own_runtime(|| self.host())
    }

    fn kill(&self, transport: QuicTransport, life: Runtime) {
        // First what could say goodbye, and to its end.
        stop(life);
        drop(transport);
    }
}

/// The same where packets get lost, come twice and overtake each other.
pub(crate) struct BadLineBed(QuicConfig, QuicNetwork);

impl Bed for BadLineBed {
    type Transport = QuicTransport;
    type Life = Runtime;

    const IS_LOSSY: bool = true;

    fn new(limits: Limits) -> Self {
        let network = QuicNetwork::new(4711);
        network.set_faults(bad_line());
        Self(quic_config(limits), network)
    }

    fn bind(&self, addr: SocketAddr) -> Result<QuicTransport, BindError> {
        self.1.bind(addr, self.0.clone())
    }

    fn bind_mortal(&self) -> (QuicTransport, Runtime) {
        on_its_own_runtime(|| self.host())
    }

    fn kill(&self, transport: QuicTransport, life: Runtime) {
        stop(life);
        drop(transport);
    }
}

pub(crate) struct MemBed(pub(crate) MemNetwork);

impl Bed for MemBed {
    type Transport = MemTransport;
    type Life = ();

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
    }

    fn new(limits: Limits) -> Self {
        Self(MemNetwork::with_config(1, MemConfig { limits }).unwrap())
    }

    fn bind(&self, addr: SocketAddr) -> Result<MemTransport, BindError> {
        self.0.bind(addr)
    }

    fn bind_mortal(&self) -> (MemTransport, ()) {
        (self.host(), ())
    }

    fn kill(&self, transport: MemTransport, (): ()) {
        self.0.crash(transport.local_addr());
    }
}

/// The same where packets are late, and datagrams suffer.
pub(crate) struct BadMemBed(MemBed);

impl Bed for BadMemBed {
    type Transport = MemTransport;
    type Life = ();

    const IS_LOSSY: bool = true;

    fn runtime() -> Runtime {
        MemBed::runtime()
    }

    fn new(limits: Limits) -> Self {
        let bed = MemBed::new(limits);
        bed.0.set_faults(bad_line());
        Self(bed)
    }

    fn bind(&self, addr: SocketAddr) -> Result<MemTransport, BindError> {
        self.0.bind(addr)
    }

    fn bind_mortal(&self) -> (MemTransport, ()) {
        self.0.bind_mortal()
    }

    fn kill(&self, transport: MemTransport, (): ()) {
        self.0.kill(transport, ());
    }
}

fn quic_config(limits: Limits) -> QuicConfig {
    let keep_alive = (limits.idle_timeout / 5).min(Duration::from_millis(200));
    QuicConfig { limits, keep_alive, stable_key: Some([7; 32]), ..QuicConfig::default() }
}

/// Bad, but not so bad that a case would have to wait for it.
fn bad_line() -> Faults {
    Faults {
        delay: Duration::from_millis(1),
        jitter: Duration::from_millis(3),
        loss: 0.01,
        duplication: 0.02,
        ..Faults::default()
    }
}

fn on_its_own_runtime<T>(bind: impl FnOnce() -> T) -> (T, Runtime) {
    let life = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let entered = life.enter();
    let transport = bind();
    drop(entered);
    (transport, life)
}

/// Ends all that runs on `life`. On a thread of its own, since a runtime must not be waited for on another.
pub(crate) fn stop(life: Runtime) {
    std::thread::spawn(move || drop(life)).join().unwrap();
}

pub(crate) const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
