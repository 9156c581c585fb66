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
use socket2::SockRef;
use tokio::sync::watch;

use super::QuicConfig;

#[derive(Debug)]
pub(super) struct Socket {
    local_addr: SocketAddr,
    may_fragment: bool,
    segments: (usize, usize),
    /// `None` once released.
    held: RwLock<Option<Arc<Held>>>,
    gone: Mutex<watch::Receiver<()>>,
}

/// The real socket. Fields are dropped in order: when `_gone` says so, the port is free.
#[derive(Debug)]
struct Held {
    socket: Arc<dyn AsyncUdpSocket>,
    _gone: watch::Sender<()>,
}

impl Socket {
    pub(super) fn new(
        runtime: &dyn Runtime,
        udp: std::net::UdpSocket,
        config: &QuicConfig,
    ) -> io::Result<Self> {
        if let Some(bytes) = config.socket_receive_buffer {
            SockRef::from(&udp).set_recv_buffer_size(bytes)?;
        }
        if let Some(bytes) = config.socket_send_buffer {
            SockRef::from(&udp).set_send_buffer_size(bytes)?;
        }
        let socket = runtime.wrap_udp_socket(udp)?;
        let (sender, gone) = watch::channel(());
        Ok(Self {
            local_addr: socket.local_addr()?,
            may_fragment: socket.may_fragment(),
            segments: (socket.max_transmit_segments(), socket.max_receive_segments()),
            held: RwLock::new(Some(Arc::new(Held { socket, _gone: sender }))),
            gone: Mutex::new(gone),
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
            Some(held) => held.socket.try_send(transmit),
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
