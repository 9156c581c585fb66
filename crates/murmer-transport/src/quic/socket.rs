//! A UDP socket that can be let go of while connections still refer to it.
//!
//! quinn's connections hold their socket for as long as anybody holds a handle to them, and with it the
//! port. This one gives the port back when it is told to.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::{Context, Poll};

use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, Runtime, UdpPoller};
use socket2::{Domain, Protocol, Type};
use tokio::sync::watch;

use super::QuicConfig;
use super::network::{Shared, Suffering};

#[derive(Debug)]
pub(super) struct Socket {
    local_addr: SocketAddr,
    may_fragment: bool,
    segments: (usize, usize),
    /// `None` once released.
    held: RwLock<Option<Arc<Held>>>,
    gone: Mutex<watch::Receiver<()>>,
    /// `None` where the network is as good as it is.
    suffering: Option<Suffering>,
}

/// The real socket. Fields are dropped in order: when `_gone` says so, the port is free.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) socket: Arc<dyn AsyncUdpSocket>,
    _gone: watch::Sender<()>,
}

impl Socket {
    pub(super) fn bind(
        runtime: &dyn Runtime,
        listen: SocketAddr,
        config: &QuicConfig,
        network: Option<&Arc<Shared>>,
    ) -> io::Result<Self> {
        let udp = bind(listen)?;
        let wanted = [
            ("receive", config.socket_receive_buffer.map(|bytes| udp.set_recv_buffer_size(bytes))),
            ("send", config.socket_send_buffer.map(|bytes| udp.set_send_buffer_size(bytes))),
        ];
        for (which, done) in wanted {
            // Most kernels give less than asked for and say nothing; some refuse.
            if let Some(Err(error)) = done {
                tracing::debug!(%error, "the system's own {which} buffer it is");
            }
        }
        let udp = std::net::UdpSocket::from(udp);
        let socket = runtime.wrap_udp_socket(udp)?;
        let (sender, gone) = watch::channel(());
        let (local_addr, may_fragment) = (socket.local_addr()?, socket.may_fragment());
        let segments = (socket.max_transmit_segments(), socket.max_receive_segments());
        let held = Arc::new(Held { socket, _gone: sender });
        let suffering = network.map(|network| Suffering::new(network.clone(), local_addr, &held));
        Ok(Self {
            local_addr,
            may_fragment,
            segments,
            held: RwLock::new(Some(held)),
            gone: Mutex::new(gone),
            suffering,
        })
    }

    /// Lets go of the port; ready once nobody uses it any more.
    pub(super) async fn release(&self) {
        self.held.write().unwrap_or_else(PoisonError::into_inner).take();
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Nothing is ever sent: it ends with an error when the sender is dropped.
        while gone.changed().await.is_ok() {}
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl AsyncUdpSocket for Socket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Poller { socket: self, waiting: None })
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        match self.held() {
            Some(held) => match &self.suffering {
                Some(suffering) => suffering.try_send(&held, transmit),
                None => held.socket.try_send(transmit),
            },
            // As good as lost on the way.
            None => Ok(()),
        }
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        match self.held() {
            Some(held) => held.socket.poll_recv(cx, bufs, meta),
            // Whoever asks is woken by the end of the endpoint, not by a packet.
            None => Poll::Pending,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local_addr)
    }

    fn max_transmit_segments(&self) -> usize {
        // Asked anew each time: the kernel may turn out not to support it.
        self.held().map_or(self.segments.0, |held| held.socket.max_transmit_segments())
    }

    fn max_receive_segments(&self) -> usize {
        self.segments.1
    }

    fn may_fragment(&self) -> bool {
        self.may_fragment
    }
}

fn bind(listen: SocketAddr) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(Domain::for_address(listen), Type::DGRAM, Some(Protocol::UDP))?;
    if listen.is_ipv6() {
        // The system's default differs from one machine to the next. Where it can't be had, IPv6 alone it is.
        let both = listen.ip().is_unspecified();
        if let Err(error) = socket.set_only_v6(!both) {
            tracing::debug!(%error, both, "the socket keeps the system's choice of IPv4 beside IPv6");
        }
    }
    socket.bind(&listen.into())?;
    Ok(socket)
}

/// Waits for room in the kernel's send buffer, and holds the socket only meanwhile.
#[derive(Debug)]
struct Poller {
    socket: Arc<Socket>,
    waiting: Option<Waiting>,
}

/// Fields are dropped in order: the real socket's own poller holds it as well.
#[derive(Debug)]
struct Waiting {
    poller: Pin<Box<dyn UdpPoller>>,
    _held: Arc<Held>,
}

impl UdpPoller for Poller {
    fn poll_writable(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let waiting = match &mut this.waiting {
            Some(waiting) => waiting,
            none => {
                let Some(held) = this.socket.held() else { return Poll::Ready(Ok(())) };
                none.insert(Waiting { poller: held.socket.clone().create_io_poller(), _held: held })
            }
        };
        let ready = waiting.poller.as_mut().poll_writable(cx);
        if ready.is_ready() {
            this.waiting = None;
        }
        ready
    }
}
