//! An actor of this process, seen from outside its task.

use core::any::Any;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::sync::Arc;

use murmer_wire::{ActorId, ActorNumber, Label, NodeId};
use tokio::sync::Notify;

use crate::Handlers;
use crate::inbound::{InboundPort, Port};
use crate::mailbox::Mailbox;

/// One local actor of type `A`: what endpoints, the receptionist and its task share.
pub(crate) struct Near<A: Handlers> {
    number: ActorNumber,
    node: NodeId,
    label: Label,
    pub(crate) mailbox: Mailbox<A::Envelope>,
    pub(crate) mailbox_wait: Duration,
    end: End,
}

impl<A: Handlers> Near<A> {
    pub(crate) fn new(id: ActorId, label: Label, capacity: usize, mailbox_wait: Duration) -> Self {
        Self {
            number: id.number,
            node: id.node,
            label,
            mailbox: Mailbox::new(capacity),
            mailbox_wait,
            end: End::default(),
        }
    }

    pub(crate) fn id(&self) -> ActorId {
        ActorId { node: self.node.clone(), number: self.number }
    }

    pub(crate) const fn number(&self) -> ActorNumber {
        self.number
    }

    pub(crate) const fn node(&self) -> &NodeId {
        &self.node
    }

    pub(crate) const fn label(&self) -> &Label {
        &self.label
    }

    /// Waits until the actor's task is over.
    pub(crate) async fn ended(&self) {
        self.end.wait().await;
    }
}

/// A local actor whose type is forgotten: what the receptionist holds.
pub(crate) trait AnyNear: Send + Sync + 'static {
    fn number(&self) -> ActorNumber;
    fn label(&self) -> &Label;
    fn type_name(&self) -> &'static str;
    /// Whether other nodes may hear of it.
    fn is_remote(&self) -> bool;
    /// Refuses what waits and what comes; the message being handled is finished.
    fn close(&self);
    /// The task is over: nobody will ever handle anything again.
    fn set_ended(&self);
    /// For messages from other nodes.
    fn port(self: Arc<Self>) -> Box<dyn InboundPort>;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<A: Handlers> AnyNear for Near<A> {
    fn number(&self) -> ActorNumber {
        self.number
    }

    fn label(&self) -> &Label {
        &self.label
    }

    fn type_name(&self) -> &'static str {
        A::TYPE
    }

    fn is_remote(&self) -> bool {
        A::REMOTE
    }

    fn close(&self) {
        self.mailbox.close();
    }

    fn set_ended(&self) {
        self.mailbox.close();
        self.end.set();
    }

    fn port(self: Arc<Self>) -> Box<dyn InboundPort> {
        Box::new(Port::new(self))
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// A flag that is raised once and can be awaited.
#[derive(Default)]
pub(crate) struct End {
    is_set: AtomicBool,
    notify: Notify,
}

impl End {
    fn set(&self) {
        self.is_set.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    pub(crate) async fn wait(&self) {
        let notified = self.notify.notified();
        tokio::pin!(notified);
        // Registered before the look, so that a `set` in between is not missed.
        notified.as_mut().enable();
        if !self.is_set.load(Ordering::Acquire) {
            notified.await;
        }
    }
}
