//! What can go wrong with a message, and with a start. Local and remote calls share these.

use core::time::Duration;
use std::sync::Arc;

use murmer_wire::{DecodeError, EncodeError, Label, NameError, NodeId};

/// Whether a handler ran for a message that got no reply.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use murmer::Delivery;
///
/// let counter = System::local().start("counter", Counter, 0);
/// counter.control().stop();
/// let error = counter.add(1).await.unwrap_err();
/// let may_be_sent_again = match error.delivery() {
///     Delivery::Never => true,
///     Delivery::Maybe | Delivery::Handled => false, // it may have been added already
/// };
/// assert!(may_be_sent_again);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No handler ran: sending again is safe.
    Never,
    /// Unknown: sending again is safe only if handling twice is.
    Maybe,
    /// A handler began: its effects may stand.
    Handled,
}

/// Why a message got no reply.
///
/// [`delivery`](SendError::delivery) says whether it may have been handled all the same.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Parser; impl Actor for Parser { type State = (); }
/// # #[handlers] impl Parser {
/// #     #[handler] fn parse(&self, text: String) -> u64 { text.parse().expect("a number") }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let parser = System::local().start("parser", Parser, ());
/// assert!(matches!(parser.parse("two".into()).await, Err(SendError::Panicked)));
/// match parser.parse("2".into()).await {
///     Ok(number) => unreachable!("{number} of an actor that is over"),
///     Err(SendError::Stopped) => println!("somebody may start it again"),
///     Err(error) => panic!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The actor had stopped before the message reached its handler. It was not handled; looking
    /// the label up again may find a successor.
    #[error("actor has stopped")]
    Stopped,
    /// The endpoint came from a start that failed; nothing sent through it is ever delivered.
    #[error("actor was not started")]
    NotStarted(#[source] Arc<StartError>),
    /// The mailbox, or the buffer towards the actor's node, stayed full for the whole of
    /// `mailbox_wait`. The message was not handled.
    #[error("no room in the actor's mailbox for {waited:?}")]
    Overloaded {
        /// How long the sender waited.
        waited: Duration,
    },
    /// No reply came in time. [`delivery`](SendError::delivery) is `Never` if the message had not
    /// left by then.
    #[error("no reply within {after:?}")]
    TimedOut {
        /// The time allowed.
        after: Duration,
        /// Whether it may have been handled.
        delivery: Delivery,
    },
    /// The handler panicked over this message. The actor has ended, unless it is supervised and begins
    /// another life; what was behind the message waits for that. Or, as the end of a
    /// [`ReplyStream`](crate::ReplyStream), the stream panicked, and the actor goes on.
    #[error("handler panicked")]
    Panicked,
    /// The handler ended without answering: its reply was dropped, or its actor was killed or had to begin
    /// another life in the middle of it.
    #[error("handler dropped its reply")]
    NoReply,
    /// The actor ended, or began another life, in the middle of a streamed answer. The items before this
    /// are all there are.
    #[error("actor ended in the middle of its answer")]
    Interrupted,
    /// There is no connection to the actor's node now. The message was not handled.
    #[error("node {node} is unreachable: {reason}")]
    Unreachable {
        /// The actor's node.
        node: NodeId,
        /// What became of the connection.
        reason: LinkEnd,
    },
    /// The connection ended while the call was in flight. Or, as the end of a
    /// [`ReplyStream`](crate::ReplyStream), before the stream did.
    #[error("connection to {node} lost: {reason}")]
    Lost {
        /// The actor's node.
        node: NodeId,
        /// What became of the connection.
        reason: LinkEnd,
        /// Whether it may have been handled.
        delivery: Delivery,
    },
    /// The other node runs a build in which this message is different or missing. Not handled.
    #[error("{actor_type} on the other node has no matching message {message:?}: the builds differ")]
    SchemaMismatch {
        /// The actor's type.
        actor_type: &'static str,
        /// The message.
        message: &'static str,
    },
    /// The message is larger than a frame may be. Not a byte of it was sent.
    #[error("message of {bytes} bytes exceeds the limit of {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit in force.
        max: usize,
    },
    /// As the end of a [`ReplyStream`](crate::ReplyStream): its next item is larger than a frame may be. The
    /// items before this are all there are.
    #[error("item of {bytes} bytes exceeds the limit of {max}")]
    ItemTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit in force on the actor's node.
        max: usize,
    },
    /// The message can't leave the process: its actor is declared `#[handlers(local)]`.
    #[error("message is local to its process")]
    LocalOnly,
    /// The message could not be written. Not a byte of it was sent.
    #[error("message cannot be encoded")]
    Encode(#[source] EncodeError),
    /// The message was handled, but its reply could not be read, or could not be written over
    /// there (`None`). Or, as the end of a [`ReplyStream`](crate::ReplyStream), its next item.
    #[error("reply cannot be transferred")]
    Reply(Option<DecodeError>),
}

