//! The way back: exactly one answer for every ask, or the reason why there is none.
//!
//! A [`ReplyTo`] that is dropped says why on its own: whether its handler had begun, and whether it
//! is being dropped by a panic. So no path through an actor's end can leave a caller waiting.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use bytes::BytesMut;
use murmer_wire::{EncodeError, encode};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::deadline::Deadline;
use crate::{Delivery, ItemSink, ReplyStream, SendError, streaming};

/// Where the answer to one ask goes.
///
/// A handler that can't answer at once takes one, as a parameter `reply: ReplyTo<R>`, and returns nothing:
/// its message is then answered by `R`. It may keep it in the actor's state, send it to a task, or
/// [`forward`](crate::Endpoint::forward) it with a message to another actor that is to answer. It does not
/// matter whether the asker is in this process or on another node.
///
/// Dropped without an answer, it tells the asker: [`SendError::NoReply`]. If the message was told rather
/// than asked, it is an address of nobody; see [`is_wanted`](Self::is_wanted).
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
///
/// struct Guests;
/// impl Actor for Guests {
///     type State = Vec<ReplyTo<String>>;
/// }
/// #[handlers]
/// impl Guests {
///     /// Answered once somebody calls.
///     #[handler]
///     fn wait(&mut self, waiting: &mut Vec<ReplyTo<String>>, reply: ReplyTo<String>) {
///         waiting.push(reply);
///     }
///
///     #[handler]
///     fn call(&mut self, waiting: &mut Vec<ReplyTo<String>>, what: String) {
///         waiting.drain(..).for_each(|reply| reply.send(what.clone()));
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
///
/// let guests = System::local().start("guests", Guests, Vec::new());
/// let (heard, called) = tokio::join!(biased; guests.wait(), guests.call("dinner!".into()));
/// called?;
/// assert_eq!(heard?, "dinner!");
/// # Ok(()) }
/// ```
pub struct ReplyTo<R> {
    way: Way<R>,
}

/// How far the ask has got, which is what a dropped reply is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    /// Its time was over before its turn came.
    Expired,
    Begun,
}

/// Every ask that waits carries one, so what is rare is behind a box.
enum Way<R> {
    Local {
        sender: oneshot::Sender<Result<R, SendError>>,
        deadline: Option<Deadline>,
        stage: Stage,
    },
    Far {
        far: Box<(ReplyPort, Carry<R>)>,
        stage: Stage,
    },
    /// Nobody waits, or the answer has been given.
    Nobody,
}

/// Hands an answer over; it may be left where it is.
type Carry<R> = fn(&ReplyPort, &mut Option<R>);

impl<R> ReplyTo<R> {
    pub(crate) fn local(sender: oneshot::Sender<Result<R, SendError>>, deadline: Option<Deadline>) -> Self {
        Self { way: Way::Local { sender, deadline, stage: Stage::Waiting } }
    }

    /// For a handler that answers later and was told, not asked: nobody waits for the answer.
    pub(crate) const fn nobody() -> Self {
        Self { way: Way::Nobody }
    }

    /// Answers. Whether the caller still waits is not known; an answer nobody awaits is dropped.
    ///
    /// A [`ReplyStream`] for a caller on another node is passed on by a task, so that this has to be within a
    /// tokio runtime; otherwise the caller gets [`SendError::NoReply`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Thinker; impl Actor for Thinker { type State = (); }
    /// #[handlers]
    /// impl Thinker {
    ///     #[handler]
    ///     fn think(&self, ctx: &ActorContext<Self>, reply: ReplyTo<u32>) {
    ///         ctx.spawn(async { reply.send(42) }); // the actor is free again
    ///     }
    ///
    ///     #[handler]
    ///     fn forget(&self, reply: ReplyTo<u32>) {
    ///         drop(reply);
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let thinker = System::local().start("thinker", Thinker, ());
    /// assert_eq!(thinker.think().await?, 42);
    /// assert!(matches!(thinker.forget().await, Err(SendError::NoReply)));
    /// # Ok(()) }
    /// ```
    pub fn send(mut self, reply: R) {
        if let Way::Far { far, .. } = &self.way {
            let (port, carry) = &**far;
            let mut reply = Some(reply);
            // Still ours while it is written: if the value panics over that, `drop` tells the asker.
            carry(port, &mut reply);
            self.way = Way::Nobody;
        } else if let Way::Local { sender, .. } = core::mem::replace(&mut self.way, Way::Nobody) {
            drop(sender.send(Ok(reply)));
        }
    }

