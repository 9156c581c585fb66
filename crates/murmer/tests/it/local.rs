//! One process: labels, ends, full mailboxes and the order of things.

mod children;
mod deadlines;
mod ends;
mod events;
mod generic;
mod groups;
mod introspection;
mod labels;
mod lifecycle;
mod mailboxes;
pub(crate) mod messages;
mod replies;
mod routers;
mod starting;
mod streaming;
mod subject;
mod supervision;
mod timers;
mod watching;

use murmer::{Delivery, SendError};

/// That it was refused because the actor had stopped.
fn assert_stopped<T: std::fmt::Debug>(result: Result<T, SendError>) {
    let error = result.unwrap_err();
    assert!(matches!(error, SendError::Stopped), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
}
