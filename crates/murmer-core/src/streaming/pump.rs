//! The task that polls a handler's stream on behalf of its caller.
//!
//! Doesn't know the actor: it is one of the actor's tasks, and ends with them.

use core::any::type_name;
use core::pin::{Pin, pin};

use futures_core::Stream;

use super::{End, Source};
use crate::contained::contained;

/// Carries the items of `stream` to its reader, until either is over.
pub(crate) async fn pump<S: Stream>(stream: S, source: Source<S::Item>) {
    let Source { items, end } = source;
    let mut stream = pin!(stream);
    loop {
        // First of all room: the stream is not to be ahead of its reader by more than fits.
        let Ok(room) = items.reserve().await else { return };
        let next = tokio::select! {
            // Either order would do; a reader that is gone is looked for first, since it ends the work.
            biased;
            () = items.closed() => return,
            next = contained(next(stream.as_mut())) => next,
        };
        let how = match next {
            Ok(Some(item)) => {
                room.send(item);
                continue;
            }
            Ok(None) => End::Natural,
            Err(panic) => {
                tracing::error!(panic, stream = type_name::<S>(), "a streamed answer panicked");
                End::Panicked
            }
        };
        // Nobody reads it any more if this fails.
        let _ = end.send(how);
        return;
    }
}

async fn next<S: Stream>(mut stream: Pin<&mut S>) -> Option<S::Item> {
    core::future::poll_fn(|cx| stream.as_mut().poll_next(cx)).await
}
