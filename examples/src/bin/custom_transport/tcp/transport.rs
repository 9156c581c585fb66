//! A listening socket: it dials, is dialed, and counts the strangers among those who did.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use murmer::transport::{BindError, ConnectError, Limits, Transport};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::connection::TcpConnection;
use super::machine::Machine;
use super::shared::Shared;
use super::socket::{self, LINGER};

#[derive(Debug)]
pub(crate) struct TcpTransport {
    host: Arc<Host>,
    acceptor: Mutex<Option<JoinHandle<()>>>,
    accepted: tokio::sync::Mutex<mpsc::Receiver<TcpConnection>>,
}

/// What the loop that accepts needs as well.
#[derive(Debug)]
struct Host {
    local_addr: SocketAddr,
    limits: Limits,
    strangers: Mutex<HashMap<IpAddr, usize>>,
    /// Connections and the tasks that write their last words; `None` once closed.
    live: Mutex<Option<Vec<Live>>>,
}

/// The place of one stranger, free again when dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Host>, IpAddr);

impl TcpTransport {
    pub(crate) fn bind(addr: SocketAddr, limits: Limits) -> Result<Self, BindError> {
        limits.check()?;
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(BindError::NoRuntime);
        }
        let address_error = |source| BindError::Address { addr, source: Arc::new(source) };
        let listener = listen(addr).map_err(address_error)?;
        let local_addr = listener.local_addr().map_err(address_error)?;
        let (accepted_by, accepted) = mpsc::channel(limits.untrusted_max);
        let (strangers, live) = (Mutex::default(), Mutex::new(Some(Vec::new())));
        let host = Arc::new(Host { local_addr, limits, strangers, live });
        let acceptor = tokio::spawn(accept_all(host.clone(), listener, accepted_by));
        Ok(Self { host, acceptor: Mutex::new(Some(acceptor)), accepted: tokio::sync::Mutex::new(accepted) })
    }

    /// Closes all connections, and stops listening; gives what is left to be waited for.
    fn end(&self) -> Vec<JoinHandle<()>> {
        let live = lock(&self.host.live).take().unwrap_or_default();
        for shared in live.iter().filter_map(|(shared, _)| shared.upgrade()) {
            shared.with(|machine| machine.close(0, b""));
        }
        let acceptor = lock(&self.acceptor).take().inspect(JoinHandle::abort);
        acceptor.into_iter().chain(live.into_iter().map(|(_, writer)| writer)).collect()
    }
}

impl Transport for TcpTransport {
    type Connection = TcpConnection;

    fn local_addr(&self) -> SocketAddr {
        self.host.local_addr
    }

    async fn connect(&self, to: SocketAddr) -> Result<TcpConnection, ConnectError> {
        if to.port() == 0 || to.ip().is_unspecified() || (to.is_ipv6() && self.host.local_addr.is_ipv4()) {
            return Err(ConnectError::Unreachable { to });
        }
        let after = self.host.limits.connect_timeout;
        timeout(after, self.host.dial(to)).await.unwrap_or(Err(ConnectError::TimedOut { to, after }))
    }

    async fn accept(&self) -> Option<TcpConnection> {
        loop {
            let connection = self.accepted.lock().await.recv().await?;
            // What ended while it waited is of no use to anybody.
            if !connection.has_ended() {
                return Some(connection);
            }
        }
    }

    async fn close(&self) {
        let last_words = async {
            for task in self.end() {
                // Aborted or not: it is over.
                drop(task.await);
            }
        };
        drop(timeout(LINGER, last_words).await);
    }
}

impl Drop for TcpTransport {
    fn drop(&mut self) {
        // The tasks end by themselves.
        drop(self.end());
    }
}

