//! What the application does with streams.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use murmer::transport::StreamEnd;

use super::{Machine, OUT_BYTES_MAX};
use crate::tcp::frame::{FRAME_BYTES_MAX, Frame, Kind};
use crate::tcp::stream::Stream;

impl Machine {
    /// A stream of our own, or `None` while the peer allows no more.
    pub(in crate::tcp) fn open(&mut self) -> Option<u32> {
        if self.opened == self.open_max {
            return None;
        }
        let id = self.opened << 1 | self.side;
        self.opened += 1;
        self.streams.insert(id, Stream::new(self.limits.stream_window as usize));
        Some(id)
    }

    /// The next stream of the peer's.
    pub(in crate::tcp) fn accept(&mut self) -> Option<u32> {
        if self.accepted == self.seen {
            return None;
        }
        let id = self.accepted << 1 | (1 - self.side);
        self.accepted += 1;
        Some(id)
    }

    pub(in crate::tcp) fn poll_send(
        &mut self,
        id: u32,
        cx: &Context<'_>,
        chunk: &mut Bytes,
    ) -> Poll<Result<(), StreamEnd>> {
        if let Some(end) = &self.end {
            return Poll::Ready(Err(end.clone().into()));
        }
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.sending) else {
            return Poll::Ready(Err(StreamEnd::ClosedHere));
        };
        if let Some(code) = stream.stopped {
            return Poll::Ready(Err(StreamEnd::Stopped(code)));
        }
        let len = chunk.len().min(stream.room).min(self.room).min(FRAME_BYTES_MAX);
        if len == 0 || self.out_bytes >= OUT_BYTES_MAX {
            wait(&mut stream.send_waker, cx);
            // Twice, if it waits for both: the first to have room wakes it, and it looks again.
            if stream.room > 0 && !self.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                self.waiting.push(cx.waker().clone());
            }
            return Poll::Pending;
        }
        stream.room -= len;
        self.room -= len;
        self.push(Frame { bytes: chunk.split_to(len), ..Frame::new(Kind::Data, id, 0) });
        Poll::Ready(Ok(()))
    }

    /// Ends the sending half: cleanly, or with a code.
    pub(in crate::tcp) fn end_send(&mut self, id: u32, end: Result<(), u32>) {
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.sending) else { return };
        stream.sending = false;
        self.push(match end {
            Ok(()) => Frame::new(Kind::Finish, id, 0),
            Err(code) => Frame::new(Kind::Reset, id, code),
        });
        self.tidy(id);
    }

    pub(in crate::tcp) fn poll_stopped(&mut self, id: u32, cx: &Context<'_>) -> Poll<StreamEnd> {
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.sending) else {
            return Poll::Ready(StreamEnd::ClosedHere);
        };
        match (stream.stopped, &self.end) {
            (_, Some(end)) => Poll::Ready(end.clone().into()),
            (Some(code), None) => Poll::Ready(StreamEnd::Stopped(code)),
            (None, None) => {
                wait(&mut stream.stop_waker, cx);
                Poll::Pending
            }
        }
    }

    pub(in crate::tcp) fn poll_recv(
        &mut self,
        id: u32,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<Bytes>, StreamEnd>> {
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.receiving) else {
            return Poll::Ready(Err(StreamEnd::ClosedHere));
        };
        if let Some(chunk) = stream.chunks.pop_front() {
            stream.unread -= chunk.len();
            self.unread -= chunk.len();
            self.push(Frame::new(Kind::Room, id, chunk.len() as u32));
            return Poll::Ready(Ok(Some(chunk)));
        }
        match (stream.arrived, &self.end) {
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
    pub(in crate::tcp) fn stop(&mut self, id: u32, code: u32) {
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.receiving) else { return };
        stream.receiving = false;
        let unread = stream.discard();
        self.give_room(unread);
        self.push(Frame::new(Kind::Stop, id, code));
        self.tidy(id);
    }

    /// Forgets the stream once it is over, and lets the peer open another.
    pub(super) fn tidy(&mut self, id: u32) {
        if self.streams.get(&id).is_some_and(Stream::is_over) {
            self.streams.remove(&id);
            if id & 1 != self.side {
                self.over += 1;
                self.grant();
            }
        }
    }

    /// Lets the peer open as many streams as it may have open and hasn't.
    pub(super) fn grant(&mut self) {
        let granted = self.over.saturating_add(self.streams_max);
        if self.trusted && granted > self.granted {
            self.push(Frame::new(Kind::Streams, 0, granted - self.granted));
            self.granted = granted;
        }
    }

    /// What was thrown away takes no room on the connection.
    pub(super) fn give_room(&mut self, bytes: usize) {
        if bytes > 0 {
            self.unread -= bytes;
            self.push(Frame::new(Kind::ConnectionRoom, 0, bytes as u32));
        }
    }
}

/// Makes `slot` wake the task behind `cx`, and no longer any other.
fn wait(slot: &mut Option<Waker>, cx: &Context<'_>) {
    *slot = Some(cx.waker().clone());
}
