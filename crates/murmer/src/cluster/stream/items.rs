//! What the reader of a streamed answer from another node holds.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use murmer_core::{Delivery, FarActor, FarItems, LinkEnd, SendError};
use murmer_node::{ItemsEnd, Read, ReadEnd, StreamEnd};

use super::far::FarStream;
use super::open::Stream;

/// One streamed answer. Reading gives back credit; dropping this tells the actor's node that nobody reads.
pub(super) struct Items {
    far: Arc<FarStream>,
    stream: Arc<Stream>,
    /// Of the ask.
    id: u64,
}

impl Items {
    pub(super) const fn new(far: Arc<FarStream>, stream: Arc<Stream>, id: u64) -> Self {
        Self { far, stream, id }
    }

    fn error(&self, end: ReadEnd) -> Option<SendError> {
        let lost = |reason| SendError::Lost {
            node: self.far.id().node.clone(),
            reason,
            delivery: Delivery::Handled,
        };
        match end {
            ReadEnd::Ended(ItemsEnd::Complete) => None,
            ReadEnd::Ended(ItemsEnd::Panicked) => Some(SendError::Panicked),
            ReadEnd::Ended(ItemsEnd::Unwritable) => Some(SendError::Reply(None)),
            ReadEnd::Ended(ItemsEnd::TooLarge { bytes, max }) => {
                let size = |bytes| usize::try_from(bytes).unwrap_or(usize::MAX);
                Some(SendError::ItemTooLarge { bytes: size(bytes), max: size(max) })
            }
            ReadEnd::Ended(ItemsEnd::Interrupted) | ReadEnd::Closed(StreamEnd::Stopped) => {
                Some(SendError::Interrupted)
            }
            ReadEnd::Closed(_) => Some(lost(LinkEnd::Stream)),
            ReadEnd::Lost => Some(lost(LinkEnd::Broken)),
        }
    }
}

impl FarItems for Items {
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, SendError>>> {
        let mut inner = self.stream.lock();
        let read = inner.caller.read(self.id);
        if read == Read::Nothing {
            inner.readers.insert(self.id, cx.waker().clone());
            return Poll::Pending;
        }
        // Credit may be on its way back.
        let task = if inner.caller.has_output() { inner.task.take() } else { None };
        drop(inner);
        if let Some(task) = task {
            task.wake();
        }
        Poll::Ready(match read {
            Read::Item(item) => Some(Ok(item)),
            Read::End(end) => self.error(end).map(Err),
            Read::Nothing => None,
        })
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        let mut inner = self.stream.lock();
        let (token, reader) = (inner.caller.cancel(self.id), inner.readers.remove(&self.id));
        let task = inner.task.take();
        drop(inner);
        drop((token, reader));
        if let Some(task) = task {
            task.wake();
        }
    }
}
