//! The seam to other nodes: what the rest of this crate asks of a cluster, and of one actor in it.

mod answered;
mod watch;

use core::any::Any;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use bytes::BytesMut;
use murmer_wire::{ActorId, GroupName, Label, MessageKey};
use tokio::sync::oneshot;

pub use self::answered::{Answered, FarItems};
pub use self::watch::{FarWatch, Observer};
use crate::{SendError, StopReason, WatchId};

/// The other nodes, as a [`System`](crate::System) sees them.
///
/// # Examples
///
/// ```
/// use std::any::Any;
/// use std::pin::Pin;
/// use std::sync::Arc;
/// use murmer::prelude::*;
/// use murmer::{ActorId, Label, SystemOptions};
/// use murmer_core::{Changes, Cluster, FarActor};
///
/// /// Knows of one actor, and can't reach it.
/// struct Rumour(Label);
///
/// impl Cluster for Rumour {
///     fn labels(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<Label> {
///         Some(self.0.clone()).filter(|label| wanted(label.as_str())).into_iter().collect()
///     }
///     fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> {
///         None
///     }
///     fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> {
///         None
///     }
///     fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
///         Box::pin(async {})
///     }
///     fn as_any(&self) -> &dyn Any {
///         self
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = System::local().node().clone();
/// let cluster = Arc::new(Rumour(Label::new("room/far")?));
/// let system = System::joined(node, SystemOptions::default(), cluster, Arc::new(Changes::default()));
/// assert_eq!(system.labels("room/*"), [Label::new("room/far")?]);
/// # Ok(())
/// # }
/// ```
pub trait Cluster: Send + Sync + 'static {
    /// The actor every node picks for `label` among those of `actor_type` on other nodes.
    fn lookup(&self, label: &str, actor_type: &'static str) -> Option<Arc<dyn FarActor>>;

    /// That very actor, if its node is a member that is not held to be down, whether or not anything else is
    /// known of the actor. `label` is what whoever refers to it says that it has.
    fn resolve(&self, id: &ActorId, label: Option<&Label>) -> Option<Arc<dyn FarActor>>;

    /// Who of `actor_type` on other nodes is in `group`, in the order that every node finds, but those that
    /// can't be reached now last. Nobody, unless implemented.
    fn members(&self, group: &GroupName, actor_type: &'static str) -> Vec<Arc<dyn FarActor>> {
        let _ = (group, actor_type);
        Vec::new()
    }

    /// That very actor, if it is one of those.
    fn member(&self, group: &GroupName, actor_type: &'static str, id: &ActorId) -> Option<Arc<dyn FarActor>> {
        let _ = (group, actor_type, id);
        None
    }

    /// What this node has been told of an actor of another node. `Unheard` unless implemented.
    fn heard_of(&self, id: &ActorId) -> Heard {
        let _ = id;
        Heard::Unheard
    }

    /// The labels of all actors on other nodes for which `wanted` says yes; one may come twice.
    fn labels(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<Label>;

    /// Tells the watcher once of the end of an actor on another node, registered or not, with the true reason,
    /// and behind what that sent it. As if there were no other node, if this is left as it is.
    fn watch(&self, watch: FarWatch) {
        watch.tell(StopReason::NodeDown);
    }

    /// The watch was given up: nobody is to be told. Does nothing to one that was told of.
    fn unwatch(&self, watch: WatchId) {
        let _ = watch;
    }

    /// Tells the others, fails what is in flight, frees the port.
    fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// For the crate that implements this to get its own type back.
    fn as_any(&self) -> &dyn Any;
}

/// What a node has been told of an actor of another one.
///
/// # Examples
///
/// ```
/// use murmer::StopReason;
/// use murmer_core::Heard;
///
/// let words = |heard| match heard {
///     Heard::Unheard => "perhaps it will come".to_owned(),
///     Heard::Here => "it is known".to_owned(),
///     Heard::Over(reason) => format!("it is over: {reason}"),
/// };
/// assert_eq!(words(Heard::Over(StopReason::NodeLeft)), format!("it is over: {}", StopReason::NodeLeft));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Nothing, so far.
    Unheard,
    /// It is there.
    Here,
    /// It is over, or its node is gone.
    Over(StopReason),
}

