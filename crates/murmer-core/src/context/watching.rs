//! Watching other actors.

use std::sync::Arc;

use murmer_wire::{ActorId, Label};

use super::ActorContext;
use crate::endpoint::Way;
use crate::near::AnyNear;
use crate::watch::{Watched, Watcher};
use crate::{ActorRef, Endpoint, FarActor, Handlers, StopReason, Terminated, WatchId};

impl<A: Handlers> ActorContext<A> {
    /// Asks to be told when `endpoint`'s actor is over, through [`Actor::terminated`](crate::Actor): exactly
    /// once, with the true reason, and behind every message it sent here before. If it is over already,
    /// that is at once.
    ///
    /// Both the watched actor's restarts and this one's leave the watch open.
    pub fn watch<B: Handlers>(&self, endpoint: &Endpoint<B>) -> WatchId {
        self.watch_tagged(endpoint, 0)
    }

    /// The same with a `tag` of your own, which the notice brings back.
    pub fn watch_tagged<B: Handlers>(&self, endpoint: &Endpoint<B>, tag: u64) -> WatchId {
        let watch = self.system().next_watch();
        match endpoint.way() {
            Way::Near(near) => self.watch_near(watch, tag, near.clone()),
            Way::Far(far) => self.watch_far(watch, tag, far.clone()),
            Way::Void(void) => {
                self.told(watch, tag, void.id.clone(), void.label.clone(), StopReason::NeverExisted);
            }
        }
        watch
    }

    /// The same for an actor that is known by reference. One that can't be found any more is told of as
    /// [`NeverExisted`](StopReason::NeverExisted): whether it once did is not remembered.
    pub fn watch_ref<B: Handlers>(&self, reference: &ActorRef<B>, tag: u64) -> WatchId {
        if let Some(endpoint) = self.system().resolve(reference) {
            return self.watch_tagged(&endpoint, tag);
        }
        let watch = self.system().next_watch();
        let (actor, label) = (reference.id().clone(), reference.label().cloned());
        self.told(watch, tag, actor, label, StopReason::NeverExisted);
        watch
    }

    /// Takes a watch back. True if there was one: then no notice will come, not even one that was on its
    /// way.
    pub fn unwatch(&self, watch: WatchId) -> bool {
        self.near.watches().close(watch) || self.near.take_back(watch)
    }

    fn watch_near(&self, watch: WatchId, tag: u64, target: Arc<dyn AnyNear>) {
        // Opened first: the end of the target may come before the next line.
        self.near.watches().open(watch, Watched::Near(target.clone()));
        let watcher = Watcher { tag, near: self.near.clone() };
        if let Err(reason) = target.watchers().add(watch, watcher) {
            let (actor, label) = (target.id(), target.label().cloned());
            self.near.notify(Terminated { watch, tag, actor, label, reason });
        }
    }

    fn watch_far(&self, watch: WatchId, tag: u64, far: Arc<dyn FarActor>) {
        let near = self.near.clone();
        let begin = Arc::new(tokio::sync::Notify::new());
        let opened = begin.clone();
        // Of the actor, not of this life: a watch survives a restart.
        let task = tokio::spawn(async move {
            opened.notified().await;
            let reason = far.ended().await;
            let (actor, label) = (far.id().clone(), far.label().cloned());
            near.notify(Terminated { watch, tag, actor, label, reason });
        });
        self.near.watches().open(watch, Watched::Far(task.abort_handle()));
        begin.notify_one();
    }

    /// Tells this actor itself, of one that is not there.
    fn told(&self, watch: WatchId, tag: u64, actor: ActorId, label: Option<Label>, reason: StopReason) {
        self.near.mailbox.notify(Terminated { watch, tag, actor, label, reason });
    }
}
