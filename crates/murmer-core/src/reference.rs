//! A reference to an actor that can travel in a message.

use core::fmt;
use core::marker::PhantomData;

use murmer_wire::{ActorId, Label};
use serde::{Deserialize, Serialize};

/// Which actor is meant, as data: goes into messages, files and logs, and comes back as an
/// [`Endpoint`](crate::Endpoint) through [`System::resolve`](crate::System::resolve).
///
/// It means that very actor: a successor under the same label is somebody else.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Counter; impl Actor for Counter { type State = u64; }
/// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
/// # pub struct Desk; impl Actor for Desk { type State = (); }
/// #[handlers]
/// impl Desk {
///     /// The caller says who counts, on whichever node that is.
///     #[handler]
///     async fn enter(&self, ctx: &ActorContext<Self>, counter: ActorRef<Counter>) -> Option<u64> {
///         ctx.system().resolve(&counter)?.add(1).await.ok()
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
///
/// let system = System::local();
/// let counter = system.start_anonymous(Counter, 41);
/// let desk = system.start("desk", Desk, ());
/// assert_eq!(desk.enter(counter.actor_ref()).await?, Some(42));
/// counter.control().stop();
/// assert_eq!(desk.enter(counter.actor_ref()).await?, None);
/// # Ok(()) }
/// ```
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct ActorRef<A> {
    id: ActorId,
    label: Option<Label>,
    #[serde(skip)]
    actor: PhantomData<fn() -> A>,
}

impl<A> ActorRef<A> {
    pub(crate) const fn new(id: ActorId, label: Option<Label>) -> Self {
        Self { id, label, actor: PhantomData }
    }

    /// Which actor, among all that ever were.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// let reference = counter.actor_ref();
    /// assert_eq!(*reference.id(), counter.id());
    /// assert_eq!(reference.id().node, *system.node()); // where it lives
    /// # }
    /// ```
    pub const fn id(&self) -> &ActorId {
        &self.id
    }

    /// The label it was started under, if any.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let reference = system.start("counter", Counter, 0).actor_ref();
    /// system.stop("counter");
    /// let successor = system.start("counter", Counter, 0);
    /// assert_eq!(system.resolve(&reference), None); // means that very actor
    /// assert_eq!(reference.label(), successor.label());
    /// # }
    /// ```
    pub const fn label(&self) -> Option<&Label> {
        self.label.as_ref()
    }
}

impl<A> Clone for ActorRef<A> {
    fn clone(&self) -> Self {
        Self::new(self.id.clone(), self.label.clone())
    }
}

impl<A> PartialEq for ActorRef<A> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<A> Eq for ActorRef<A> {}

impl<A> core::hash::Hash for ActorRef<A> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl<A> fmt::Debug for ActorRef<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            Some(label) => write!(f, "ActorRef({label} {})", self.id),
            None => write!(f, "ActorRef({})", self.id),
        }
    }
}
