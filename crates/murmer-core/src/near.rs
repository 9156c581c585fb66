//! An actor of this process, seen from outside its task.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use murmer_wire::{ActorId, ActorNumber, Label, NodeId, Visibility};

use crate::contained::contained_now;
use crate::end::End;
use crate::groups::Memberships;
use crate::inbound::{InboundPort, Port};
use crate::mailbox::{Mailbox, Parked, Signal};
use crate::private::told_name;
use crate::vitals::Vitals;
use crate::watch::{Terminated, WatchId, Watchers, Watches};
use crate::{ActorInfo, ActorOptions, Event, Handlers, StopReason, System};

/// One local actor of type `A`: what endpoints, the receptionist and its task share.
///
/// In this order: senders count references and read the number in front of the mailbox, and its other end and the
/// vitals are the actor's; see [`Mailbox`].
#[repr(C)]
pub(crate) struct Near<A: Handlers> {
    number: ActorNumber,
    pub(crate) mailbox: Mailbox<A::Envelope>,
    pub(crate) vitals: Vitals,
    label: Option<Label>,
    system: System,
    rare: OnceLock<Box<Rare>>,
    end: End,
    visibility: Visibility,
}

/// What most actors have no use for before they end.
#[derive(Default)]
struct Rare {
    watchers: Watchers,
    watches: Watches,
    memberships: Memberships,
    /// Why the present life is to be laid down, other than by a signal; see [`Near::lay_down`].
    wish: Mutex<Option<StopReason>>,
}

impl<A: Handlers> Near<A> {
    pub(crate) fn new(
        number: ActorNumber,
        label: Option<Label>,
        system: System,
        options: &ActorOptions,
    ) -> Self {
        Self {
            number,
            label,
            system,
            mailbox: Mailbox::new(options.mailbox),
            vitals: Vitals::default(),
            rare: OnceLock::new(),
            end: End::default(),
            visibility: options.visibility,
        }
    }

    pub(crate) const fn system(&self) -> &System {
        &self.system
    }

    pub(crate) fn node(&self) -> &NodeId {
        self.system.node()
    }

    fn rare(&self) -> &Rare {
        self.rare.get_or_init(Box::default)
    }

    /// Waits until the actor is over.
    pub(crate) async fn ended(&self) {
        self.end.wait().await;
    }

    /// Whether it is the actor itself that ends its present life, which then finishes what it is at.
    pub(crate) fn stops_itself(&self) -> bool {
        *self.wish() == Some(StopReason::Stopped)
    }

    pub(crate) fn take_wish(&self) -> Option<StopReason> {
        self.wish().take()
    }

    fn wish(&self) -> MutexGuard<'_, Option<StopReason>> {
        self.rare().wish.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops messages that won't be handled: asks end with it, of tells the system is told.
    pub(crate) fn refuse(&self, refused: VecDeque<A::Envelope>) {
        self.system.tallies().refused(A::TYPE, refused.len());
        for envelope in refused {
            let (message, is_ask) = A::describe(&envelope);
            // A user's value: its panic must not keep the others waiting.
            if let Err(panic) = contained_now(|| drop(envelope)) {
                tracing::error!(
                    actor_type = A::TYPE,
                    message,
                    panic,
                    "a message panicked when it was dropped"
                );
            }
            if !is_ask {
                self.undelivered(message);
            }
        }
    }

    /// Something of its own has panicked.
    pub(crate) fn panicked(&self) {
        self.system.tallies().panicked(A::TYPE);
    }

    pub(crate) fn restarted(&self) {
        self.vitals.restarted();
        self.system.tallies().restarted(A::TYPE);
    }

    /// A tell is lost, and its sender can't be told: the system is.
    pub(crate) fn undelivered(&self, message: &'static str) {
        tracing::debug!(label = ?self.label, actor_type = A::TYPE, message, "a tell was not delivered");
        self.system.bus().emit(|| Event::Undelivered {
            actor: self.id(),
            label: self.label.clone(),
            actor_type: A::TYPE,
            message,
        });
    }
}

