//! The two halves of a stream in memory, as handles.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::connection::Handle;
use super::end::StreamId;
use crate::open::OpenStream;
use crate::{RecvHalf, SendHalf, StreamEnd};

/// The half of a stream in memory that sends.
pub struct MemSender {
    handle: Arc<Handle>,
    id: StreamId,
    _open: Arc<OpenStream>,
}

impl MemSender {
    pub(super) const fn new(handle: Arc<Handle>, id: StreamId, open: Arc<OpenStream>) -> Self {
        Self { handle, id, _open: open }
    }
}

impl SendHalf for MemSender {
    fn poll_send(&mut self, cx: &mut Context<'_>, chunk: &mut Bytes) -> Poll<Result<(), StreamEnd>> {
        debug_assert!(!chunk.is_empty(), "an empty chunk can't be sent");
        self.handle.with(|end, _| end.poll_send(self.id, cx, chunk))
    }

    fn finish(&mut self) {
        self.handle.with(|end, _| end.end_send(self.id, Ok(())));
    }

    fn reset(&mut self, code: u32) {
        self.handle.with(|end, _| end.end_send(self.id, Err(code)));
    }

    /// Does nothing: nothing waits for anything here.
    fn set_priority(&mut self, _priority: i32) {}

    fn poll_stopped(&mut self, cx: &mut Context<'_>) -> Poll<StreamEnd> {
        self.handle.with(|end, _| end.poll_stopped(self.id, cx))
    }
}

impl Drop for MemSender {
    fn drop(&mut self) {
        self.reset(ABANDONED);
    }
}

impl std::fmt::Debug for MemSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemSender").field("index", &self.id.index).finish_non_exhaustive()
    }
}

/// The half of a stream in memory that receives.
pub struct MemReceiver {
    handle: Arc<Handle>,
    id: StreamId,
    _open: Arc<OpenStream>,
    /// The end, once it was seen; `Ok` is a clean one.
    ended: Option<Result<(), StreamEnd>>,
}

impl MemReceiver {
    pub(super) const fn new(handle: Arc<Handle>, id: StreamId, open: Arc<OpenStream>) -> Self {
        Self { handle, id, _open: open, ended: None }
    }
}

impl RecvHalf for MemReceiver {
    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, StreamEnd>> {
        if let Some(ended) = &self.ended {
            return Poll::Ready(ended.clone().map(|()| None));
        }
        let end = match ready!(self.handle.with(|end, _| end.poll_recv(self.id, cx))) {
            Ok(Some(chunk)) => return Poll::Ready(Ok(Some(chunk))),
            Ok(None) => Ok(()),
            Err(end) => Err(end),
        };
        Poll::Ready(self.ended.insert(end).clone().map(|()| None))
    }

    fn stop(&mut self, code: u32) {
        if self.ended.is_none() {
            self.ended = Some(Err(StreamEnd::ClosedHere));
            self.handle.with(|end, _| end.stop(self.id, code));
        }
    }
}

impl Drop for MemReceiver {
    fn drop(&mut self) {
        self.stop(ABANDONED);
    }
}

impl std::fmt::Debug for MemReceiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemReceiver").field("index", &self.id.index).finish_non_exhaustive()
    }
}

/// The code of a half that was dropped.
const ABANDONED: u32 = 0;
