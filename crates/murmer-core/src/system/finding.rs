//! Finding actors, here and on other nodes.

use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;

use murmer_wire::{ActorId, ActorNumber, GroupSet, Label};

use super::{System, pattern};
use crate::near::{AnyNear, Near};
use crate::private::told_name;
use crate::{ActorRef, Endpoint, Handlers, Heard, WaitError};

impl System {
    /// The actor of type `A` under `label`: this node's if there is one, else the one that every
    /// node picks among the others'.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let system = System::local();
    /// system.start("counter", Counter, 40);
    ///
    /// let counter = system.lookup::<Counter>("counter").ok_or("no such counter")?;
    /// assert_eq!(counter.add(2).await?, 42);
    /// assert!(system.lookup::<Counter>("abacus").is_none());
    /// # Ok(()) }
    /// ```
    pub fn lookup<A: Handlers>(&self, label: &str) -> Option<Endpoint<A>> {
        if let Some(endpoint) = self.lookup_near(label) {
            return Some(endpoint);
        }
        let joined = self.inner.cluster.as_ref().filter(|_| A::REMOTE)?;
        joined.cluster.lookup(label, told_name::<A>()?).map(Endpoint::far)
    }

    /// The same, waiting until there is one, `within` this long: `None` after that. With
    /// [`Duration::MAX`] it waits for as long as it takes.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// use std::time::Duration;
    ///
    /// let system = System::local();
    /// let second = Duration::from_secs(1);
    /// assert!(system.lookup_wait::<Counter>("counter", second).await.is_none());
    ///
    /// let start = async { system.start("counter", Counter, 0) };
    /// let (found, started) = tokio::join!(biased; system.lookup_wait("counter", second), start);
    /// assert_eq!(found, Some(started));
    /// # }
    /// ```
    pub async fn lookup_wait<A: Handlers>(&self, label: &str, within: Duration) -> Option<Endpoint<A>> {
        tokio::time::timeout(within, self.found(|| self.lookup(label))).await.ok()
    }

    /// An endpoint of that very actor; `None` if it was one of this node and is gone, and for one of a node that
    /// is down, has left, or is unknown here.
    ///
    /// A reference can be here before anything else is known of the actor; an endpoint comes of it all the
    /// same, also of an actor that nobody is told of. If there turns out to be no such actor, sends fail as
    /// never delivered. [`wait_for`](System::wait_for) waits until this node has been told of it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let counter = system.start_anonymous(Counter, 0);
    /// let reference = counter.actor_ref(); // can travel in a message
    /// assert_eq!(system.resolve(&reference), Some(counter.clone()));
    ///
    /// counter.control().stop();
    /// assert_eq!(system.resolve(&reference), None);
    /// # }
    /// ```
    pub fn resolve<A: Handlers>(&self, reference: &ActorRef<A>) -> Option<Endpoint<A>> {
        let id = reference.id();
        if id.node == self.inner.node {
            return typed(self.inner.numbers.get(&id.number)?).map(Endpoint::near);
        }
        let joined = self.inner.cluster.as_ref().filter(|_| A::REMOTE)?;
        joined.cluster.resolve(id, reference.label()).map(Endpoint::far)
    }

    /// Waits until this node has been told of that very actor, `within` this long: from then on its label and
    /// its groups lead to it, if it has any and is not private. With [`Duration::MAX`] it waits for as long as
    /// it takes. Whoever only wants to send to the actor can [`resolve`](System::resolve) the reference at once.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Errors
    ///
    /// [`WaitError`]: it is over as far as is known, or nothing was heard of it in time. Of anonymous actors
    /// that never were in a group, and of private ones, other nodes never hear.
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
    /// let [alpha, beta] = nodes().await?; // of one cluster
    /// let reference = alpha.start("counter", Counter, 0).actor_ref();
    ///
    /// let counter = beta.wait_for(&reference, std::time::Duration::from_secs(5)).await?;
    /// assert_eq!(beta.lookup("counter"), Some(counter)); // now it can be found
    /// # Ok(()) }
    /// ```
    pub async fn wait_for<A: Handlers>(
        &self,
        reference: &ActorRef<A>,
        within: Duration,
    ) -> Result<Endpoint<A>, WaitError> {
        let waited = tokio::time::timeout(within, self.heard(reference)).await;
        waited.unwrap_or(Err(WaitError::TimedOut { waited: within }))
    }