/// A local actor whose type is forgotten: what the receptionist holds.
pub(crate) trait AnyNear: Send + Sync + 'static {
    fn number(&self) -> ActorNumber;
    fn id(&self) -> ActorId;
    fn label(&self) -> Option<&Label>;
    fn type_name(&self) -> &'static str;
    /// What other nodes know its type by, if they can.
    fn told_name(&self) -> Option<&'static str>;
    /// Whether other nodes may send to it.
    fn is_remote(&self) -> bool;
    /// Who hears of it.
    fn visibility(&self) -> Visibility;
    /// Tells it to end. Its label stays taken until it has.
    fn end(&self, signal: Signal);
    /// The same, with its label free at once. Says whether it was still on the books.
    fn end_and_retire(&self, signal: Signal) -> bool;
    /// Ends its present life for `reason`; whether another one begins is its supervision's decision.
    fn lay_down(&self, reason: StopReason);
    /// Ends its present life so that another one begins, without anything being wrong with it.
    fn renew(&self);
    /// That life is over: what was wished of it is not meant for the next one.
    fn forget_renewal(&self);
    /// The task is over: nobody will ever handle anything again.
    fn set_ended(&self, reason: StopReason);
    fn when_ended(&self) -> &End;
    fn watchers(&self) -> &Watchers;
    fn watches(&self) -> &Watches;
    fn memberships(&self) -> &Memberships;
    /// Leaves a notice for the watcher that this is, if that watch is still open.
    fn notify(&self, notice: Terminated);
    /// Takes a notice back that has not been handled; true if it was there.
    fn take_back(&self, watch: WatchId) -> bool;
    fn vitals(&self) -> &Vitals;
    /// Messages that wait, the one in hand included.
    fn depth(&self) -> usize;
    /// Its handler waits for `target`'s answer: says so if that closes a ring.
    fn warn_of_cycle(&self, target: ActorNumber);
    fn info(&self) -> ActorInfo;
    /// For messages from other nodes.
    fn port(self: Arc<Self>) -> Box<dyn InboundPort>;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<A: Handlers> AnyNear for Near<A> {
    fn number(&self) -> ActorNumber {
        self.number
    }

    fn id(&self) -> ActorId {
        ActorId { node: self.node().clone(), number: self.number }
    }

    fn label(&self) -> Option<&Label> {
        self.label.as_ref()
    }

    fn type_name(&self) -> &'static str {
        A::TYPE
    }

    fn told_name(&self) -> Option<&'static str> {
        told_name::<A>()
    }

    fn is_remote(&self) -> bool {
        A::REMOTE
    }

    fn visibility(&self) -> Visibility {
        self.visibility
    }

    fn end(&self, signal: Signal) {
        let refused = self.mailbox.end(signal);
        self.refuse(refused);
    }

    fn end_and_retire(&self, signal: Signal) -> bool {
        self.system.end_actor(self, signal)
    }

    fn lay_down(&self, reason: StopReason) {
        let mut wish = self.wish();
        // Laid down at once for another's sake, it need not finish first: that other may wait for it.
        if reason == StopReason::Stopped && self.mailbox.interrupted() == Some(Parked::Renewed) {
            return;
        }
        *wish = Some(reason);
        // Still under the lock, as below: of two wishes at once the stronger is kept.
        self.mailbox.renew();
    }

    fn renew(&self) {
        let mut wish = self.wish();
        wish.take_if(|reason| *reason == StopReason::Stopped);
        self.mailbox.renew();
    }

    fn forget_renewal(&self) {
        let mut wish = self.wish();
        *wish = None;
        self.mailbox.renewed();
    }

    fn set_ended(&self, reason: StopReason) {
        // Before it is gone: from then on this is where its reason is found.
        self.system.remember_end(self.number, &reason);
        let refused = self.mailbox.bury();
        self.refuse(refused);
        self.rare().watches.close_all();
        for (watch, watcher) in self.rare().watchers.end(reason.clone()) {
            watcher.tell(watch, self, reason.clone());
        }
        self.end.set();
        self.system.forget(self.number);
        self.system.tallies().ended(A::TYPE, &self.vitals);
    }

    fn when_ended(&self) -> &End {
        &self.end
    }

    fn watchers(&self) -> &Watchers {
        &self.rare().watchers
    }

    fn watches(&self) -> &Watches {
        &self.rare().watches
    }

    fn memberships(&self) -> &Memberships {
        &self.rare().memberships
    }

    fn notify(&self, notice: Terminated) {
        if self.rare().watches.close(notice.watch) {
            self.mailbox.notify(notice);
        }
    }

    fn take_back(&self, watch: WatchId) -> bool {
        self.mailbox.take_back(watch)
    }

    fn vitals(&self) -> &Vitals {
        &self.vitals
    }

    fn depth(&self) -> usize {
        self.mailbox.depth()
    }

    fn warn_of_cycle(&self, target: ActorNumber) {
        self.system.warn_of_cycle(self, target);
    }

    fn info(&self) -> ActorInfo {
        ActorInfo {
            id: self.id(),
            label: self.label.clone(),
            actor_type: A::TYPE,
            state: self.vitals.state(),
            mailbox_depth: self.mailbox.depth(),
            handled: self.vitals.handled(),
            busy: self.vitals.busy(),
            restarts: self.vitals.restarts(),
        }
    }

    fn port(self: Arc<Self>) -> Box<dyn InboundPort> {
        Box::new(Port::new(self))
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
