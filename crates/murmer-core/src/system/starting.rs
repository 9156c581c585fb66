//! Starting actors, under a label or without one.

use core::sync::atomic::Ordering;
use std::sync::Arc;

use murmer_wire::{ActorId, Label};
use tokio::runtime::Handle;

use super::System;
use crate::endpoint::Void;
use crate::near::{AnyNear, Near};
use crate::{
    ActorOptions, Changes, Endpoint, Event, Handlers, Prepared, StartError, StopReason, Supervision,
};

impl System {
    /// Starts an actor under `label`.
    ///
    /// Always returns an endpoint. If the label is taken by an actor of the same type, it is that
    /// one's, and a warning is logged; if the start fails in any other way, sends through it fail with
    /// [`NotStarted`](crate::SendError::NotStarted), and an error is logged.
    /// [`try_start`](System::try_start) returns the error instead.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 40);
    /// assert_eq!(counter.add(1).await?, 41);
    ///
    /// let same = system.start("counter", Counter, 0);
    /// assert_eq!(same.add(1).await?, 42); // the first one goes on
    /// # Ok(()) }
    /// ```
    pub fn start<A: Handlers>(&self, label: &str, actor: A, state: A::State) -> Endpoint<A> {
        match self.prepare(label, ActorOptions::default()) {
            Ok(prepared) => prepared.start(actor, state),
            Err(error) => self.not_started(Some(label), error),
        }
    }

    /// Starts an actor under `label`, or says why not.
    ///
    /// # Errors
    ///
    /// [`StartError`]; nothing was changed and the actor was dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::{ActorOptions, StartError};
    ///
    /// let system = System::local();
    /// system.try_start("counter", Counter, 0, ActorOptions::default().mailbox(16))?;
    /// let error = system.try_start("counter", Counter, 0, ActorOptions::default()).unwrap_err();
    /// assert!(matches!(error, StartError::Taken { .. }));
    /// # Ok(()) }
    /// ```
    pub fn try_start<A: Handlers>(
        &self,
        label: &str,
        actor: A,
        state: A::State,
        options: ActorOptions,
    ) -> Result<Endpoint<A>, StartError> {
        Ok(self.prepare(label, options)?.start(actor, state))
    }

    /// Starts an actor that no label leads to: only who is given its endpoint, or a reference, can send to it.
    ///
    /// Always returns an endpoint, as [`start`](System::start) does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let system = System::local();
    /// let counter = system.start_anonymous(Counter, 0);
    /// assert_eq!(counter.add(1).await?, 1);
    /// assert_eq!(counter.label(), None);
    /// # Ok(()) }
    /// ```
    pub fn start_anonymous<A: Handlers>(&self, actor: A, state: A::State) -> Endpoint<A> {
        match self.prepare_anonymous(ActorOptions::default()) {
            Ok(prepared) => prepared.start(actor, state),
            Err(error) => self.not_started(None, error),
        }
    }

    /// Starts an actor that is made by `factory`, and made again when it fails, as `supervision` says. Its
    /// label, endpoints, mailbox and watches outlive each life.
    ///
    /// Always returns an endpoint, as [`start`](System::start) does. For other options, go through
    /// [`prepare`](System::prepare).
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Parser;
    /// # impl Actor for Parser { type State = (); }
    /// # #[handlers] impl Parser {
    /// #     #[handler] fn parse(&self, text: String) -> u64 { text.parse().expect("a number") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), SendError> {
    /// use murmer::Supervision;
    ///
    /// let system = System::local();
    /// let parser = system.supervise("parser", Supervision::transient(), || (Parser, ()));
    /// assert!(matches!(parser.parse("two".into()).await, Err(SendError::Panicked)));
    /// assert_eq!(parser.parse("2".into()).await?, 2); // in its next life
    /// # Ok(()) }
    /// ```
    pub fn supervise<A: Handlers>(
        &self,
        label: &str,
        supervision: Supervision,
        factory: impl FnMut() -> (A, A::State) + Send + 'static,
    ) -> Endpoint<A> {
        match self.prepare(label, ActorOptions::default()) {
            Ok(prepared) => prepared.supervise(supervision, factory),
            Err(error) => self.not_started(Some(label), error),
        }
    }

    /// Takes `label` and opens a mailbox for an actor that is to be started later: messages wait for it.
    ///
    /// # Errors
    ///
    /// [`StartError`]; nothing was changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ActorOptions;
    ///
    /// let system = System::local();
    /// let prepared = system.prepare("counter", ActorOptions::default())?;
    /// prepared.endpoint().add(2).tell().await?; // waits in the mailbox
    /// let counter = prepared.start(Counter, 40);
    /// assert_eq!(counter.add(0).await?, 42);
    /// # Ok(()) }
    /// ```
    pub fn prepare<A: Handlers>(
        &self,
        label: &str,
        options: ActorOptions,
    ) -> Result<Prepared<A>, StartError> {
        self.prepare_any(Some(label), options)
    }

    /// The same without a label.
    ///
    /// # Errors
    ///
    /// [`StartError`]; nothing was changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use murmer::ActorOptions;
    ///
    /// let system = System::local();
    /// let roomy = ActorOptions::default().mailbox(10_000);
    /// let counter = system.prepare_anonymous(roomy)?.start(Counter, 0);
    /// for _ in 0..10_000 {
    ///     counter.try_tell(CounterAdd { by: 1 })?; // it has not had a turn to handle any
    /// }
    /// assert!(counter.try_tell(CounterAdd { by: 1 }).is_err());
    /// assert_eq!(counter.add(0).await?, 10_000);
    /// # Ok(()) }
    /// ```
    pub fn prepare_anonymous<A: Handlers>(&self, options: ActorOptions) -> Result<Prepared<A>, StartError> {
        self.prepare_any(None, options)
    }

