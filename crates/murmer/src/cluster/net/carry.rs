//! A connection whose peer is in: control and registry messages, datagrams, and the peer's streams.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::BytesMut;
use murmer_node::{Control, Input, LinkId, Opening};
use murmer_transport::{Connection, ConnectionEnd, RecvHalf, SendHalf, Transport};
use murmer_wire::{NodeId, begin_frame, decode, encode, end_frame};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use super::greet::ControlStream;
use super::{CODE_DECIDED, CODE_PROTOCOL, Event, LinkQueues, OWN_FRAME_BYTES_MAX};
use crate::cluster::driver::Net;
use crate::cluster::stream::{BufferWriter, FrameReader, Host, Pressure, Retirement, serve};

/// Carries everything until the connection ends; then the driver knows.
pub(super) async fn carry<T: Transport>(
    net: Arc<Net<T>>,
    link: LinkId,
    peer: NodeId,
    dialed: bool,
    connection: T::Connection,
    control: ControlStream<T::Connection>,
    queues: LinkQueues,
) {
    let LinkQueues { linked, control: control_queue, registry, retirement, serving } = queues;
    // Until the node has decided, nothing of the peer's is looked at.
    let is_linked = tokio::select! {
        // Either order would do: what is put on a connection that has ended goes nowhere.
        biased;
        linked = linked => linked.is_ok(),
        _ = connection.closed() => false,
    };
    if is_linked {
        let mut tasks = JoinSet::new();
        tasks.spawn(write_messages(control.sender, control_queue));
        tasks.spawn(read_messages(net.clone(), control.reader, move |message: Control| Input::Control {
            link,
            message,
        }));
        tasks.spawn(datagrams(net.clone(), link, connection.clone()));
        let streams = Streams { net: net.clone(), link, peer, connection: connection.clone() };
        tasks.spawn(streams.run(dialed, registry, retirement, serving));
        tokio::select! {
            // The end of the connection ends the tasks, too, and is not to be taken for their fault.
            biased;
            _ = connection.closed() => {}
            // None of them ends before the connection does, but over a peer that breaks the protocol.
            _ = tasks.join_next() => connection.close(CODE_PROTOCOL, b"protocol"),
        }
    } else {
        connection.close(CODE_DECIDED, b"not linked");
    }
    net.tell(Event::Node(Input::Unlinked(link))).await;
}

async fn datagrams<T: Transport>(net: Arc<Net<T>>, link: LinkId, connection: T::Connection) {
    while let Ok(packet) = connection.recv_datagram().await {
        net.tell(Event::Node(Input::Datagram { link, packet })).await;
    }
}

/// What the streams of a connection need.
struct Streams<T: Transport> {
    net: Arc<Net<T>>,
    link: LinkId,
    peer: NodeId,
    connection: T::Connection,
}

