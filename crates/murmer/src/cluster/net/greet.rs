//! The handshake on a fresh connection: a loop around a [`Handshake`].

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use murmer_node::{
    HELLO_BYTES_MAX, Handshake, HandshakeError, HandshakeInput, HandshakeOutput, Introduced, LinkId, Peer,
    Role, Verdict, Welcome,
};
use murmer_transport::{Connection, SendHalf, Transport};
use murmer_wire::put_frame;
use tokio::sync::oneshot;

use super::{CODE_REFUSED, Event, LinkHandle, LinkQueues, OWN_FRAME_BYTES_MAX, carry::carry, handle};
use crate::cluster::driver::Net;
use crate::cluster::stream::FrameReader;

/// Both halves of the control stream.
pub(super) struct ControlStream<C: Connection> {
    pub(super) sender: C::Sender,
    pub(super) reader: FrameReader<C::Receiver>,
}

/// A connection whose peer is known.
pub(super) struct Greeted<C: Connection> {
    pub(super) link: LinkId,
    pub(super) peer: Peer,
    pub(super) connection: C,
    pub(super) control: ControlStream<C>,
    pub(super) handle: LinkHandle<C>,
    pub(super) queues: LinkQueues,
}

/// Greets whoever connected, and carries the connection until it ends.
pub(in crate::cluster) async fn accept<T: Transport>(net: Arc<Net<T>>, connection: T::Connection) {
    let from = connection.remote_addr();
    let mut greeting = match Greeting::begin(&net, Role::Acceptor, connection.clone(), 0).await {
        Ok(greeting) => greeting,
        Err(error) => return net.greeting_failed(from, error),
    };
    let introduced = match greeting.until_known().await {
        Ok((introduced, _)) => introduced,
        Err(error) => return net.greeting_failed(from, error),
    };
    let (link, peer) = (net.next_link(), peer(introduced, false, from, None));
    let who = peer.who.id.clone();
    let (send_verdict, verdict) = oneshot::channel();
    let (handle, queues) = handle(connection.clone(), who.clone(), Some(send_verdict));
    net.tell(Event::Introduced { link, peer, handle }).await;
    match greeting.answer(verdict).await {
        Ok(control) => carry(net, link, who, false, connection, control, queues).await,
        Err(error) => {
            net.tell(Event::Node(murmer_node::Input::Unlinked(link))).await;
            net.greeting_failed(from, error);
        }
    }
}

/// Greets the node that was dialed.
pub(super) async fn greet_as_dialer<T: Transport>(
    net: &Arc<Net<T>>,
    connection: T::Connection,
) -> Result<Greeted<T::Connection>, HandshakeError> {
    let from = connection.remote_addr();
    let mut greeting = Greeting::begin(net, Role::Dialer, connection.clone(), net.next_dial()).await?;
    let (introduced, welcome) = greeting.until_known().await?;
    let peer = peer(introduced, true, from, welcome);
    let (handle, queues) = handle(connection.clone(), peer.who.id.clone(), None);
    Ok(Greeted { link: net.next_link(), peer, connection, control: greeting.control, handle, queues })
}

fn peer(
    introduced: Introduced,
    dialed: bool,
    seen_at: std::net::SocketAddr,
    welcome: Option<Welcome>,
) -> Peer {
    let members = welcome.map(|welcome| welcome.members).unwrap_or_default();
    Peer { who: introduced.peer, dialed, dial: introduced.dial, seen_at, members }
}

struct Greeting<'n, T: Transport> {
    net: &'n Net<T>,
    machine: Handshake,
    connection: T::Connection,
    control: ControlStream<T::Connection>,
}

