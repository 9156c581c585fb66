//! What quinn runs on: tasks and timers of an [`Executor`], a socket of the runtime that hosts it.

use std::future::Future;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use quinn::udp::{RecvMeta, Transmit, UdpSocketState};
use quinn::{AsyncTimer, AsyncUdpSocket, Runtime, UdpPoller};
use tokio::io::Interest;

use crate::Executor;
use crate::executor::Timer;

/// Everything that quinn starts is a task of the executor.
#[derive(Debug, Clone)]
pub(super) struct OnExecutor(pub(super) Executor);

impl Runtime for OnExecutor {
    fn new_timer(&self, at: Instant) -> Pin<Box<dyn AsyncTimer>> {
        Box::pin(self.0.timer(at))
    }

    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.spawn_boxed(future);
    }

    fn wrap_udp_socket(&self, udp: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        udp.set_nonblocking(true)?;
        let state = UdpSocketState::new((&udp).into())?;
        let io = tokio::net::UdpSocket::from_std(udp)?;
        Ok(Arc::new(Udp { io, state, executor: self.0.clone() }))
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

impl AsyncTimer for Timer {
    fn reset(self: Pin<&mut Self>, at: Instant) {
        Self::reset(self.get_mut(), at);
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Self::poll(self.get_mut(), cx)
    }
}

/// A socket that is ready when its runtime says so; while that is stood in for, it is tried unasked.
#[derive(Debug)]
struct Udp {
    io: tokio::net::UdpSocket,
    state: UdpSocketState,
    executor: Executor,
}

impl AsyncUdpSocket for Udp {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Writable { udp: self, waiting: None })
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let send = || self.state.send((&self.io).into(), transmit);
        if self.executor.is_stood_in() { send() } else { self.io.try_io(Interest::WRITABLE, send) }
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut recv = || self.state.recv((&self.io).into(), bufs, meta);
        let is_stood_in = self.executor.is_stood_in();
        if is_stood_in {
            match recv() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return Poll::Ready(received),
            }
        }
        loop {
            self.executor.set_reader(cx.waker());
            match ready!(self.io.poll_recv_ready(cx)) {
                // Its runtime has ended: whoever stands in looks again.
                Err(_) if is_stood_in => return Poll::Pending,
                ready => ready?,
            }
            match self.io.try_io(Interest::READABLE, &mut recv) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return Poll::Ready(received),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.state.gro_segments()
    }

    fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }
}

/// Waits for room to send. Any number of tasks may, each with one of these.
struct Writable {
    udp: Arc<Udp>,
    waiting: Option<Waiting>,
}

type Waiting = Pin<Box<dyn Future<Output = io::Result<()>> + Send + Sync>>;

impl UdpPoller for Writable {
    fn poll_writable(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let udp = &self.udp;
        if udp.executor.is_stood_in() {
            return Poll::Ready(Ok(()));
        }
        let udp = udp.clone();
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(async move { udp.io.writable().await }));
        let ready = ready!(waiting.as_mut().poll(cx));
        self.waiting = None;
        Poll::Ready(ready)
    }
}

impl std::fmt::Debug for Writable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writable").field("is_waiting", &self.waiting.is_some()).finish_non_exhaustive()
    }
}
