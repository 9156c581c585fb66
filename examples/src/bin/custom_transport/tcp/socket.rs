//! The two loops around the socket, and how a connection begins.
//!
//! ```text
//! dialer    DIALER    16 bytes of dice   its port
//! acceptor  ACCEPTOR  16 bytes of dice              or REFUSED
//! ```

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use murmer::transport::ConnectionEnd;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{sleep, timeout};

use super::frame::{Frame, Kind};
use super::shared::Shared;

/// Introduces us to an acceptor; what both rolled, or `None` if it has no place for us.
pub(super) async fn greet(socket: &mut TcpStream, port: u16) -> io::Result<Option<[u8; 32]>> {
    let ours = dice();
    socket.write_all(&[&DIALER[..], &ours, &port.to_be_bytes()].concat()).await?;
    match read::<8>(socket).await? {
        ACCEPTOR => Ok(Some(binding(ours, read(socket).await?))),
        REFUSED => Ok(None),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Hears a dialer out: what it rolled, and the port that it is dialed at.
pub(super) async fn hear(socket: &mut TcpStream) -> io::Result<([u8; 16], u16)> {
    if read(socket).await? != DIALER {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok((read(socket).await?, u16::from_be_bytes(read(socket).await?)))
}

pub(super) async fn welcome(socket: &mut TcpStream, theirs: [u8; 16]) -> io::Result<[u8; 32]> {
    let ours = dice();
    socket.write_all(&[&ACCEPTOR[..], &ours].concat()).await?;
    Ok(binding(theirs, ours))
}

pub(super) async fn refuse(socket: &mut TcpStream) -> io::Result<()> {
    socket.write_all(&REFUSED).await
}

/// Reads until the end of the connection, and brings it about if the peer breaks the protocol or says nothing.
pub(super) async fn read_all(shared: Arc<Shared>, socket: OwnedReadHalf) {
    let mut socket = BufReader::with_capacity(64 << 10, socket);
    let idle_timeout = shared.limits.idle_timeout;
    loop {
        let frame = tokio::select! {
            biased;
            _ = shared.closed() => break,
            frame = timeout(idle_timeout, Frame::read(&mut socket)) => frame,
        };
        let end = match frame {
            Ok(Ok(frame)) => match shared.with(|machine| machine.take(frame)) {
                Ok(()) => continue,
                Err(what) => ConnectionEnd::Broken { detail: what.into() },
            },
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                ConnectionEnd::Broken { detail: "not a frame".into() }
            }
            // Without a goodbye: its process has ended, or its machine doesn't know the connection.
            Ok(Err(_)) => ConnectionEnd::Reset,
            Err(_) => ConnectionEnd::TimedOut,
        };
        shared.with(|machine| machine.end(end));
    }
    // If it were closed with bytes unread, the kernel would tell the peer that before our last words.
    drop(timeout(LINGER, tokio::io::copy(&mut socket, &mut tokio::io::sink())).await);
}

/// Writes what there is until the connection has ended and all is said.
pub(super) async fn write_all(shared: Arc<Shared>, mut socket: OwnedWriteHalf) {
    let alive_every = shared.limits.idle_timeout / 4;
    let mut batch = BytesMut::new();
    loop {
        let is_over = shared.with(|machine| {
            machine.fill(&mut batch);
            machine.end.is_some()
        });
        if batch.is_empty() {
            if is_over {
                break;
            }
            let is_quiet = tokio::select! {
                () = shared.work.notified() => false,
                _ = shared.closed() => false,
                () = sleep(alive_every) => true, // tidy: sleep keep-alives have a pace
            };
            if is_quiet {
                Frame::new(Kind::Alive, 0, 0).put(&mut batch);
            }
        }
        let given_up = async {
            shared.closed().await;
            sleep(LINGER).await; // tidy: sleep last words are given some time
        };
        let is_written = tokio::select! {
            written = socket.write_all(&batch) => written.is_ok(),
            () = given_up => false,
        };
        if !is_written {
            // The other loop finds out why, if anybody does.
            break;
        }
        batch.clear();
    }
    drop(socket.shutdown().await);
}

async fn read<const N: usize>(socket: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    socket.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// What differs from one connection to the next. That is all it has to do: it is sent in the clear.
fn dice() -> [u8; 16] {
    let [high, low] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
    (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
}

fn binding(dialer: [u8; 16], acceptor: [u8; 16]) -> [u8; 32] {
    let mut binding = [0; 32];
    binding[..16].copy_from_slice(&dialer);
    binding[16..].copy_from_slice(&acceptor);
    binding
}

const DIALER: [u8; 8] = *b"mur-tcp?";
const ACCEPTOR: [u8; 8] = *b"mur-tcp!";
const REFUSED: [u8; 8] = *b"mur-full";
/// How long last words may take.
pub(super) const LINGER: Duration = Duration::from_secs(2);
