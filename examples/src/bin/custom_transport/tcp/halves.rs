//! The two halves of a stream, as handles.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use murmer::transport::{RecvHalf, SendHalf, StreamEnd};

use super::connection::Handle;

/// One stream; its halves share it, and it counts as open until both are dropped.
#[derive(Debug)]
pub(super) struct Halves {
    handle: Arc<Handle>,
    id: u32,
}

impl Halves {
    pub(super) fn split(handle: Arc<Handle>, id: u32) -> (TcpSender, TcpReceiver) {
        handle.0.with(|machine| machine.stats.streams_open += 1);
        let stream = Arc::new(Self { handle, id });
        (TcpSender(stream.clone()), TcpReceiver { stream, end: None })
    }
}

impl Drop for Halves {
    fn drop(&mut self) {
        self.handle.0.with(|machine| machine.stats.streams_open -= 1);
    }
}

#[derive(Debug)]
pub(crate) struct TcpSender(Arc<Halves>);

impl SendHalf for TcpSender {
    fn poll_send(&mut self, cx: &mut Context<'_>, chunk: &mut Bytes) -> Poll<Result<(), StreamEnd>> {
        self.0.handle.0.with(|machine| machine.poll_send(self.0.id, cx, chunk))
    }

    fn finish(&mut self) {
        self.0.handle.0.with(|machine| machine.end_send(self.0.id, Ok(())));
    }

    fn reset(&mut self, code: u32) {
        self.0.handle.0.with(|machine| machine.end_send(self.0.id, Err(code)));
    }

    /// A hint, not taken: streams wait in one line.
    fn set_priority(&mut self, _priority: i32) {}

    fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<StreamEnd> {
        self.0.handle.0.with(|machine| machine.poll_stopped(self.0.id, cx))
    }
}

impl Drop for TcpSender {
    fn drop(&mut self) {
        self.reset(0);
    }
}

#[derive(Debug)]
pub(crate) struct TcpReceiver {
    stream: Arc<Halves>,
    /// The end, once it was seen; `Ok` is a clean one.
    end: Option<Result<(), StreamEnd>>,
}

impl RecvHalf for TcpReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, StreamEnd>> {
        if let Some(end) = &self.end {
            return Poll::Ready(end.clone().map(|()| None));
        }
        let received = self.stream.handle.0.with(|machine| machine.poll_recv(self.stream.id, cx));
        match &received {
            Poll::Ready(Ok(None)) => self.end = Some(Ok(())),
            Poll::Ready(Err(end)) => self.end = Some(Err(end.clone())),
            Poll::Ready(Ok(Some(_))) | Poll::Pending => {}
        }
        received
    }

    fn stop(&mut self, code: u32) {
        if self.end.is_none() {
            self.end = Some(Err(StreamEnd::ClosedHere));
            self.stream.handle.0.with(|machine| machine.stop(self.stream.id, code));
        }
    }
}

impl Drop for TcpReceiver {
    fn drop(&mut self) {
        self.stop(0);
    }
}