/// One actor on another node.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::task::{Context, Poll};
/// use bytes::BytesMut;
/// use murmer::prelude::*;
/// use murmer_core::{Answered, CallId, FarActor, FarCall};
///
/// # use std::{any::Any, pin::Pin, time::Duration};
/// # use murmer::{ActorId, ActorNumber, Label, SystemOptions};
/// # use murmer_core::{Changes, Cluster};
/// # struct Echo(ActorId);
/// # impl FarActor for Echo {
/// #     fn id(&self) -> &ActorId { &self.0 }
/// #     fn label(&self) -> Option<&Label> { None }
/// #     fn withdraw(&self, _: u64) {}
/// #     fn cancel(&self, _: CallId) {}
/// #     fn mailbox_wait(&self) -> Duration { Duration::from_secs(5) }
/// #     fn ended(&self) -> Pin<Box<dyn Future<Output = StopReason> + Send + '_>> {
/// #         Box::pin(std::future::pending())
/// #     }
/// /// A method of `Echo`, which answers a message by its own bytes.
/// fn poll_call(
///     &self,
///     _: &mut Context<'_>,
///     call: &mut FarCall<'_>,
/// ) -> Poll<Result<CallId, SendError>> {
///     let mut bytes = BytesMut::new();
///     (call.encode)(&mut bytes)?;
///     if let Some(reply) = call.reply.take() {
///         let answer = Answered::Whole(bytes.freeze());
///         let _ = reply.send(Ok(answer)); // the asker may have gone
///     }
///     Poll::Ready(Ok(CallId { stream: 1, message: 1 }))
/// }
/// # }
/// # struct Network(Arc<Echo>);
/// # impl Cluster for Network {
/// #     fn labels(&self, _: &dyn Fn(&str) -> bool) -> Vec<Label> { vec![] }
/// #     fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> { Some(self.0.clone()) }
/// #     fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> { None }
/// #     fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { Box::pin(async {}) }
/// #     fn as_any(&self) -> &dyn Any { self }
/// # }
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let node = System::local().node().clone();
/// # let echo = Arc::new(Echo(ActorId { node: node.clone(), number: ActorNumber(1) }));
/// # let (network, changes) = (Arc::new(Network(echo)), Arc::new(Changes::default()));
/// # let system = System::joined(node, SystemOptions::default(), network, changes);
/// // `system` is one whose cluster finds an `Echo` under every label.
/// let worker = system.lookup::<Worker>("worker").ok_or("no worker")?;
/// assert!(!worker.is_local());
/// assert_eq!(worker.add(7).await?, 7);
/// # Ok(())
/// # }
/// ```
pub trait FarActor: Send + Sync + 'static {
    /// Which actor.
    fn id(&self) -> &ActorId;

    /// Its label, if it has one.
    fn label(&self) -> Option<&Label>;

    /// Whether its node can be reached as far as is known: of several actors, one that can be is preferred.
    fn is_reachable(&self) -> bool {
        true
    }

    /// Puts a call into the buffer towards the actor's node; Pending while that is full, first come
    /// first. Ready with `Ok` says that it is in the buffer, in order, not that it has arrived; the id is
    /// for [`cancel`](Self::cancel).
    ///
    /// Whoever stops polling a pending call must [`withdraw`](Self::withdraw) its ticket, which is to be taken out
    /// of the call once it is in the buffer.
    ///
    /// # Errors
    ///
    /// Any [`SendError`] whose delivery is `Never`.
    fn poll_call(&self, cx: &mut Context<'_>, call: &mut FarCall<'_>) -> Poll<Result<CallId, SendError>>;

    /// Steps out of the line of those who wait for room.
    fn withdraw(&self, ticket: u64);

    /// Nobody waits for the answer to this ask any more. If it has not been written it never will be; else
    /// the actor's node is told, so that it need not begin. Does nothing to one that has been settled.
    fn cancel(&self, call: CallId);

    /// How long to wait for room before giving up.
    fn mailbox_wait(&self) -> Duration;

    /// A message found no room for so long, and its sender has given up. To be counted, if anybody does.
    fn overloaded(&self) {}

    /// Waits until the actor, or its node, is gone for good as far as this node knows, and says why. It may
    /// end late, never early. Cancel-safe.
    fn ended(&self) -> Pin<Box<dyn Future<Output = StopReason> + Send + '_>>;
}

/// Which call of an actor's, among all that were made through this process.
///
/// # Examples
///
/// ```
/// use murmer_core::CallId;
///
/// // Two messages of one stream, and the first of the next one.
/// let (one, two) = (CallId { stream: 1, message: 0 }, CallId { stream: 1, message: 1 });
/// let behind = CallId { stream: 2, message: 0 };
/// assert!(one != two && one != behind);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallId {
    /// The stream it went into: they count up.
    pub stream: u64,
    /// Which message of that stream.
    pub message: u64,
}

/// One message on its way to another node.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # use bytes::BytesMut;
/// # use murmer::Handlers;
/// # use murmer_core::FarCall;
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // What a tell makes of its message.
/// let message = WorkerAdd { n: 7 };
/// let call = FarCall {
///     key: WorkerAdd::KEY,
///     actor_type: Worker::TYPE,
///     message: WorkerAdd::NAME,
///     encode: &mut |out| message.encode(out),
///     is_streamed: WorkerAdd::IS_STREAMED,
///     reply: &mut None,
///     ticket: &mut None,
///     timeout: None,
/// };
/// // And what the other end makes of that.
/// let mut bytes = BytesMut::new();
/// (call.encode)(&mut bytes)?;
/// let envelope = Worker::decode(call.key, &bytes, None)?;
/// assert_eq!(Worker::describe(&envelope), (call.message, false));
/// # Ok(())
/// # }
/// ```
pub struct FarCall<'a> {
    /// What stands for the message.
    pub key: MessageKey,
    /// What other nodes know the actor's type by.
    pub actor_type: &'static str,
    /// The handler's name, for errors.
    pub message: &'static str,
    /// Writes the message behind what the buffer holds.
    pub encode: &'a mut dyn FnMut(&mut BytesMut) -> Result<(), SendError>,
    /// Whether the answer is a stream.
    pub is_streamed: bool,
    /// Where the answer goes; taken when the call is in the buffer. `None` for a tell.
    pub reply: &'a mut Option<FarReply>,
    /// The caller's place in the line; kept by the caller between polls.
    pub ticket: &'a mut Option<u64>,
    /// How long an answer may take, or its beginning if it is a stream; `None` for the cluster's default.
    pub timeout: Option<Duration>,
}

/// Where the answer from another node is handed over, still encoded.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # use bytes::Bytes;
/// # use murmer_core::{Answered, FarReply};
/// # use tokio::sync::oneshot;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (reply, answer): (FarReply, _) = oneshot::channel();
/// let lost = reply.send(Ok(Answered::Whole(Bytes::from_static(&[42]))));
/// assert!(lost.is_ok()); // else the asker had gone
/// assert!(matches!(answer.await??, Answered::Whole(bytes) if bytes == [42][..]));
/// # Ok(())
/// # }
/// ```
pub type FarReply = oneshot::Sender<Result<Answered, SendError>>;