    /// Whether anybody still waits for the answer: a long handler may look, and stop early.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Miner; impl Actor for Miner { type State = u32; }
    /// #[handlers]
    /// impl Miner {
    ///     #[handler]
    ///     async fn dig(&self, depth: &mut u32, reply: ReplyTo<u32>) {
    ///         while reply.is_wanted() && *depth < 1_000 {
    ///             *depth += 1;
    ///             tokio::task::yield_now().await;
    ///         }
    ///         reply.send(*depth);
    ///     }
    /// #   #[handler] fn depth(&self, depth: &mut u32) -> u32 { *depth }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let miner = System::local().start("miner", Miner, 0);
    /// let gave_up = async { for _ in 0..10 { tokio::task::yield_now().await } };
    /// tokio::select! { biased; _ = miner.dig() => (), () = gave_up => () }
    /// assert!(miner.depth().await? < 1_000);
    /// # Ok(()) }
    /// ```
    pub fn is_wanted(&self) -> bool {
        match &self.way {
            Way::Local { sender, .. } => !sender.is_closed(),
            Way::Far { far, .. } => far.0.sink.is_wanted(far.0.id),
            Way::Nobody => false,
        }
    }

    /// Whether nobody ever waited for the answer.
    pub(crate) const fn is_nobody(&self) -> bool {
        matches!(self.way, Way::Nobody)
    }

    /// Gives up its place to whoever answers another node by other means.
    pub(crate) fn into_port(mut self) -> Result<ReplyPort, Self> {
        match core::mem::replace(&mut self.way, Way::Nobody) {
            Way::Far { far, .. } => Ok(far.0),
            way => Err(Self { way }),
        }
    }

    /// When nobody waits for the answer any more.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.way {
            Way::Local { deadline, .. } => deadline.map(Deadline::at),
            Way::Far { far, .. } => far.0.expires_at,
            Way::Nobody => None,
        }
    }

    /// From here on a handler has run: dropping without an answer is no longer a refusal. False, and
    /// not begun, if nobody waits for the answer any more: the message is not to be handled then.
    pub(crate) fn begin(&mut self) -> bool {
        let is_expired = self.deadline().is_some_and(|at| at <= Instant::now());
        let is_wanted = !is_expired && self.is_wanted();
        if let Way::Local { stage, .. } | Way::Far { stage, .. } = &mut self.way {
            if is_wanted {
                *stage = Stage::Begun;
            } else if is_expired && *stage == Stage::Waiting {
                // One that was forwarded has been with a handler, which dropping it tells.
                *stage = Stage::Expired;
            }
        }
        is_wanted
    }
}

impl<R> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        let failure = |stage| match (stage, std::thread::panicking()) {
            (Stage::Waiting, _) => Failure::Stopped,
            (Stage::Expired, _) => Failure::Expired,
            (Stage::Begun, true) => Failure::Panicked,
            (Stage::Begun, false) => Failure::NoReply,
        };
        match core::mem::replace(&mut self.way, Way::Nobody) {
            Way::Local { sender, stage, .. } => drop(sender.send(Err(failure(stage).into()))),
            Way::Far { far, stage } => far.0.sink.fail(far.0.id, failure(stage)),
            Way::Nobody => {}
        }
    }
}

impl<R> fmt::Debug for ReplyTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &self.way {
            Way::Local { stage, .. } | Way::Far { stage, .. } => Some(stage),
            Way::Nobody => None,
        };
        f.debug_struct("ReplyTo").field("stage", &stage).finish_non_exhaustive()
    }
}

