//! What the peer's frames do. It is not to be trusted: each may be anything.

use murmer::transport::ConnectionEnd;

use super::{DATAGRAM_BYTES_MAX, Machine};
use crate::tcp::frame::{Frame, Kind};
use crate::tcp::stream::Stream;

impl Machine {
    /// Takes a frame in; an error says how it breaks the protocol.
    pub(in crate::tcp) fn take(&mut self, frame: Frame) -> Result<(), &'static str> {
        if self.end.is_some() {
            return Ok(());
        }
        self.stats.packets_received += 1;
        self.stats.bytes_received += frame.len() as u64;
        let Frame { stream: id, number, .. } = frame;
        match frame.kind {
            Kind::Data => self.take_data(frame)?,
            Kind::Finish => self.take_end(id, Ok(()))?,
            Kind::Reset => self.take_end(id, Err(number))?,
            Kind::Stop => {
                if let Some(stream) = self.reached(id)? {
                    stream.stopped = Some(number);
                    let wakers = stream.wakers();
                    self.woken.extend(wakers);
                }
            }
            Kind::Room => {
                if let Some(stream) = self.reached(id)? {
                    stream.room = stream.room.saturating_add(number as usize);
                    let waker = stream.send_waker.take();
                    self.woken.extend(waker);
                }
                self.take_room(number);
            }
            Kind::ConnectionRoom => self.take_room(number),
            Kind::Streams => {
                self.open_max = self.open_max.saturating_add(number).min(STREAMS_EVER_MAX);
                self.has_news = true;
            }
            Kind::Datagram => {
                if frame.bytes.len() > DATAGRAM_BYTES_MAX {
                    return Err("a datagram over the limit");
                }
                self.stats.datagrams_received += 1;
                self.datagrams.push(frame.bytes);
                self.has_news = true;
            }
            Kind::Close => self.end(ConnectionEnd::ClosedByPeer { code: number, reason: frame.bytes }),
            Kind::Alive => {}
        }
        Ok(())
    }

    fn take_data(&mut self, frame: Frame) -> Result<(), &'static str> {
        let len = frame.bytes.len();
        let window = if self.trusted { self.limits.connection_window } else { self.limits.stranger_window };
        let stream_window = self.limits.stream_window as usize;
        self.unread += len;
        if self.unread > window as usize {
            return Err("more than the connection's window");
        }
        match self.reached(frame.stream)?.filter(|stream| stream.receiving) {
            _ if len == 0 => Err("an empty piece"),
            Some(stream) if stream.unread + len > stream_window => Err("more than the stream's window"),
            Some(stream) => {
                stream.unread += len;
                stream.chunks.push_back(frame.bytes);
                let waker = stream.recv_waker.take();
                self.woken.extend(waker);
                Ok(())
            }
            None => {
                self.give_room(len);
                Ok(())
            }
        }
    }

    fn take_end(&mut self, id: u32, end: Result<(), u32>) -> Result<(), &'static str> {
        let Some(stream) = self.reached(id)? else { return Ok(()) };
        stream.arrived = Some(end);
        let unread = if end.is_err() { stream.discard() } else { 0 };
        let waker = stream.recv_waker.take();
        self.woken.extend(waker);
        self.give_room(unread);
        self.tidy(id);
        Ok(())
    }

    fn take_room(&mut self, bytes: u32) {
        self.room = self.room.saturating_add(bytes as usize);
        self.woken.append(&mut self.waiting);
    }

    /// The stream that a frame is for, together with those that the peer must have opened before it; `None` if it
    /// is over.
    fn reached(&mut self, id: u32) -> Result<Option<&mut Stream>, &'static str> {
        let (index, is_theirs) = (id >> 1, id & 1 != self.side);
        if is_theirs && index >= self.granted {
            return Err("more streams than permitted");
        }
        if !is_theirs && index >= self.opened {
            return Err("a stream that nobody has opened");
        }
        if is_theirs && index >= self.seen {
            for index in self.seen..=index {
                let stream = Stream::new(self.limits.stream_window as usize);
                self.streams.insert(index << 1 | (id & 1), stream);
            }
            self.seen = index + 1;
            self.has_news = true;
        }
        Ok(self.streams.get_mut(&id))
    }
}

/// One bit of a stream's id says whose it is.
const STREAMS_EVER_MAX: u32 = u32::MAX >> 1;
