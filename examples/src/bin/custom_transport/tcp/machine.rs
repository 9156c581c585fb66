//! One end of a connection: what may be sent, what has arrived, and what goes on the line next.
//!
//! Knows no socket and no clock; frames go in and come out.

mod frames;
mod streams;

use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

use bytes::{Bytes, BytesMut};
use murmer::transport::{ConnectionEnd, ConnectionStats, DatagramError, Limits};

use super::frame::{Frame, Kind};
use super::queue::Queue;
use super::stream::Stream;
use super::transport::Place;

#[derive(Debug)]
pub(super) struct Machine {
    /// 0 if this end dialed, else 1: the lowest bit of the ids of its streams.
    side: u32,
    limits: Limits,
    pub(super) end: Option<ConnectionEnd>,
    pub(super) stats: ConnectionStats,
    /// Whoever is to be woken, and whether there is news for those who wait for any.
    pub(super) woken: Vec<Waker>,
    pub(super) has_news: bool,
    place: Option<Place>,

    out: VecDeque<Frame>,
    out_bytes: usize,
    datagrams_out: Queue,
    pub(super) datagrams: Queue,

    streams: BTreeMap<u32, Stream>,
    /// Senders that wait for room on the connection, or in `out`.
    waiting: Vec<Waker>,
    room: usize,
    unread: usize,
    opened: u32,
    open_max: u32,
    trusted: bool,
    streams_max: u32,
    /// Of the peer's streams: those it may have opened ever, has opened, has seen accepted and ended.
    granted: u32,
    seen: u32,
    accepted: u32,
    over: u32,
}

impl Machine {
    pub(super) fn new(dialed: bool, limits: &Limits, place: Option<Place>) -> Self {
        Self {
            side: u32::from(!dialed),
            limits: limits.clone(),
            end: None,
            stats: ConnectionStats::default(),
            woken: Vec::new(),
            has_news: false,
            place,
            out: VecDeque::new(),
            out_bytes: 0,
            datagrams_out: Queue::new(limits.datagram_send_buffer),
            datagrams: Queue::new(limits.datagram_receive_buffer),
            streams: BTreeMap::new(),
            waiting: Vec::new(),
            room: limits.stranger_window as usize,
            unread: 0,
            opened: 0,
            open_max: limits.stranger_streams,
            trusted: false,
            streams_max: limits.streams,
            granted: limits.stranger_streams,
            seen: 0,
            accepted: 0,
            over: 0,
        }
    }

    /// Ends all that this end has; what had arrived can still be taken, and what waits to be written is.
    pub(super) fn end(&mut self, end: ConnectionEnd) {
        if self.end.is_some() {
            return;
        }
        self.end = Some(end);
        self.place = None;
        self.has_news = true;
        for stream in self.streams.values_mut() {
            self.woken.extend(stream.wakers());
        }
        self.woken.append(&mut self.waiting);
    }

    pub(super) fn close(&mut self, code: u32, reason: &[u8]) {
        let bytes = Bytes::copy_from_slice(reason);
        self.push(Frame { bytes, ..Frame::new(Kind::Close, 0, code) });
        self.end(ConnectionEnd::ClosedHere);
    }

    pub(super) fn trust(&mut self) {
        if !self.trusted {
            self.trusted = true;
            self.place = None;
            let more = self.limits.connection_window - self.limits.stranger_window;
            self.push(Frame::new(Kind::ConnectionRoom, 0, more));
            self.grant();
        }
    }

    pub(super) fn set_streams_max(&mut self, n: u32) {
        self.streams_max = n.min(self.limits.streams_hard_max);
        self.grant();
    }

    pub(super) fn send_datagram(&mut self, datagram: Bytes) -> Result<(), DatagramError> {
        if let Some(end) = &self.end {
            return Err(DatagramError::Connection(end.clone()));
        }
        if datagram.len() > DATAGRAM_BYTES_MAX {
            return Err(DatagramError::TooLarge { len: datagram.len(), max: DATAGRAM_BYTES_MAX });
        }
        self.datagrams_out.push(datagram);
        Ok(())
    }

    pub(super) fn has_work(&self) -> bool {
        !self.out.is_empty() || !self.datagrams_out.is_empty()
    }

    /// Puts what goes on the line next into `batch`: datagrams first, since their news ages.
    pub(super) fn fill(&mut self, batch: &mut BytesMut) {
        while batch.len() < BATCH_BYTES_MAX {
            let frame = match self.datagrams_out.pop() {
                Some(bytes) => {
                    self.stats.datagrams_sent += 1;
                    Frame { bytes, ..Frame::new(Kind::Datagram, 0, 0) }
                }
                None => match self.out.pop_front() {
                    Some(frame) => frame,
                    None => break,
                },
            };
            if frame.kind != Kind::Datagram {
                self.out_bytes -= frame.len();
            }
            self.stats.packets_sent += 1;
            self.stats.bytes_sent += frame.len() as u64;
            frame.put(batch);
        }
        if self.out_bytes < OUT_BYTES_MAX {
            self.woken.append(&mut self.waiting);
        }
    }

    /// After the end nobody is told anything.
    fn push(&mut self, frame: Frame) {
        if self.end.is_none() {
            self.out_bytes += frame.len();
            self.out.push_back(frame);
        }
    }
}

pub(super) const DATAGRAM_BYTES_MAX: usize = 1_200;
/// How much is written at once.
const BATCH_BYTES_MAX: usize = 64 << 10;
/// How much waits to be written before senders do.
const OUT_BYTES_MAX: usize = 256 << 10;
