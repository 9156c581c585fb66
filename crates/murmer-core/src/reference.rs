//! A reference to an actor that can travel in a message.

use core::fmt;
use core::marker::PhantomData;

use murmer_wire::{ActorId, Label};
use serde::{Deserialize, Serialize};

/// Which actor is meant, as data: goes into messages, files and logs, and comes back as an
/// [`Endpoint`](crate::Endpoint) through [`System::resolve`](crate::System::resolve).
///
/// It means that very actor: a successor under the same label is somebody else.
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
    pub const fn id(&self) -> &ActorId {
        &self.id
    }

    /// The label it was started under, if any.
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