impl<'n, T: Transport> Greeting<'n, T> {
    async fn begin(
        net: &'n Net<T>,
        role: Role,
        connection: T::Connection,
        dial: u64,
    ) -> Result<Self, HandshakeError> {
        let machine =
            Handshake::new(net.shared.now(), role, net.us.clone(), &net.keys, connection.binding(), dial);
        let expires_at = net.shared.instant(machine.deadline().unwrap_or_default());
        let stream = async {
            match role {
                Role::Dialer => connection.open_stream().await,
                Role::Acceptor => connection.accept_stream().await,
            }
        };
        let (mut sender, receiver) = match tokio::time::timeout_at(expires_at, stream).await {
            Ok(Ok(halves)) => halves,
            Ok(Err(_)) => return Err(HandshakeError::Lost),
            Err(_) => {
                connection.close(CODE_REFUSED, b"too slow");
                return Err(HandshakeError::TimedOut);
            }
        };
        sender.set_priority(PRIORITY_CONTROL);
        let reader = FrameReader::new(receiver, HELLO_BYTES_MAX);
        Ok(Self { net, machine, connection, control: ControlStream { sender, reader } })
    }

    /// Until the peer has proven the cookie and said who it is.
    async fn until_known(&mut self) -> Result<(Introduced, Option<Welcome>), HandshakeError> {
        loop {
            while let Some(output) = self.machine.poll() {
                match output {
                    HandshakeOutput::Send(body) => self.send(&body).await,
                    HandshakeOutput::Proven => {
                        self.connection.trust();
                        self.control.reader.set_max(OWN_FRAME_BYTES_MAX);
                    }
                    HandshakeOutput::Introduced(introduced) => return Ok((introduced, None)),
                    HandshakeOutput::Done(introduced, welcome) => return Ok((introduced, welcome)),
                    HandshakeOutput::Failed(error) => return Err(self.end(error).await),
                }
            }
            let expires_at = self.net.shared.instant(self.machine.deadline().unwrap_or_default());
            let input = match tokio::time::timeout_at(expires_at, self.control.reader.frame()).await {
                Ok(Ok(frame)) => HandshakeInput::Frame(frame),
                Ok(Err(_)) => HandshakeInput::Lost,
                Err(_) => HandshakeInput::Timeout,
            };
            self.machine.handle(self.net.shared.now(), input);
        }
    }

    /// The node's word on the dialer, passed on.
    async fn answer(
        mut self,
        verdict: oneshot::Receiver<Verdict>,
    ) -> Result<ControlStream<T::Connection>, HandshakeError> {
        let input = tokio::select! {
            // Either order would do: a verdict for a connection that has ended is found out at the next word.
            biased;
            verdict = verdict => verdict.map_or(HandshakeInput::Lost, HandshakeInput::Verdict),
            _ = self.connection.closed() => HandshakeInput::Lost,
        };
        self.machine.handle(self.net.shared.now(), input);
        while let Some(output) = self.machine.poll() {
            match output {
                HandshakeOutput::Send(body) => self.send(&body).await,
                HandshakeOutput::Failed(error) => return Err(self.end(error).await),
                HandshakeOutput::Proven | HandshakeOutput::Introduced(_) | HandshakeOutput::Done(..) => {}
            }
        }
        Ok(self.control)
    }

    /// A broken stream shows when it is next read, and so does a peer that takes nothing.
    async fn send(&mut self, body: &Bytes) {
        let mut frame = BytesMut::new();
        put_frame(&mut frame, body);
        drop(tokio::time::timeout(SEND_WAIT, self.control.sender.send_all(frame.freeze())).await);
    }

    /// Lets the last word arrive, then closes.
    async fn end(&mut self, error: HandshakeError) -> HandshakeError {
        if matches!(error, HandshakeError::WrongProof | HandshakeError::LetNotIn(_)) {
            self.control.sender.finish();
            // The peer closes once it has read it; one that doesn't is closed on.
            drop(tokio::time::timeout(LAST_WORD, self.connection.closed()).await);
        }
        self.connection.close(CODE_REFUSED, b"refused");
        error
    }
}

/// Before registries and actors.
const PRIORITY_CONTROL: i32 = 2;
/// How long a refused peer has to read why.
const LAST_WORD: std::time::Duration = std::time::Duration::from_millis(500);
/// How long a stranger may leave us with a word that it doesn't take.
const SEND_WAIT: std::time::Duration = std::time::Duration::from_secs(3);
