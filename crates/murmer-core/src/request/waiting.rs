//! Who waits for whose answer, so that actors that wait for each other in a ring are named rather than
//! silently stuck.

use murmer_wire::ActorNumber;

use crate::current;

/// An ask made by a handler, of a local actor.
pub(super) struct Waiting {
    target: ActorNumber,
    /// Whether the asking actor is marked.
    is_marked: bool,
}

impl Waiting {
    pub(super) const fn new(target: ActorNumber) -> Self {
        Self { target, is_marked: false }
    }

    /// The answer is not there yet.
    pub(super) fn begin(&mut self) {
        if self.is_marked {
            return;
        }
        let marked = current::with_near(|near| {
            near.vitals().set_waits_for(self.target);
            near.warn_of_cycle(self.target);
        });
        self.is_marked = marked.is_some();
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.is_marked {
            current::with_near(|near| near.vitals().waits_no_more_for(self.target));
        }
    }
}