impl<T: Transport> Streams<T> {
    /// The registry stream, opened by the dialer, and the peer's streams to actors here.
    async fn run(
        self,
        dialed: bool,
        registry_queue: mpsc::Receiver<murmer_registry::Message>,
        retirement: Retirement,
        serving: Retirement,
    ) {
        let Self { net, link, peer, connection } = self;
        // Outlives all that is served below.
        let _linked = net.generations.link(&peer);
        let tasks = net.shared.executor.group();
        // Neither of the registry's two ends before the connection does, but over something unheard of.
        let mut registry_tasks = JoinSet::new();
        let mut registry_queue = Some(registry_queue);
        if dialed && let Some(queue) = registry_queue.take() {
            let Ok((mut sender, receiver)) = connection.open_stream().await else { return };
            let mut opening = BytesMut::new();
            put(&mut opening, &Opening::Registry);
            if sender.send_all(opening.freeze()).await.is_err() {
                return;
            }
            let reader = FrameReader::new(receiver, OWN_FRAME_BYTES_MAX);
            registry(&mut registry_tasks, &net, link, sender, reader, queue);
        }
        let host = Arc::new(Host {
            shared: net.shared.clone(),
            system: net.system.clone(),
            generations: net.generations.clone(),
            peer,
            pressure: Pressure::new(connection.limits()),
        });
        let open = Arc::new(AtomicU32::new(0));
        let (mut limit, limit_max) = (connection.limits().streams, connection.limits().streams_hard_max);
        let unopened = Arc::new(Semaphore::new(UNOPENED_MAX));
        // At most one stream says that it is the registry's; it comes back through here with its halves.
        let (found, mut registries) = mpsc::channel(1);
        loop {
            let (place, (sender, receiver)) = tokio::select! {
                // What happens once, or ends it all, before what may come in floods.
                biased;
                Some((sender, reader)) = registries.recv() => match registry_queue.take() {
                    Some(queue) => {
                        registry(&mut registry_tasks, &net, link, sender, reader, queue);
                        continue;
                    }
                    // A second one: the connection is of no use.
                    None => return,
                },
                Some(_) = registry_tasks.join_next() => return,
                accepted = accept(&connection, &unopened) => match accepted {
                    Ok(accepted) => accepted,
                    Err(_) => return,
                },
            };
            // On demand, since memory is paid for what is permitted.
            if open.fetch_add(1, Ordering::Relaxed) >= limit / 2 && limit < limit_max {
                limit = limit.saturating_mul(2).min(limit_max);
                connection.set_streams_max(limit);
            }
            let served = opened(host.clone(), place, sender, receiver, found.clone());
            let (open, staying) = (open.clone(), (retirement.stay(), serving.stay()));
            tasks.spawn(async move {
                served.await;
                drop(staying);
                open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }
}

/// The next stream, once few enough others have yet to say what they are for. Cancel-safe.
async fn accept<C: Connection>(
    connection: &C,
    unopened: &Arc<Semaphore>,
) -> Result<(OwnedSemaphorePermit, (C::Sender, C::Receiver)), ConnectionEnd> {
    let place = unopened.clone().acquire_owned().await.expect("it is never closed");
    Ok((place, connection.accept_stream().await?))
}

/// Reads what a stream is for, and serves it if it is for an actor. That may take as long as it likes: on a
/// full connection a stream can be known long before its first bytes come through.
async fn opened<S: SendHalf, R: RecvHalf>(
    host: Arc<Host>,
    place: OwnedSemaphorePermit,
    sender: S,
    receiver: R,
    registries: mpsc::Sender<(S, FrameReader<R>)>,
) {
    let mut reader = FrameReader::new(receiver, OPENING_BYTES_MAX);
    let Ok(frame) = reader.frame().await else { return };
    drop(place);
    match decode(&frame) {
        Ok(Opening::Registry) => {
            reader.set_max(OWN_FRAME_BYTES_MAX);
            drop(registries.send((sender, reader)).await);
        }
        Ok(Opening::Actor) => {
            reader.set_max(host.shared.settings.frame_bytes_max);
            serve(&host, sender, reader).await;
        }
        // The dropped halves reset the stream.
        Err(_) => {}
    }
}

fn registry<T: Transport, S: SendHalf, R: RecvHalf>(
    tasks: &mut JoinSet<()>,
    net: &Arc<Net<T>>,
    link: LinkId,
    mut sender: S,
    reader: FrameReader<R>,
    queue: mpsc::Receiver<murmer_registry::Message>,
) {
    sender.set_priority(PRIORITY_REGISTRY);
    tasks.spawn(write_messages(sender, queue));
    tasks.spawn(read_messages(net.clone(), reader, move |message| Input::Registry { link, message }));
}

/// Reads messages until the stream ends; a frame that is none ends it, too.
async fn read_messages<T: Transport, M: DeserializeOwned, R: RecvHalf>(
    net: Arc<Net<T>>,
    mut reader: FrameReader<R>,
    input: impl Fn(M) -> Input,
) {
    while let Ok(frame) = reader.frame().await {
        let Ok(message) = decode(&frame) else { return };
        net.tell(Event::Node(input(message))).await;
    }
}

/// Writes messages as they come, as many at once as are there.
async fn write_messages<M: Serialize, S: SendHalf>(sender: S, mut queue: mpsc::Receiver<M>) {
    let mut writer = BufferWriter::new(sender, bytes::Bytes::new());
    while let Some(message) = queue.recv().await {
        let mut buffer = BytesMut::new();
        put(&mut buffer, &message);
        while buffer.len() < WRITE_BYTES_MAX
            && let Ok(message) = queue.try_recv()
        {
            put(&mut buffer, &message);
        }
        writer.put(buffer.freeze());
        if poll_fn(|cx| writer.poll_flush(cx)).await.is_err() {
            return;
        }
    }
    // The driver let go of the link; closing it is the driver's business.
    std::future::pending().await
}

fn put<M: Serialize>(out: &mut BytesMut, message: &M) {
    let at = begin_frame(out);
    encode(message, out).expect("our own messages have known shapes");
    end_frame(out, at);
}

/// Streams of a peer that have not said yet what they are for; further ones wait. Each costs a task. Their time
/// has no limit: the peer has proven the cookie, and on a congested link it is not in its hands.
const UNOPENED_MAX: usize = 1_024;
/// The largest first frame of a stream.
const OPENING_BYTES_MAX: usize = 64;
/// How much is gathered into one write.
const WRITE_BYTES_MAX: usize = 64 << 10;
/// After control, before actors.
const PRIORITY_REGISTRY: i32 = 1;

#[cfg(test)]
mod tests;
