//! Why a message to several got no reply.

use murmer_wire::ActorId;

use crate::{Delivery, SendError};

/// Why a message to one of several actors got no reply.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// There was nobody to send to: the list, or the group, was empty. The message was not handled.
    #[error("router has nobody to send to")]
    NoMembers,
    /// What went wrong with the actor that was tried last. Those tried before it had all gone, and never
    /// saw the message.
    #[error("no reply from the actor that was chosen")]
    Failed(#[source] SendError),
}

/// Why none of several actors gave a first response.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FirstResponseError {
    /// There was nobody to ask: the list, or the group, was empty.
    #[error("router has nobody to ask")]
    NoMembers,
    /// All were asked, and none answered.
    #[error("none of {} actors answered", failures.len())]
    AllFailed {
        /// What went wrong with each, in the order in which they failed.
        failures: Vec<(ActorId, SendError)>,
    },
}

impl RouteError {
    /// Whether a handler ran for the message.
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::NoMembers => Delivery::Never,
            Self::Failed(error) => error.delivery(),
        }
    }
}

impl FirstResponseError {
    /// Whether a handler ran for any of the messages.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::NoMembers => Delivery::Never,
            Self::AllFailed { failures } => {
                let mut worst = Delivery::Never;
                for (_, error) in failures {
                    worst = match (worst, error.delivery()) {
                        (Delivery::Handled, _) | (_, Delivery::Handled) => Delivery::Handled,
                        (Delivery::Maybe, _) | (_, Delivery::Maybe) => Delivery::Maybe,
                        (Delivery::Never, Delivery::Never) => Delivery::Never,
                    };
                }
                worst
            }
        }
    }
}
