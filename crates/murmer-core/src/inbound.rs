//! Messages from another node, into a mailbox whose type only the actor knows.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::Bytes;
use murmer_wire::MessageKey;

use crate::mailbox::{Closed, Mailbox, Push};
use crate::near::Near;
use crate::private::reading;
use crate::{Handlers, ReplyPort, Undecodable};

/// The near end of one stream from another node: bound to one actor, one message at a time.
///
/// One box per stream and none per message; a message that finds the mailbox full waits inside.
///
/// # Examples
///
/// ```
/// use std::future::poll_fn;
/// use bytes::BytesMut;
/// use murmer::Handlers;
/// use murmer::prelude::*;
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let worker = system.start("worker", Worker, 10);
/// // What came from another node: whom it is for, which message, its bytes.
/// let (number, key) = (worker.id().number, Worker::MESSAGES[0].key);
/// let mut bytes = BytesMut::new();
/// WorkerAdd { n: 1 }.encode(&mut bytes)?;
///
/// let mut port = system.port(number).ok_or("no such actor")?;
/// port.deliver(key, &bytes.freeze(), None)?;
/// poll_fn(|cx| port.poll_flush(cx)).await;
/// assert_eq!(worker.add(0).await?, 11);
/// # Ok(())
/// # }
/// ```
pub trait InboundPort: Send {
    /// Decodes a message and offers it to the mailbox; [`poll_flush`](Self::poll_flush) until it is in.
    ///
    /// # Errors
    ///
    /// [`Undeliverable`]: nothing was offered, and the caller is to be told.
    fn deliver(
        &mut self,
        key: MessageKey,
        bytes: &Bytes,
        reply: Option<ReplyPort>,
    ) -> Result<(), Undeliverable>;

    /// Ready once the mailbox has taken, or refused, what was delivered. A refused ask has been
    /// told already, by its [`ReplyPort`]. Cancel-safe.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Ready once the actor is over. Cancel-safe.
    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// The actor's type.
    fn actor_type(&self) -> &'static str;
}

/// Why a message from another node was not offered to its actor.
///
/// # Examples
///
/// ```
/// use murmer::Handlers;
/// use murmer::prelude::*;
/// use murmer_core::Undeliverable;
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// use bytes::Bytes;
///
/// let worker = system.start("worker", Worker, 10);
/// let key = Worker::MESSAGES[0].key;
/// let mut port = system.port(worker.id().number).ok_or("no such actor")?;
/// assert!(matches!(port.deliver(key, &Bytes::new(), None), Err(Undeliverable::Undecodable(_))));
///
/// worker.control().stop();
/// assert_eq!(port.deliver(key, &Bytes::from_static(&[1]), None), Err(Undeliverable::Stopped));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undeliverable {
    /// The actor has stopped.
    #[error("actor has stopped")]
    Stopped,
    /// The bytes are not a message of this actor.
    #[error("message is not one of the actor's")]
    Undecodable(#[source] Undecodable),
}

pub(crate) struct Port<A: Handlers> {
    near: Arc<Near<A>>,
    push: Push<A::Envelope>,
    /// What is on its way in, if that is a tell: its sender holds it to be accepted.
    told: Option<&'static str>,
    ended: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl<A: Handlers> Port<A> {
    pub(crate) const fn new(near: Arc<Near<A>>) -> Self {
        Self { near, push: Push::Done, told: None, ended: None }
    }

    fn mailbox(&self) -> &Mailbox<A::Envelope> {
        &self.near.mailbox
    }
}

impl<A: Handlers> InboundPort for Port<A> {
    fn deliver(
        &mut self,
        key: MessageKey,
        bytes: &Bytes,
        reply: Option<ReplyPort>,
    ) -> Result<(), Undeliverable> {
        debug_assert!(matches!(self.push, Push::Done), "flush what was delivered before");
        if self.mailbox().is_closed() {
            return Err(Undeliverable::Stopped);
        }
        let envelope = reading(bytes, || A::decode(key, bytes, reply)).map_err(Undeliverable::Undecodable)?;
        let (message, is_ask) = A::describe(&envelope);
        self.told = (!is_ask).then_some(message);
        self.push = Push::Fresh(envelope);
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // A closed mailbox drops the envelope, whose reply then tells the caller.
        let taken = ready!(self.near.mailbox.poll_push(cx, &mut self.push));
        if let (Some(message), Err(Closed)) = (self.told.take(), taken) {
            self.near.undelivered(message);
        }
        Poll::Ready(())
    }

    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let near = &self.near;
        self.ended
            .get_or_insert_with(|| {
                let near = near.clone();
                Box::pin(async move { near.ended().await })
            })
            .as_mut()
            .poll(cx)
    }

    fn actor_type(&self) -> &'static str {
        A::TYPE
    }
}

impl<A: Handlers> Drop for Port<A> {
    fn drop(&mut self) {
        drop(self.near.mailbox.withdraw(&mut self.push));
    }
}
