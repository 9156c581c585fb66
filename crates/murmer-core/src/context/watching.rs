//! Watching other actors.

use std::sync::Arc;

use murmer_wire::{ActorId, Label};

use super::ActorContext;
use crate::endpoint::Way;
use crate::near::AnyNear;
use crate::watch::{Watched, Watcher};
use crate::{ActorRef, Endpoint, FarWatch, Handlers, StopReason, Terminated, WatchId};

impl<A: Handlers> ActorContext<A> {
    /// Asks to be told when `endpoint`'s actor is over, through [`Actor::terminated`](crate::Actor): exactly
    /// once, with the true reason, and behind every message it sent here before. If it is over already,
    /// that is at once.
    ///
    /// For an actor of another node the reason may be [`NodeLeft`](StopReason::NodeLeft), or
    /// [`NodeDown`](StopReason::NodeDown): then it may still be running.
    ///
    /// Both the watched actor's restarts and this one's leave the watch open.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::{StopReason, prelude::*};
    /// # struct Machine; impl Actor for Machine { type State = (); }
    /// # #[handlers] impl Machine { #[handler] fn overheat(&mut self) { panic!("too hot") } }
    /// # struct Guard(Endpoint<Machine>);
    /// impl Actor for Guard {
    ///     type State = Vec<ReplyTo<String>>;
    ///
    ///     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut Self::State) -> Result<(), StartFailure> {
    ///         ctx.watch(&self.0);
    ///         Ok(())
    ///     }
    ///
    ///     async fn terminated(&mut self, _: &ActorContext<Self>, asked: &mut Self::State, notice: Terminated) {
    ///         asked.drain(..).for_each(|reply| reply.send(notice.reason.to_string()));
    ///     }
    /// }
    /// # #[handlers] impl Guard {
    /// #     #[handler] fn what(&self, asked: &mut Vec<ReplyTo<String>>, reply: ReplyTo<String>) { asked.push(reply) }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let system = System::local();
    /// let machine = system.start("machine", Machine, ());
    /// let guard = system.start("guard", Guard(machine.clone()), Vec::new());
    /// let (what, _) = tokio::join!(biased; guard.what(), machine.overheat());
    /// assert_eq!(what?, "panicked: too hot");
    /// # Ok(()) }
    /// ```
    pub fn watch<B: Handlers>(&self, endpoint: &Endpoint<B>) -> WatchId {
        self.watch_tagged(endpoint, 0)
    }

    /// The same with a `tag` of your own, which the notice brings back.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # struct Guard { counters: Vec<Endpoint<Counter>>, log: tokio::sync::mpsc::UnboundedSender<u64> }
    /// impl Actor for Guard {
    ///     type State = ();
    ///
    ///     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut ()) -> Result<(), StartFailure> {
    ///         for (at, counter) in self.counters.iter().enumerate() {
    ///             ctx.watch_tagged(counter, at as u64);
    ///         }
    ///         Ok(())
    ///     }
    ///
    ///     async fn terminated(&mut self, _: &ActorContext<Self>, _: &mut (), notice: Terminated) {
    ///         let _ = self.log.send(notice.tag); // as good as self.counters[notice.tag]
    ///     }
    /// }
    /// # #[handlers(local)] impl Guard { #[handler] fn ready(&self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// # let (system, (log, mut read)) = (System::local(), tokio::sync::mpsc::unbounded_channel());
    /// let counters: Vec<_> = (0..3).map(|_| system.start_anonymous(Counter, 0)).collect();
    /// let second = counters[1].clone();
    /// system.start("guard", Guard { counters, log }, ()).ready().await?;
    /// second.control().stop();
    /// assert_eq!(read.recv().await, Some(1));
    /// # Ok(()) }
    /// ```
    pub fn watch_tagged<B: Handlers>(&self, endpoint: &Endpoint<B>, tag: u64) -> WatchId {
        let watch = self.system().next_watch();
        match endpoint.way() {
            Way::Near(near) => self.watch_near(watch, tag, near.clone()),
            Way::Far(far) => self.watch_far(watch, tag, far.id().clone(), far.label().cloned()),
            Way::Void(void) => {
                self.told(watch, tag, void.id.clone(), void.label.clone(), StopReason::NeverExisted);
            }
        }
        watch
    }

