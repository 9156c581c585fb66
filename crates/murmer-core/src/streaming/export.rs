//! The tasks that carry a stream to a caller on another node.
//!
//! Doesn't know the actor: such a task is one of the actor's, and ends with them; but one that passes on what
//! another actor yields lives as long as that.

use core::any::type_name;
use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};

use futures_core::Stream;
use murmer_wire::encode;
use serde::Serialize;

use super::{ItemSink, ReplyStream};
use crate::SendError;
use crate::contained::{contained, contained_now};

/// Carries the items of `stream` to whoever reads them elsewhere, until either is over.
pub(crate) async fn export<S: Stream<Item: Serialize>>(stream: S, sink: Box<dyn ItemSink>) {
    let mut stream = pin!(stream);
    let poll_next = |cx: &mut Context<'_>| {
        stream.as_mut().poll_next(cx).map(|item| item.map_or(Next::Complete, Next::Item))
    };
    carry(poll_next, type_name::<S>(), sink).await;
}

/// The same for what is itself the answer of an actor.
pub(crate) async fn relay<T: Serialize>(mut stream: ReplyStream<T>, sink: Box<dyn ItemSink>) {
    let poll_next = |cx: &mut Context<'_>| {
        Pin::new(&mut stream).poll_next(cx).map(|item| match item {
            Some(Ok(item)) => Next::Item(item),
            Some(Err(SendError::Panicked)) => Next::Panicked,
            Some(Err(_)) => Next::Broken,
            None => Next::Complete,
        })
    };
    carry(poll_next, type_name::<ReplyStream<T>>(), sink).await;
}

enum Next<T> {
    Item(T),
    Complete,
    Panicked,
    /// Ended for another reason before it was complete.
    Broken,
}

async fn carry<T: Serialize>(
    mut poll_next: impl FnMut(&mut Context<'_>) -> Poll<Next<T>>,
    name: &'static str,
    mut sink: Box<dyn ItemSink>,
) {
    // First of all room: the stream is not to be ahead of its reader by more than fits.
    while poll_fn(|cx| sink.poll_ready(cx)).await {
        let next = tokio::select! {
            // Either order would do; a reader that is gone is looked for first, since it ends the work.
            biased;
            () = poll_fn(|cx| sink.poll_unwanted(cx)) => return,
            next = contained(poll_fn(&mut poll_next)) => next,
        };
        // How an item is written is its type's own code, too.
        let carried = next.and_then(|next| match next {
            Next::Item(item) => contained_now(|| sink.send(&mut |out| encode(&item, out))).map(|()| None),
            over => Ok(Some(over)),
        });
        match carried {
            Ok(None) => {}
            Ok(Some(Next::Complete)) => return sink.end(false),
            Ok(Some(Next::Panicked)) => return sink.end(true),
            // Dropped, the sink says so.
            Ok(Some(Next::Broken | Next::Item(_))) => return,
            Err(panic) => {
                tracing::error!(panic, stream = name, "a streamed answer panicked");
                return sink.end(true);
            }
        }
    }
}
