//! Why an actor is over: as this process says it, and as it travels.

use murmer_core::StopReason;
use murmer_node::{EndCause, EndReason, EndWrap, WatchEnd};

/// What another node is told of the end of an actor here.
pub(super) fn to_tell(mut reason: StopReason) -> EndReason {
    let mut wraps = Vec::new();
    let cause = loop {
        reason = match reason {
            StopReason::RestartLimit(last) => {
                wraps.push(EndWrap::RestartLimit);
                *last
            }
            StopReason::ChildFailed(last) => {
                wraps.push(EndWrap::ChildFailed);
                *last
            }
            StopReason::Killed => break EndCause::Killed,
            StopReason::Panicked(message) => break EndCause::Panicked(message),
            StopReason::StartFailed(error) => break EndCause::StartFailed(error),
            StopReason::NeverExisted => break EndCause::NeverExisted,
            // No actor ends by what becomes of a node; and no other reason is known here.
            _ => break EndCause::Stopped,
        };
    };
    EndReason { wraps, cause }
}

/// What an actor here is told of the end of another node's.
pub(super) fn told(end: WatchEnd) -> StopReason {
    let EndReason { wraps, cause } = match end {
        WatchEnd::Ended(reason) => reason,
        WatchEnd::NodeDown => return StopReason::NodeDown,
        WatchEnd::NodeLeft => return StopReason::NodeLeft,
    };
    let cause = match cause {
        EndCause::Stopped => StopReason::Stopped,
        EndCause::Killed => StopReason::Killed,
        EndCause::Panicked(message) => StopReason::Panicked(message),
        EndCause::StartFailed(error) => StopReason::StartFailed(error),
        EndCause::NeverExisted => StopReason::NeverExisted,
    };
    wraps.into_iter().rfold(cause, |last, wrap| match wrap {
        EndWrap::RestartLimit => StopReason::RestartLimit(Box::new(last)),
        EndWrap::ChildFailed => StopReason::ChildFailed(Box::new(last)),
    })
}