/// Where the answer to an ask from another node goes, before its type is known.
///
/// # Examples
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// # use bytes::BytesMut;
/// # use murmer_core::{Failure, ItemSink, ReplyPort, ReplySink};
/// # use murmer_wire::{EncodeError, decode};
/// # #[derive(Default)] struct Sink(Mutex<BytesMut>);
/// # impl ReplySink for Sink {
/// #     fn reply(&self, _: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
/// #         encode(&mut self.0.lock().unwrap()).unwrap();
/// #     }
/// #     fn items(self: Arc<Self>, _: u64) -> Box<dyn ItemSink> { unreachable!("no stream is sent") }
/// #     fn fail(&self, _: u64, _: Failure) {}
/// #     fn is_wanted(&self, _: u64) -> bool { true }
/// # }
/// let sink = Arc::new(Sink::default());
/// let port = ReplyPort::new(sink.clone(), 7, None); // the answer to request 7
/// port.reply_to::<String>().send("forty-two".into());
///
/// let sent = sink.0.lock().unwrap();
/// assert_eq!(decode::<String>(&sent), Ok("forty-two".into()));
/// ```
#[derive(Clone)]
pub struct ReplyPort {
    sink: Arc<dyn ReplySink>,
    id: u64,
    expires_at: Option<Instant>,
}

impl ReplyPort {
    /// The answer to request `id` goes to `sink`; nobody waits for it any more from `expires_at` on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{sync::{Arc, Mutex}, time::Duration};
    /// # use bytes::BytesMut;
    /// # use murmer_core::{Failure, ItemSink, ReplyPort, ReplySink};
    /// # use murmer_wire::EncodeError;
    /// use tokio::time::Instant;
    ///
    /// # #[derive(Default)] struct Sink(Mutex<Vec<(u64, Failure)>>);
    /// # impl ReplySink for Sink {
    /// #     fn reply(&self, _: u64, _: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {}
    /// #     fn items(self: Arc<Self>, _: u64) -> Box<dyn ItemSink> { unreachable!("no stream is sent") }
    /// #     fn fail(&self, id: u64, failure: Failure) { self.0.lock().unwrap().push((id, failure)) }
    /// #     fn is_wanted(&self, _: u64) -> bool { true }
    /// # }
    /// let sink = Arc::new(Sink::default());
    /// let port = ReplyPort::new(sink.clone(), 7, Instant::now().checked_add(Duration::from_secs(30)));
    /// drop(port.reply_to::<String>()); // no handler has begun
    /// assert_eq!(*sink.0.lock().unwrap(), [(7, Failure::Stopped)]);
    /// ```
    pub fn new(sink: Arc<dyn ReplySink>, id: u64, expires_at: Option<Instant>) -> Self {
        Self { sink, id, expires_at }
    }

    /// The same, for an answer of type `R`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
    /// # use bytes::BytesMut;
    /// # use murmer_core::{Failure, ItemSink, ReplyPort, ReplySink};
    /// # use murmer_wire::EncodeError;
    /// # struct Latest(AtomicU64);
    /// # impl ReplySink for Latest {
    /// #     fn reply(&self, _: u64, _: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {}
    /// #     fn items(self: Arc<Self>, _: u64) -> Box<dyn ItemSink> { unreachable!("no stream is sent") }
    /// #     fn fail(&self, _: u64, _: Failure) {}
    /// #     fn is_wanted(&self, id: u64) -> bool { self.0.load(Ordering::Relaxed) == id }
    /// # }
    /// let sink = Arc::new(Latest(AtomicU64::new(7)));
    /// let reply = ReplyPort::new(sink.clone(), 7, None).reply_to::<u64>();
    /// assert!(reply.is_wanted());
    ///
    /// sink.0.store(8, Ordering::Relaxed); // the node that asked has given request 7 up
    /// assert!(!reply.is_wanted());
    /// ```
    pub fn reply_to<R: Serialize>(self) -> ReplyTo<R> {
        self.carried_by(|port, reply| {
            if let Some(reply) = reply {
                port.sink.reply(port.id, &mut |out| encode(reply, out));
            }
        })
    }

