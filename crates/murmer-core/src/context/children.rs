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
    pub fn prepare_child<B: Handlers>(
        &self,
        label: Option<&str>,
        options: ActorOptions,
    ) -> Result<Prepared<B>, StartError> {
        let family = self.family.get_or_init(|| Arc::new(Family::new(self.strategy, self.near.clone())));
        Ok(self.system().prepare_any(label, options)?.into_family(family.clone()))
    }
}
