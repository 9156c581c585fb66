//! How actors are doing, type by type.

use std::collections::HashSet;

use super::System;
use crate::TypeInfo;

impl System {
    /// How the actors of this process are doing, all of each type together, with what those that are over have done;
    /// by the names of the types.
    ///
    /// Looks at every actor, at some 100 ns each: for whoever asks every few seconds.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let system = System::local();
    /// for name in ["one", "two"] {
    ///     system.start(name, Counter, 0).add(1).await?;
    /// }
    /// system.stop_and_wait("one").await;
    ///
    /// let types = system.actor_types();
    /// assert_eq!((types[0].actors, types[0].handled), (1, 2));
    /// # Ok(()) }
    /// ```
    pub fn actor_types(&self) -> Vec<TypeInfo> {
        self.inner.tallies.infos(|show| {
            // On its way from the one place to the other, an actor may be in both.
            let mut leaving = HashSet::new();
            self.inner.leaving.for_each(|number, near| {
                leaving.insert(*number);
                show(near.type_name(), near.vitals(), near.depth());
            });
            self.inner.numbers.for_each(|number, near| {
                if !leaving.contains(number) {
                    show(near.type_name(), near.vitals(), near.depth());
                }
            });
        })
    }
}