impl SendError {
    /// Whether a handler ran for the message.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Sleeper;
    /// # impl Actor for Sleeper { type State = (); }
    /// # #[handlers] impl Sleeper {
    /// #     #[handler] async fn nap(&mut self) { tokio::time::sleep(Duration::from_secs(3_600)).await }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// use murmer::Delivery;
    ///
    /// let sleeper = System::local().start("sleeper", Sleeper, ());
    /// let error = sleeper.nap().timeout(Duration::from_secs(1)).await.unwrap_err();
    /// assert_eq!(error.delivery(), Delivery::Maybe); // perhaps it has begun
    ///
    /// sleeper.control().kill();
    /// let error = sleeper.nap().await.unwrap_err();
    /// assert_eq!(error.delivery(), Delivery::Never);
    /// # }
    /// ```
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::Stopped
            | Self::NotStarted(_)
            | Self::Overloaded { .. }
            | Self::Unreachable { .. }
            | Self::SchemaMismatch { .. }
            | Self::TooLarge { .. }
            | Self::LocalOnly
            | Self::Encode(_) => Delivery::Never,
            Self::TimedOut { delivery, .. } | Self::Lost { delivery, .. } => *delivery,
            Self::Panicked
            | Self::NoReply
            | Self::Interrupted
            | Self::ItemTooLarge { .. }
            | Self::Reply(_) => Delivery::Handled,
        }
    }
}

/// What became of the connection to a node.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
/// # async fn nodes() -> Result<[System; 2], Box<dyn std::error::Error>> {
/// #     let network = MemNetwork::new(1);
/// #     let (a, b) = ("127.0.0.1:1", "127.0.0.1:2");
/// #     let alpha = ClusterConfig::builder().name("alpha").cookie("a cookie for tests").build()?;
/// #     let alpha = System::clustered_on(alpha, network.bind(a.parse()?)?).await?;
/// #     let beta = ClusterConfig::builder().name("beta").cookie("a cookie for tests").seed_nodes([a.parse()?]);
/// #     Ok([alpha, System::clustered_on(beta.build()?, network.bind(b.parse()?)?).await?])
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use murmer::LinkEnd;
///
/// let [alpha, beta] = nodes().await?; // of one cluster
/// alpha.start("counter", Counter, 0);
/// let wait = beta.lookup_wait::<Counter>("counter", std::time::Duration::from_secs(5));
/// let counter = wait.await.ok_or("not heard of")?;
/// alpha.shutdown().await;
/// assert_eq!(counter.ended().await, StopReason::NodeLeft);
///
/// let error = counter.add(1).await.unwrap_err();
/// assert!(matches!(error, SendError::Unreachable { reason: LinkEnd::Left, .. }), "{error}");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LinkEnd {
    /// There has been none since this node learnt of the other.
    #[error("not connected")]
    NotConnected,
    /// It broke, or fell silent.
    #[error("connection broke")]
    Broken,
    /// The node is held to be down.
    #[error("node is down")]
    Down,
    /// The node left the cluster.
    #[error("node has left")]
    Left,
    /// This node is shutting down.
    #[error("this node is shutting down")]
    ShuttingDown,
    /// Only the actor's stream ended; the connection stands.
    #[error("stream ended")]
    Stream,
}

/// Why an actor was not started.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use murmer::{ActorOptions, StartError};
///
/// let system = System::local();
/// let start = |label| system.try_start(label, Counter, 0, ActorOptions::default());
/// assert!(start("counter").is_ok());
/// assert!(matches!(start("counter"), Err(StartError::Taken { .. })));
/// assert!(matches!(start(""), Err(StartError::Label { .. })));
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The label is not a label.
    #[error("label {label:?} is not valid")]
    Label {
        /// What was given.
        label: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// The label is held by a live actor on this node, which goes on untouched.
    #[error("label {label} is taken by an actor of type {holder}")]
    Taken {
        /// The label.
        label: Label,
        /// The type of the actor that holds it.
        holder: &'static str,
    },
    /// The system has been shut down.
    #[error("system is shut down")]
    ShutDown,
    /// There is no tokio runtime to run the actor on: neither here, nor where the system was made.
    #[error("no tokio runtime: make the system, or start the actor, inside one")]
    NoRuntime,
}

/// Why an actor's start-up failed: any error, so that `?` does in [`Actor::started`](crate::Actor::started).
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
///
/// struct Reader;
/// impl Actor for Reader {
///     type State = String;
///
///     async fn started(&mut self, _: &ActorContext<Self>, path: &mut String) -> Result<(), StartFailure> {
///         let text = std::fs::read_to_string(path)?;
///         Ok(println!("{text}"))
///     }
/// }
/// # #[handlers] impl Reader { #[handler] fn path(&self, path: &mut String) -> String { path.clone() } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
///
/// let reader = System::local().start("reader", Reader, "/no/such/file".into());
/// assert!(matches!(reader.ended().await, StopReason::StartFailed(_)));
/// # }
/// ```
pub type StartFailure = Box<dyn core::error::Error + Send + Sync>;