    /// The same, for an answer that is a stream.
    pub(crate) fn stream_to<T: Serialize + Send + 'static>(self) -> ReplyTo<ReplyStream<T>> {
        self.carried_by(|port, stream| {
            let Some(stream) = stream.take() else { return };
            match Handle::try_current() {
                // Whatever becomes of the actor that had it: its items come from another one.
                Ok(runtime) => drop(runtime.spawn(streaming::relay(stream, port.items()))),
                Err(_) => port.sink.fail(port.id, Failure::NoReply),
            }
        })
    }

    /// Where the items of a streamed answer go, which begins with this.
    pub(crate) fn items(&self) -> Box<dyn ItemSink> {
        self.sink.clone().items(self.id)
    }

    fn carried_by<R>(self, carry: Carry<R>) -> ReplyTo<R> {
        ReplyTo { way: Way::Far { far: Box::new((self, carry)), stage: Stage::Waiting } }
    }
}

impl fmt::Debug for ReplyPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyPort").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Takes answers back to the node that asked. Implemented by whatever serves a stream.
///
/// # Examples
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// # use bytes::BytesMut;
/// # use murmer_core::{Failure, ItemSink, ReplyPort, ReplySink};
/// # use murmer_wire::EncodeError;
/// #[derive(Default)]
/// struct Outbox(Mutex<Vec<(u64, Result<BytesMut, Failure>)>>);
///
/// impl ReplySink for Outbox {
///     fn reply(&self, id: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
///         let mut bytes = BytesMut::new();
///         let answer = encode(&mut bytes).map(|()| bytes).map_err(|_| Failure::NoReply);
///         self.0.lock().unwrap().push((id, answer));
///     }
///
///     fn items(self: Arc<Self>, _: u64) -> Box<dyn ItemSink> {
///         unreachable!("what is sent below are no streams")
///     }
///
///     fn fail(&self, id: u64, failure: Failure) {
///         self.0.lock().unwrap().push((id, Err(failure)));
///     }
///
///     fn is_wanted(&self, _: u64) -> bool {
///         true
///     }
/// }
///
/// let outbox = Arc::new(Outbox::default());
/// ReplyPort::new(outbox.clone(), 1, None).reply_to().send(true);
/// drop(ReplyPort::new(outbox.clone(), 2, None).reply_to::<bool>());
/// let sent = outbox.0.lock().unwrap();
/// assert!(matches!(&sent[..], [(1, Ok(_)), (2, Err(Failure::Stopped))]));
/// ```
pub trait ReplySink: Send + Sync + 'static {
    /// Answers request `id` with what `encode` writes. Never blocks.
    fn reply(&self, id: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>);

    /// Answers request `id` by a stream, whose items go into what this returns. Never blocks.
    fn items(self: Arc<Self>, id: u64) -> Box<dyn ItemSink>;

    /// Says that request `id` gets no answer, and why. Never blocks.
    fn fail(&self, id: u64, failure: Failure);

    /// Whether the node that asked still waits for the answer to request `id`. True if in doubt.
    fn is_wanted(&self, id: u64) -> bool;
}

/// Why an ask gets no answer from its actor.
///
/// # Examples
///
/// ```
/// use murmer::{Delivery, SendError};
/// use murmer_core::Failure;
///
/// let error = SendError::from(Failure::Panicked);
/// assert!(matches!(error, SendError::Panicked));
/// assert_eq!(SendError::from(Failure::Expired).delivery(), Delivery::Never);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The actor ended before the message's turn came.
    Stopped,
    /// Its time was over before its turn came.
    Expired,
    /// The handler panicked.
    Panicked,
    /// The handler let go of its reply.
    NoReply,
}

impl From<Failure> for SendError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Stopped => Self::Stopped,
            Failure::Expired => Self::TimedOut { after: Duration::ZERO, delivery: Delivery::Never },
            Failure::Panicked => Self::Panicked,
            Failure::NoReply => Self::NoReply,
        }
    }
}