    async fn heard<A: Handlers>(&self, reference: &ActorRef<A>) -> Result<Endpoint<A>, WaitError> {
        let id = reference.id();
        if id.node == self.inner.node {
            if let Some(endpoint) = self.resolve(reference) {
                return Ok(endpoint);
            }
            if let Some(leaving) = self.inner.leaving.get(&id.number) {
                leaving.when_ended().wait().await;
            }
            return Err(WaitError::Over(self.reason_of(id.number)));
        }
        let heard = self.found(|| match self.heard_of(id) {
            Heard::Here => self.resolve(reference).map(Ok),
            Heard::Over(reason) => Some(Err(WaitError::Over(reason))),
            Heard::Unheard => None,
        });
        // Its own node knows first that it is over; it is asked as soon as anything leads there.
        let ended = async { self.found(|| self.resolve(reference)).await.ended().await };
        tokio::select! {
            biased; // an actor that is known is known, even if it has ended by now
            heard = heard => heard,
            reason = ended => Err(WaitError::Over(reason)),
        }
    }

    fn heard_of(&self, id: &ActorId) -> Heard {
        self.inner.cluster.as_ref().map_or(Heard::Unheard, |joined| joined.cluster.heard_of(id))
    }

    /// What `look` comes to find, now or when something is registered or goes.
    async fn found<T>(&self, look: impl Fn() -> Option<T>) -> T {
        loop {
            let mut told = pin!(self.inner.registrations.notified());
            // Before the look, so that news in between are not missed.
            told.as_mut().enable();
            if let Some(found) = look() {
                return found;
            }
            told.await;
        }
    }

    /// All labels that match `pattern`, here and on other nodes, sorted, each once; those of actors that are
    /// not [listed](crate::ActorOptions::visibility) are left out.
    ///
    /// In a pattern `*` stands for any text, none included; everything else for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// for label in ["visits/today", "visits/ever", "sales"] {
    ///     system.start(label, Counter, 0);
    /// }
    /// let visits = system.labels("visits/*");
    /// assert_eq!(visits.iter().map(|label| label.as_str()).collect::<Vec<_>>(), ["visits/ever", "visits/today"]);
    /// # }
    /// ```
    pub fn labels(&self, pattern: &str) -> Vec<Label> {
        let wanted = |label: &str| pattern::matches(pattern, label);
        let mut labels = Vec::new();
        self.inner.labels.for_each(|label, near| {
            if near.visibility().is_listed() && wanted(label.as_str()) {
                labels.push(label.clone());
            }
        });
        if let Some(joined) = &self.inner.cluster {
            labels.extend(joined.cluster.labels(&wanted));
        }
        labels.sort();
        labels.dedup();
        labels
    }

    /// The actors of this node that others are to know, and their groups, in the order of their starts.
    #[doc(hidden)]
    pub fn told(&self) -> Vec<(ActorNumber, GroupSet)> {
        let told = |near: &Arc<dyn AnyNear>| {
            let (groups, is_told) = near.memberships().told();
            let is_named = self.changes_of(&**near).is_some() && near.told_name().is_some();
            (is_named && (is_told || near.label().is_some())).then(|| (near.number(), groups))
        };
        let mut told: Vec<_> = self.inner.numbers.values().iter().filter_map(told).collect();
        told.sort();
        told
    }

    /// Whether an actor of this node holds `label`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// system.start("counter", Counter, 0);
    /// assert!(system.has_label("counter"));
    /// system.stop("counter");
    /// assert!(!system.has_label("counter"));
    /// # }
    /// ```
    pub fn has_label(&self, label: &str) -> bool {
        self.inner.labels.get(label).is_some()
    }

    /// The actor of this node that holds `label`.
    #[doc(hidden)]
    pub fn holder(&self, label: &str) -> Option<ActorId> {
        self.inner.labels.get(label).map(|near| near.id())
    }

    pub(super) fn lookup_near<A: Handlers>(&self, label: &str) -> Option<Endpoint<A>> {
        typed(self.inner.labels.get(label)?).map(Endpoint::near)
    }
}

fn typed<A: Handlers>(near: Arc<dyn AnyNear>) -> Option<Arc<Near<A>>> {
    near.into_any().downcast().ok()
}