impl Host {
    /// Dials until somebody answers.
    async fn dial(self: &Arc<Self>, to: SocketAddr) -> Result<TcpConnection, ConnectError> {
        loop {
            if lock(&self.live).is_none() {
                return Err(ConnectError::Closed { to });
            }
            if let Ok(mut socket) = TcpStream::connect(to).await {
                return match socket::greet(&mut socket, self.local_addr.port()).await {
                    Ok(Some(binding)) => {
                        self.carry(socket, to, binding, None).ok_or(ConnectError::Closed { to })
                    }
                    Ok(None) => Err(ConnectError::Refused { to }),
                    Err(error) => Err(ConnectError::Handshake { to, detail: error.to_string() }),
                };
            }
            // Nobody is there yet; they may be starting.
            sleep(DIAL_EVERY).await; // tidy: sleep nobody tells us when somebody listens
        }
    }

    /// A connection over `socket`, and the tasks that carry it. `None` once the transport is closed.
    fn carry(
        self: &Arc<Self>,
        socket: TcpStream,
        remote_addr: SocketAddr,
        binding: [u8; 32],
        place: Option<Place>,
    ) -> Option<TcpConnection> {
        // An error costs time, as frames wait for each other, and nothing else.
        drop(socket.set_nodelay(true));
        let is_dialed = place.is_none();
        let machine = Machine::new(is_dialed, &self.limits, place);
        let shared = Arc::new(Shared::new(remote_addr, binding, self.limits.clone(), machine));
        let mut live = lock(&self.live);
        let live = live.as_mut()?;
        live.retain(|(_, writer)| !writer.is_finished());
        let (reader, writer) = socket.into_split();
        tokio::spawn(socket::read_all(shared.clone(), reader));
        live.push((Arc::downgrade(&shared), tokio::spawn(socket::write_all(shared.clone(), writer))));
        Some(TcpConnection::new(shared))
    }

    fn admit(self: &Arc<Self>, ip: IpAddr) -> Option<Place> {
        let mut strangers = lock(&self.strangers);
        let is_full = strangers.values().sum::<usize>() >= self.limits.untrusted_max;
        let own = strangers.entry(ip).or_default();
        if is_full || *own >= self.limits.untrusted_per_address_max {
            return None;
        }
        *own += 1;
        Some(Place(self.clone(), ip))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut strangers = lock(&self.0.strangers);
        if let Some(own) = strangers.get_mut(&self.1) {
            *own -= 1;
        }
        strangers.retain(|_, own| *own > 0);
    }
}

fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of a predecessor that is gone must not keep the port.
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(1_024)
}

/// Takes dialers in, each in its own time.
async fn accept_all(host: Arc<Host>, listener: TcpListener, accepted: mpsc::Sender<TcpConnection>) {
    let mut handshakes = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            Some(_) = handshakes.join_next() => {}
            dialed = listener.accept(), if handshakes.len() < HANDSHAKES_MAX => match dialed {
                Ok((socket, from)) => {
                    let greeting = let_in(host.clone(), socket, from, accepted.clone());
                    handshakes.spawn(timeout(HANDSHAKE_WAIT, greeting));
                }
                // Too many open files, for one; that may pass.
                Err(_) => sleep(DIAL_EVERY).await, // tidy: sleep nobody tells us when it has
            },
        }
    }
}

/// Whoever does not get in is told, or is gone; either way there is nobody to tell here.
async fn let_in(
    host: Arc<Host>,
    mut socket: TcpStream,
    from: SocketAddr,
    accepted: mpsc::Sender<TcpConnection>,
) -> io::Result<()> {
    let place = host.admit(from.ip());
    let (theirs, port) = socket::hear(&mut socket).await?;
    let Some(place) = place else { return socket::refuse(&mut socket).await };
    let binding = socket::welcome(&mut socket, theirs).await?;
    let remote_addr = SocketAddr::new(from.ip().to_canonical(), port);
    if let Some(connection) = host.carry(socket, remote_addr, binding, Some(place)) {
        // Fails only when nobody accepts any more.
        drop(accepted.send(connection).await);
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const DIAL_EVERY: Duration = Duration::from_millis(50);
/// How long a dialer has for its handshake.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(3);
/// Handshakes at a time, those who are refused included.
const HANDSHAKES_MAX: usize = 1_024;

/// A connection, and the task that carries it.
type Live = (Weak<Shared>, JoinHandle<()>);