    pub(crate) fn prepare_any<A: Handlers>(
        &self,
        label: Option<&str>,
        options: ActorOptions,
    ) -> Result<Prepared<A>, StartError> {
        let label = label.map(valid).transpose()?;
        let runtime = Handle::try_current().ok().or_else(|| self.inner.runtime.clone());
        let runtime = runtime.ok_or(StartError::NoRuntime)?;
        let number = self.next_number();
        let near: Arc<Near<A>> = Arc::new(Near::new(number, label.clone(), self.clone(), &options));
        // The number first: whoever finds the label must find the number too.
        self.inner.numbers.insert_new(number, near.clone());
        if let Some(label) = label
            && let Some(holder) = self.inner.labels.insert_new(label.clone(), near.clone())
        {
            self.inner.numbers.remove_if(&number, |_| true);
            // A shutdown may have found it meanwhile, and lets go of it once it is over.
            near.set_ended(StopReason::NeverExisted);
            let (holder, holder_type) = (holder.id(), holder.type_name());
            self.inner.bus.emit(|| Event::LabelTaken { label: label.clone(), holder, refused: A::TYPE });
            return Err(StartError::Taken { label, holder: holder_type });
        }
        // Looked at last: a shutdown either sees the actor among the others, or is seen here.
        if self.inner.is_shut_down.load(Ordering::SeqCst) {
            self.retire(&*near);
            near.set_ended(StopReason::NeverExisted);
            return Err(StartError::ShutDown);
        }
        self.announce(&*near);
        self.registered();
        Ok(Prepared::new(near, options, runtime))
    }

    /// An endpoint all the same: of the actor of this type that holds the label, or of nobody.
    pub(crate) fn not_started<A: Handlers>(&self, label: Option<&str>, error: StartError) -> Endpoint<A> {
        if let StartError::Taken { label, holder } = &error
            && *holder == A::TYPE
            && let Some(endpoint) = self.lookup_near(label.as_str())
        {
            tracing::warn!(%label, actor_type = A::TYPE, "already started; returning the one that runs");
            return endpoint;
        }
        tracing::error!(label, actor_type = A::TYPE, %error, "not started");
        let id = ActorId { node: self.inner.node.clone(), number: self.next_number() };
        // What is no label is none.
        let label = label.and_then(|label| Label::new(label).ok());
        Endpoint::void(Void { id, label, error: Arc::new(error) })
    }

    /// Tells other nodes of an actor that messages can be sent to from now on. Of an anonymous one they hear
    /// when it joins a group.
    fn announce(&self, near: &dyn AnyNear) {
        let Some(changes) = self.changes_of(near) else { return };
        let Some(label) = near.label() else { return };
        let Some(actor_type) = near.told_name() else {
            let actor_type = near.type_name();
            return tracing::error!(%label, actor_type,
                "other nodes can't find this actor: another type of this program has its name; give one of \
                 them another, with #[handlers(name = \"…\")]");
        };
        let number = near.number();
        // Whoever found the label already may have put the actor into a group: that is not to be taken back.
        near.memberships().say(|groups| {
            changes.add(number, Some(label.clone()), actor_type, near.visibility(), groups);
        });
        // Ended in between, its removal went out before its addition: once more, in order.
        if self.inner.numbers.get(&number).is_none() {
            changes.remove(number);
        }
    }

    /// Where other nodes hear of that actor, if they do.
    pub(super) fn changes_of(&self, near: &dyn AnyNear) -> Option<&Changes> {
        let is_told = near.is_remote() && near.visibility().is_told();
        self.inner.cluster.as_ref().filter(|_| is_told).map(|joined| &*joined.changes)
    }

    /// A label may have come, here or on another node, or another actor may be known, or known to be gone:
    /// whoever waits for that looks again.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{any::Any, pin::Pin, sync::{Arc, atomic::{AtomicU32, Ordering}}};
    /// # use murmer::{ActorId, Label, NodeId, NodeName, SystemOptions};
    /// # use murmer_core::{Changes, Cluster, FarActor, incarnation_now};
    /// # #[derive(Default)] struct Counts(AtomicU32);
    /// # impl Cluster for Counts {
    /// #     fn lookup(&self, _: &str, _: &'static str) -> Option<Arc<dyn FarActor>> {
    /// #         self.0.fetch_add(1, Ordering::Relaxed);
    /// #         None
    /// #     }
    /// #     fn resolve(&self, _: &ActorId, _: Option<&Label>) -> Option<Arc<dyn FarActor>> { None }
    /// #     fn labels(&self, _: &dyn Fn(&str) -> bool) -> Vec<Label> { Vec::new() }
    /// #     fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { Box::pin(async {}) }
    /// #     fn as_any(&self) -> &dyn Any { self }
    /// # }
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let node = NodeId { name: NodeName::new("alpha")?, incarnation: incarnation_now() };
    /// # let (cluster, changes) = (Arc::new(Counts::default()), Arc::default());
    /// # let system = System::joined(node, SystemOptions::default(), cluster.clone(), changes);
    /// let wait = system.lookup_wait::<Counter>("far away", std::time::Duration::from_secs(1));
    /// tokio::join!(biased; wait, async { system.registered() });
    /// assert_eq!(cluster.0.load(Ordering::Relaxed), 2); // at first, and when told
    /// # Ok(()) }
    /// ```
    pub fn registered(&self) {
        self.inner.registrations.notify_waiters();
    }
}

fn valid(label: &str) -> Result<Label, StartError> {
    Label::new(label).map_err(|source| StartError::Label { label: label.escape_debug().to_string(), source })
}
