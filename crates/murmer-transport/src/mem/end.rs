//! One end of a connection in memory: its streams, its windows, what has arrived.
//!
//! Takes packets in and gives packets out; doesn't know paths, delays or the other end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::wakes::{Wakes, wait};
use crate::admission::Place;
use crate::{ConnectionEnd, ConnectionStats, Limits, StreamEnd};

/// What travels between two ends, in order and without loss.
pub(super) enum Packet {
    Data {
        stream: StreamId,
        bytes: Bytes,
    },
    Finish {
        stream: StreamId,
    },
    Reset {
        stream: StreamId,
        code: u32,
    },
    Stop {
        stream: StreamId,
        code: u32,
    },
    /// The receiver has read: room on the stream, and on the connection.
    Room {
        stream: StreamId,
        bytes: usize,
    },
    /// Room on the connection alone.
    ConnectionRoom {
        bytes: usize,
    },
    /// The receiver of this may open so many streams more.
    Streams {
        more: u64,
    },
    Close {
        code: u32,
        reason: Bytes,
    },
}

impl Packet {
    /// The bytes of the application's in it.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Data { bytes, .. } => bytes.len(),
            Self::Close { reason, .. } => reason.len(),
            Self::Finish { .. }
            | Self::Reset { .. }
            | Self::Stop { .. }
            | Self::Room { .. }
            | Self::ConnectionRoom { .. }
            | Self::Streams { .. } => 0,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StreamId {
    pub(super) by_dialer: bool,
    pub(super) index: u64,
}

pub(super) struct End {
    pub(super) dialer: bool,
    pub(super) ended: Option<ConnectionEnd>,
    /// Since when nothing can be heard from the peer; `None` while it can.
    pub(super) unheard_since: Option<Instant>,
    /// When a successor of the peer will say that it doesn't know us.
    pub(super) reset_at: Option<Instant>,
    /// Whoever waits for streams, datagrams or the end.
    pub(super) news: Arc<Notify>,
    pub(super) place: Option<Place>,
    pub(super) stats: ConnectionStats,
    /// Packets for the other end, to be taken after each call.
    pub(super) out: VecDeque<Packet>,
    pub(super) datagrams: VecDeque<Bytes>,
    datagram_bytes: usize,
    streams: BTreeMap<StreamId, Stream>,
    /// Streams that wait for room on the connection.
    waiting: BTreeSet<StreamId>,
    room: usize,
    opened: u64,
    open_max: u64,
    trusted: bool,
    streams_max: u32,
    /// Of the peer's streams: those it may have opened ever, has opened, has seen accepted and ended.
    granted: u64,
    seen: u64,
    accepted: u64,
    over: u64,
}

struct Stream {
    room: usize,
    sending: bool,
    stopped: Option<u32>,
    send_waker: Option<Waker>,
    stop_waker: Option<Waker>,

    chunks: VecDeque<Bytes>,
    /// The end as sent by the peer.
    arrived: Option<Result<(), u32>>,
    /// The application wants, and gets, no more.
    receiving: bool,
    recv_waker: Option<Waker>,
}

impl End {
    pub(super) fn new(dialer: bool, limits: &Limits, place: Option<Place>) -> Self {
        Self {
            dialer,
            ended: None,
            unheard_since: None,
            reset_at: None,
            news: Arc::default(),
            place,
            stats: ConnectionStats::default(),
            out: VecDeque::new(),
            datagrams: VecDeque::new(),
            datagram_bytes: 0,
            streams: BTreeMap::new(),
            waiting: BTreeSet::new(),
            room: limits.stranger_window as usize,
            opened: 0,
            open_max: u64::from(limits.stranger_streams),
            trusted: false,
            streams_max: limits.streams,
            granted: u64::from(limits.stranger_streams),
            seen: 0,
            accepted: 0,
            over: 0,
        }
    }

    /// Ends all that this end has; what had arrived can still be taken.
    pub(super) fn end(&mut self, end: ConnectionEnd, wakes: &mut Wakes) {
        if self.ended.is_some() {
            return;
        }
        self.ended = Some(end);
        self.place = None;
        self.out.clear();
        for stream in self.streams.values_mut() {
            wakes.wake(&mut stream.send_waker);
            wakes.wake(&mut stream.stop_waker);
            wakes.wake(&mut stream.recv_waker);
        }
        wakes.notify(&self.news);
    }