    /// The same for an actor that is known by reference, of this node or another, whether or not the registry has
    /// heard of it. Of one that is over the notice comes at once. Each node remembers how its last 4,096 actors
    /// ended; earlier ones are told of as [`NeverExisted`](StopReason::NeverExisted).
    ///
    /// The node of a reference may not be here yet: for 30 s the watch waits for it to join.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # struct Guard { counter: ActorRef<Counter>, log: tokio::sync::mpsc::UnboundedSender<StopReason> }
    /// impl Actor for Guard {
    ///     type State = ();
    ///
    ///     async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut ()) -> Result<(), StartFailure> {
    ///         ctx.watch_ref(&self.counter, 0);
    ///         Ok(())
    ///     }
    ///
    ///     async fn terminated(&mut self, _: &ActorContext<Self>, _: &mut (), notice: Terminated) {
    ///         let _ = self.log.send(notice.reason);
    ///     }
    /// }
    /// # #[handlers(local)] impl Guard { #[handler] fn ready(&self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    ///
    /// # let (system, (log, mut read)) = (System::local(), tokio::sync::mpsc::unbounded_channel());
    /// let counter = system.start("counter", Counter, 0).actor_ref();
    /// system.stop_and_wait("counter").await;
    /// system.start("guard", Guard { counter, log }, ());
    /// assert_eq!(read.recv().await, Some(StopReason::Stopped)); // it is remembered
    /// # }
    /// ```
    pub fn watch_ref<B: Handlers>(&self, reference: &ActorRef<B>, tag: u64) -> WatchId {
        let (actor, label) = (reference.id().clone(), reference.label().cloned());
        if actor.node != *self.near.node() {
            // Its own node knows best, whether or not this one has heard of it.
            let watch = self.system().next_watch();
            self.watch_far(watch, tag, actor, label);
            return watch;
        }
        let watch = self.system().next_watch();
        match self.system().not_over(actor.number) {
            Some(near) => self.watch_near(watch, tag, near),
            None => {
                let reason = self.system().reason_of(actor.number);
                self.told(watch, tag, actor, label, reason);
            }
        }
        watch
    }

    /// Takes a watch back. True if there was one: then no notice will come, not even one that was on its
    /// way.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # struct Guard { notices: u32 }
    /// # impl Actor for Guard {
    /// #     type State = ();
    /// #     async fn terminated(&mut self, _: &ActorContext<Self>, _: &mut (), _: Terminated) { self.notices += 1 }
    /// # }
    /// #[handlers(local)]
    /// impl Guard {
    ///     #[handler]
    ///     fn think_twice(&self, ctx: &ActorContext<Self>, counter: Endpoint<Counter>) -> bool {
    ///         let watch = ctx.watch(&counter);
    ///         counter.control().stop();
    ///         ctx.unwatch(watch) && !ctx.unwatch(watch)
    ///     }
    /// #   #[handler] fn notices(&self) -> u32 { self.notices }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// let guard = system.start("guard", Guard { notices: 0 }, ());
    /// assert!(guard.think_twice(counter.clone()).await?);
    /// counter.closed().await;
    /// assert_eq!(guard.notices().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn unwatch(&self, watch: WatchId) -> bool {
        self.near.watches().close(watch) || self.near.take_back(watch)
    }

    fn watch_near(&self, watch: WatchId, tag: u64, target: Arc<dyn AnyNear>) {
        // Opened first: the end of the target may come before the next line.
        self.near.watches().open(watch, Watched::Near(target.clone()));
        let watcher = Watcher::Actor { tag, near: self.near.clone() };
        if let Err(reason) = target.watchers().add(watch, watcher) {
            let (actor, label) = (target.id(), target.label().cloned());
            self.near.notify(Terminated { watch, tag, actor, label, reason });
        }
    }

    fn watch_far(&self, watch: WatchId, tag: u64, target: ActorId, label: Option<Label>) {
        let Some(cluster) = self.system().cluster() else {
            return self.told(watch, tag, target, label, StopReason::NeverExisted);
        };
        // Opened first: the end of the target may come before the next line.
        self.near.watches().open(watch, Watched::Far(cluster.clone()));
        cluster.watch(FarWatch::new(watch, tag, target, label, self.near.clone()));
    }

    /// Tells this actor itself, of one that is not there.
    fn told(&self, watch: WatchId, tag: u64, actor: ActorId, label: Option<Label>, reason: StopReason) {
        self.near.mailbox.notify(Terminated { watch, tag, actor, label, reason });
    }
}
