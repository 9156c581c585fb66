//! What the contract suite runs on: either transport, and a way to let one die.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use murmer_transport::{
    BindError, Connection, Limits, MemConfig, MemNetwork, MemTransport, QuicConfig, QuicTransport, RecvHalf,
    SendHalf, StreamEnd, Transport,
};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// One kind of transport.
pub(crate) trait Bed: Sized {
    type T: Transport;
    /// What keeps a mortal transport alive.
    type Life;

    fn new(limits: Limits) -> Self;
    fn bind(&self, addr: SocketAddr) -> Result<Self::T, BindError>;
    fn bind_mortal(&self) -> (Self::T, Self::Life);
    /// The transport dies without a word.
    fn kill(&self, transport: Self::T, life: Self::Life);

    fn host(&self) -> Self::T {
        self.bind(LOOPBACK).unwrap()
    }
}

pub(crate) struct QuicBed(QuicConfig);

impl Bed for QuicBed {
    type T = QuicTransport;
    type Life = Runtime;

    fn new(limits: Limits) -> Self {
        let keep_alive = (limits.idle_timeout / 5).min(Duration::from_millis(200));
        Self(QuicConfig { limits, keep_alive, stable_key: Some([7; 32]), ..QuicConfig::default() })
    }

    fn bind(&self, addr: SocketAddr) -> Result<QuicTransport, BindError> {
        QuicTransport::bind(addr, self.0.clone())
    }

    fn bind_mortal(&self) -> (QuicTransport, Runtime) {
        let life =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let entered = life.enter();
        let transport = self.host();
        drop(entered);
        (transport, life)
    }

    fn kill(&self, transport: QuicTransport, life: Runtime) {
        // First what could say goodbye, and to its end.
        stop(life);
        drop(transport);
    }
}

pub(crate) struct MemBed(pub(crate) MemNetwork);

impl Bed for MemBed {
    type T = MemTransport;
    type Life = ();

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

/// Ends all that runs on `life`. On a thread of its own, since a runtime must not be waited for on another.
pub(crate) fn stop(life: Runtime) {
    std::thread::spawn(move || drop(life)).join().unwrap();
}

/// Two transports, and a connection that the first dialed.
pub(crate) struct Pair<T: Transport> {
    pub(crate) dialing: T,
    pub(crate) accepting: T,
    pub(crate) dialed: T::Connection,
    pub(crate) accepted: T::Connection,
}

pub(crate) async fn strangers<B: Bed>(bed: &B) -> Pair<B::T> {
    let (dialing, accepting) = (bed.host(), bed.host());
    let (dialed, accepted) = join(&dialing, &accepting).await;
    Pair { dialing, accepting, dialed, accepted }
}

pub(crate) async fn friends<B: Bed>(bed: &B) -> Pair<B::T> {
    let pair = strangers(bed).await;
    pair.dialed.trust();
    pair.accepted.trust();
    pair
}

/// A connection between the two, both ends of it.
pub(crate) async fn join<T: Transport>(from: &T, to: &T) -> (T::Connection, T::Connection) {
    let (dialed, accepted) = tokio::join!(from.connect(to.local_addr()), to.accept());
    (dialed.unwrap(), accepted.unwrap())
}

/// A stream on which `hello` was sent, both ends of it.
pub(crate) async fn stream<C: Connection>(
    from: &C,
    to: &C,
) -> ((C::Sender, C::Receiver), (C::Sender, C::Receiver)) {
    let mut opened = from.open_stream().await.unwrap();
    opened.0.send_all(HELLO).await.unwrap();
    let mut accepted = to.accept_stream().await.unwrap();
    assert_eq!(read(&mut accepted.1, HELLO.len()).await, HELLO);
    (opened, accepted)
}

/// At least `len` bytes.
pub(crate) async fn read<R: RecvHalf>(from: &mut R, len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < len {
        bytes.extend(from.recv().await.unwrap().expect("more was to come"));
    }
    bytes
}

/// Everything up to the end, and what it was.
pub(crate) async fn read_to_end<R: RecvHalf>(from: &mut R) -> (Vec<u8>, Result<(), StreamEnd>) {
    let mut bytes = Vec::new();
    loop {
        match from.recv().await {
            Ok(Some(chunk)) => bytes.extend(chunk),
            Ok(None) => return (bytes, Ok(())),
            Err(end) => return (bytes, Err(end)),
        }
    }
}

/// Sends until the peer's window is full, and says how much fitted.
pub(crate) async fn fill<S: SendHalf>(to: &mut S) -> usize {
    let mut sent = 0;
    loop {
        let mut chunk = Bytes::from_static(&[0; 4_096]);
        // Room may be under way, so a moment of none must pass.
        match timeout(QUIET, to.send(&mut chunk)).await {
            Ok(result) => result.unwrap(),
            Err(_) => return sent,
        }
        sent += 4_096 - chunk.len();
    }
}

/// Whether `future` is still pending after a moment.
pub(crate) async fn waits(future: impl Future) -> bool {
    timeout(QUIET, future).await.is_err()
}

pub(crate) const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
pub(crate) const HELLO: Bytes = Bytes::from_static(b"hello");
const QUIET: Duration = Duration::from_millis(150);