    pub(super) fn trust(&mut self, limits: &Limits) {
        if !self.trusted {
            self.trusted = true;
            self.place = None;
            let more = (limits.connection_window - limits.stranger_window) as usize;
            self.out.push_back(Packet::ConnectionRoom { bytes: more });
            self.grant();
        }
    }

    pub(super) fn set_streams_max(&mut self, n: u32) {
        self.streams_max = n;
        self.grant();
    }

    /// Lets the peer open as many streams as it may have open and hasn't.
    fn grant(&mut self) {
        let granted = self.over + u64::from(self.streams_max);
        if self.trusted && granted > self.granted {
            self.out.push_back(Packet::Streams { more: granted - self.granted });
            self.granted = granted;
        }
    }

    /// A stream of our own, or `None` while the peer allows no more.
    pub(super) fn open(&mut self, limits: &Limits) -> Option<StreamId> {
        if self.opened == self.open_max {
            return None;
        }
        let id = StreamId { by_dialer: self.dialer, index: self.opened };
        self.opened += 1;
        self.streams.insert(id, Stream::new(limits));
        Some(id)
    }

    /// The next stream of the peer's.
    pub(super) fn accept(&mut self) -> Option<StreamId> {
        if self.accepted == self.seen {
            return None;
        }
        let id = StreamId { by_dialer: !self.dialer, index: self.accepted };
        self.accepted += 1;
        Some(id)
    }

    pub(super) fn poll_send(
        &mut self,
        id: StreamId,
        cx: &Context<'_>,
        chunk: &mut Bytes,
    ) -> Poll<Result<(), StreamEnd>> {
        if let Some(end) = &self.ended {
            return Poll::Ready(Err(end.clone().into()));
        }
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.sending) else {
            return Poll::Ready(Err(StreamEnd::ClosedHere));
        };
        if let Some(code) = stream.stopped {
            return Poll::Ready(Err(StreamEnd::Stopped(code)));
        }
        let len = chunk.len().min(stream.room).min(self.room);
        if len == 0 {
            wait(&mut stream.send_waker, cx);
            if self.room == 0 {
                self.waiting.insert(id);
            }
            return Poll::Pending;
        }
        stream.room -= len;
        self.room -= len;
        self.out.push_back(Packet::Data { stream: id, bytes: chunk.split_to(len) });
        Poll::Ready(Ok(()))
    }

