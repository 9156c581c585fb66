//! Starting actors that end with this one.

use std::sync::Arc;

use super::ActorContext;
use crate::family::Family;
use crate::{ActorOptions, Endpoint, Handlers, Prepared, StartError, Supervision};

impl<A: Handlers> ActorContext<A> {
    /// Starts a child: an actor that ends before this one does, however that ends, and before it begins
    /// another life. Under `label`, or anonymous if that is `None`.
    ///
    /// Always returns an endpoint, as [`System::start`](crate::System::start) does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # pub struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # struct Shop; impl Actor for Shop { type State = (); }
    /// #[handlers(local)]
    /// impl Shop {
    ///     #[handler]
    ///     fn open(&self, ctx: &ActorContext<Self>) -> Endpoint<Counter> {
    ///         ctx.start_child(Some("till"), Counter, 0)
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// let system = System::local();
    /// let till = system.start("shop", Shop, ()).open().await?;
    /// assert_eq!(till.add(5).await?, 5);
    ///
    /// system.stop_and_wait("shop").await;
    /// assert!(matches!(till.add(5).await, Err(SendError::Stopped))); // gone with the shop
    /// # Ok(()) }
    /// ```
    pub fn start_child<B: Handlers>(&self, label: Option<&str>, actor: B, state: B::State) -> Endpoint<B> {
        match self.prepare_child(label, ActorOptions::default()) {
            Ok(prepared) => prepared.start(actor, state),
            Err(error) => self.system().not_started(label, error),
        }
    }

    /// Starts a child that is made by `factory`, and made again when it fails, as `supervision` says.
    ///
    /// Which of its siblings are restarted with it is up to the [`ChildStrategy`](crate::ChildStrategy) that
    /// this actor was started with.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # pub struct Parser; impl Actor for Parser { type State = (); }
    /// # #[handlers] impl Parser { #[handler] fn parse(&self, text: String) -> u64 { text.parse().expect("a number") } }
    /// # struct Office; impl Actor for Office { type State = (); }
    /// use murmer::Supervision;
    ///
    /// #[handlers(local)]
    /// impl Office {
    ///     #[handler]
    ///     fn hire(&self, ctx: &ActorContext<Self>) -> Endpoint<Parser> {
    ///         ctx.supervise_child(None, Supervision::transient(), || (Parser, ()))
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), SendError> {
    ///
    /// let parser = System::local().start("office", Office, ()).hire().await?;
    /// assert!(matches!(parser.parse("two".into()).await, Err(SendError::Panicked)));
    /// assert_eq!(parser.parse("2".into()).await?, 2); // in its next life
    /// # Ok(()) }
    /// ```
    pub fn supervise_child<B: Handlers>(
        &self,
        label: Option<&str>,
        supervision: Supervision,
        factory: impl FnMut() -> (B, B::State) + Send + 'static,
    ) -> Endpoint<B> {
        match self.prepare_child(label, ActorOptions::default()) {
            Ok(prepared) => prepared.supervise(supervision, factory),
            Err(error) => self.system().not_started(label, error),
        }
    }

    /// An endpoint of a child that does not run yet; see [`System::prepare`](crate::System::prepare). It can
    /// be started in this life of its parent alone; after that it is over, as if dropped.
    ///
    /// # Errors
    ///
    /// [`StartError`]; nothing was changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # pub struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # struct Shop; impl Actor for Shop { type State = (); }
    /// use murmer::{ActorOptions, StartError};
    ///
    /// #[handlers(local)]
    /// impl Shop {
    ///     #[handler]
    ///     fn open(&self, ctx: &ActorContext<Self>) -> Result<Endpoint<Counter>, StartError> {
    ///         let prepared = ctx.prepare_child(Some("till"), ActorOptions::default().mailbox(16))?;
    ///         Ok(prepared.start(Counter, 0))
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let shop = System::local().start("shop", Shop, ());
    /// assert_eq!(shop.open().await??.add(5).await?, 5);
    /// assert!(matches!(shop.open().await?, Err(StartError::Taken { .. })));
    /// # Ok(()) }
    /// ```
    pub fn prepare_child<B: Handlers>(
        &self,
        label: Option<&str>,
        options: ActorOptions,
    ) -> Result<Prepared<B>, StartError> {
        let family = self.family.get_or_init(|| Arc::new(Family::new(self.strategy, self.near.clone())));
        Ok(self.system().prepare_any(label, options)?.into_family(family.clone()))
    }
}
