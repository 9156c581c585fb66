//! One process: labels, ends, full mailboxes and the order of things.

mod ends;
mod groups;
mod labels;
mod mailboxes;
mod routers;

use murmer::{Delivery, SendError};

/// That it was refused because the actor had stopped.
fn assert_stopped<T: std::fmt::Debug>(result: Result<T, SendError>) {
    let error = result.unwrap_err();
    assert!(matches!(error, SendError::Stopped), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
}
