//! Passing a request on to another actor, which then answers whoever asked.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;

use super::Step;
use super::outgoing::{self, Tried};
use crate::endpoint::Way;
use crate::{Accepts, Endpoint, Message, ReplyTo, SendError};

pub(crate) async fn forward<A: Accepts<M>, M: Message>(
    endpoint: &Endpoint<A>,
    message: M,
    reply: ReplyTo<M::Reply>,
) -> Result<(), SendError> {
    // It was told, not asked, and is so again: an ask that nobody waits for would not be handled.
    if reply.is_nobody() {
        return endpoint.tell(message).await;
    }
    match endpoint.way() {
        Way::Near(near) => {
            let envelope = A::wrap(message, Some(reply));
            match outgoing::put::<A, M>(near.clone(), envelope) {
                Tried::Accepted(()) => Ok(()),
                Tried::Waits(mut outgoing) => poll_fn(|cx| outgoing.poll(cx, None)).await.map(drop),
                Tried::Refused(error, _) => Err(error),
            }
        }
        // Another node answers to this one, and this one to whoever asked.
        Way::Far(_) => {
            let mut request = endpoint.send(message);
            if let Some(at) = reply.deadline() {
                request = request.timeout(at.saturating_duration_since(tokio::time::Instant::now()));
            }
            let answered = poll_fn(|cx| match Pin::new(&mut request).poll(cx) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if matches!(request.step, Step::Sending(_)) => Poll::Pending,
                Poll::Pending => Poll::Ready(None),
            });
            match answered.await {
                Some(Ok(answer)) => reply.send(answer),
                Some(Err(error)) => return Err(error),
                None => drop(tokio::spawn(async move {
                    // Dropped, the reply says for itself that there is none.
                    if let Ok(answer) = request.await {
                        reply.send(answer);
                    }
                })),
            }
            Ok(())
        }
        Way::Void(void) => Err(void.error()),
    }
}