    /// Ends the sending half: cleanly, or with a code.
    pub(super) fn end_send(&mut self, id: StreamId, end: Result<(), u32>) {
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.sending) else { return };
        stream.sending = false;
        self.out.push_back(match end {
            Ok(()) => Packet::Finish { stream: id },
            Err(code) => Packet::Reset { stream: id, code },
        });
        self.tidy(id);
    }

    pub(super) fn poll_stopped(&mut self, id: StreamId, cx: &Context<'_>) -> Poll<StreamEnd> {
        if let Some(end) = &self.ended {
            return Poll::Ready(end.clone().into());
        }
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.sending) else {
            return Poll::Ready(StreamEnd::ClosedHere);
        };
        match stream.stopped {
            Some(code) => Poll::Ready(StreamEnd::Stopped(code)),
            None => {
                wait(&mut stream.stop_waker, cx);
                Poll::Pending
            }
        }
    }

    pub(super) fn poll_recv(
        &mut self,
        id: StreamId,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<Bytes>, StreamEnd>> {
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.receiving) else {
            return Poll::Ready(Err(StreamEnd::ClosedHere));
        };
        if let Some(chunk) = stream.chunks.pop_front() {
            if self.ended.is_none() {
                self.out.push_back(Packet::Room { stream: id, bytes: chunk.len() });
            }
            return Poll::Ready(Ok(Some(chunk)));
        }
        match (stream.arrived, &self.ended) {
            (Some(end), _) => {
                stream.receiving = false;
                self.tidy(id);
                Poll::Ready(end.map(|()| None).map_err(StreamEnd::Reset))
            }
            (None, Some(end)) => Poll::Ready(Err(end.clone().into())),
            (None, None) => {
                wait(&mut stream.recv_waker, cx);
                Poll::Pending
            }
        }
    }

    /// The application takes no more from the stream.
    pub(super) fn stop(&mut self, id: StreamId, code: u32) {
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.receiving) else { return };
        stream.receiving = false;
        let unread = stream.discard();
        if self.ended.is_none() {
            self.out.push_back(Packet::ConnectionRoom { bytes: unread });
            self.out.push_back(Packet::Stop { stream: id, code });
        }
        self.tidy(id);
    }

    /// Takes a datagram in; the oldest make room for it.
    pub(super) fn take_datagram(&mut self, datagram: Bytes, limits: &Limits, wakes: &mut Wakes) {
        self.datagram_bytes += datagram.len();
        self.datagrams.push_back(datagram);
        while self.datagram_bytes > limits.datagram_receive_buffer {
            self.next_datagram();
        }
        wakes.notify(&self.news);
    }

    pub(super) fn next_datagram(&mut self) -> Option<Bytes> {
        let datagram = self.datagrams.pop_front()?;
        self.datagram_bytes -= datagram.len();
        Some(datagram)
    }

    /// Takes a packet in.
    pub(super) fn take(&mut self, packet: Packet, limits: &Limits, wakes: &mut Wakes) {
        match packet {
            Packet::Data { stream, bytes } => {
                let len = bytes.len();
                match self.reached(stream, limits, wakes).filter(|stream| stream.receiving) {
                    Some(stream) => {
                        stream.chunks.push_back(bytes);
                        wakes.wake(&mut stream.recv_waker);
                    }
                    None => self.out.push_back(Packet::ConnectionRoom { bytes: len }),
                }
            }
            Packet::Finish { stream } => self.take_end(stream, Ok(()), limits, wakes),
            Packet::Reset { stream, code } => self.take_end(stream, Err(code), limits, wakes),
            Packet::Stop { stream, code } => {
                if let Some(stream) = self.reached(stream, limits, wakes) {
                    stream.stopped = Some(code);
                    wakes.wake(&mut stream.send_waker);
                    wakes.wake(&mut stream.stop_waker);
                }
            }
            Packet::Room { stream, bytes } => {
                if let Some(stream) = self.streams.get_mut(&stream) {
                    stream.room += bytes;
                    wakes.wake(&mut stream.send_waker);
                }
                self.take_room(bytes, wakes);
            }
            Packet::ConnectionRoom { bytes } => self.take_room(bytes, wakes),
            Packet::Streams { more } => {
                self.open_max += more;
                wakes.notify(&self.news);
            }
            Packet::Close { code, reason } => self.end(ConnectionEnd::ClosedByPeer { code, reason }, wakes),
        }
    }

    fn take_room(&mut self, bytes: usize, wakes: &mut Wakes) {
        self.room += bytes;
        for id in std::mem::take(&mut self.waiting) {
            if let Some(stream) = self.streams.get_mut(&id) {
                wakes.wake(&mut stream.send_waker);
            }
        }
    }

    fn take_end(&mut self, id: StreamId, end: Result<(), u32>, limits: &Limits, wakes: &mut Wakes) {
        let Some(stream) = self.reached(id, limits, wakes) else { return };
        stream.arrived = Some(end);
        wakes.wake(&mut stream.recv_waker);
        if end.is_err() {
            let unread = stream.discard();
            self.out.push_back(Packet::ConnectionRoom { bytes: unread });
        }
        self.tidy(id);
    }

    /// The stream that a packet is for, together with those that the peer must have opened before it;
    /// `None` if it is over.
    fn reached(&mut self, id: StreamId, limits: &Limits, wakes: &mut Wakes) -> Option<&mut Stream> {
        if id.by_dialer != self.dialer && id.index >= self.seen {
            for index in self.seen..=id.index {
                self.streams.insert(StreamId { index, ..id }, Stream::new(limits));
            }
            self.seen = id.index + 1;
            wakes.notify(&self.news);
        }
        self.streams.get_mut(&id)
    }

    /// Forgets the stream once neither way has anything to say, and lets the peer open another.
    fn tidy(&mut self, id: StreamId) {
        let over = |stream: &Stream| {
            !stream.sending && !stream.receiving && (stream.arrived.is_some() || self.ended.is_some())
        };
        if self.streams.get(&id).is_some_and(over) {
            self.streams.remove(&id);
            if id.by_dialer != self.dialer {
                self.over += 1;
                if self.ended.is_none() {
                    self.grant();
                }
            }
        }
    }
}

impl Stream {
    fn new(limits: &Limits) -> Self {
        Self {
            room: limits.stream_window as usize,
            sending: true,
            stopped: None,
            send_waker: None,
            stop_waker: None,
            chunks: VecDeque::new(),
            arrived: None,
            receiving: true,
            recv_waker: None,
        }
    }

    /// Throws away what was not read, and says how much it was.
    fn discard(&mut self) -> usize {
        self.chunks.drain(..).map(|chunk| chunk.len()).sum()
    }
}
