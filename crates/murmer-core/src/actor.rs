//! What a user writes, and what a handler is given.

use core::fmt;
use std::sync::Arc;

use murmer_wire::{ActorId, Label};

use crate::near::Near;
use crate::{Endpoint, Handlers, System};

/// Something that handles messages one at a time, with a state of its own.
///
/// The value and its [`State`](Actor::State) are apart so that handlers can borrow them apart: a
/// handler may take `&self` or `&mut self`, the state, the context, or any of these.
///
/// # Examples
///
/// ```
/// use murmer_core::Actor;
///
/// struct Counter;
///
/// impl Actor for Counter {
///     type State = u64;
/// }
/// ```
pub trait Actor: Send + Sized + 'static {
    /// What the actor remembers between messages; `()` if the value itself is enough.
    type State: Send + 'static;
}

/// What a handler may know about the actor it runs in.
pub struct ActorContext<A: Handlers> {
    near: Arc<Near<A>>,
    system: System,
}

impl<A: Handlers> ActorContext<A> {
    pub(crate) fn new(near: Arc<Near<A>>, system: System) -> Self {
        Self { near, system }
    }

    /// Stops this actor: the message being handled is finished, everything behind it is refused.
    pub fn stop(&self) {
        self.system.stop_actor(self.near.number());
    }

    /// Which actor this is, among all that ever were.
    pub fn id(&self) -> ActorId {
        self.near.id()
    }

    /// What this actor is looked up by.
    pub fn label(&self) -> &Label {
        self.near.label()
    }

    /// An endpoint of this actor, to hand to others.
    ///
    /// Asking oneself through it waits for a handler that cannot begin before this one ends; tell
    /// instead.
    pub fn endpoint(&self) -> Endpoint<A> {
        Endpoint::near(self.near.clone())
    }

    /// The system this actor runs in.
    pub fn system(&self) -> &System {
        &self.system
    }
}

impl<A: Handlers> fmt::Debug for ActorContext<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorContext").field("id", &self.id()).field("label", self.label()).finish()
    }
}

/// How one actor is run, where the defaults don't fit.
#[derive(Debug, Clone)]
pub struct ActorOptions {
    pub(crate) mailbox: usize,
}

impl ActorOptions {
    /// Messages a mailbox holds unless told otherwise.
    pub const MAILBOX_DEFAULT: usize = 1_024;

    /// How many messages may wait for the actor, the one being handled included.
    ///
    /// From 1; a thousand or so absorbs bursts while a slow actor is still noticed within a
    /// thousand messages. 0 is taken as 1, since an actor that takes no message is no use.
    #[must_use]
    pub fn mailbox(mut self, messages: usize) -> Self {
        self.mailbox = messages.max(1);
        self
    }
}

impl Default for ActorOptions {
    fn default() -> Self {
        Self { mailbox: Self::MAILBOX_DEFAULT }
    }
}
