//! What can go wrong in the bank, the mail between its actors included.

use murmer::{RouteError, SendError};

/// Why the bank did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum BankError {
    /// Nothing was moved.
    NoAccount(String),
    /// Nothing was moved.
    TooLittle { wanted: u64, there: u64 },
    /// A message got no answer; its `delivery()` says whether it may have been handled.
    Send(SendError),
    /// No teller answered.
    Route(RouteError),
}

impl core::fmt::Display for BankError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoAccount(owner) => write!(f, "{owner} has no account"),
            Self::TooLittle { wanted, there } => write!(f, "{wanted} wanted, {there} there"),
            Self::Send(error) => write!(f, "{error} (delivery: {:?})", error.delivery()),
            Self::Route(error) => write!(f, "{error} (delivery: {:?})", error.delivery()),
        }
    }
}

impl core::error::Error for BankError {}

/// So that `.flat()` makes one error of two.
impl From<SendError> for BankError {
    fn from(error: SendError) -> Self {
        Self::Send(error)
    }
}

impl From<RouteError> for BankError {
    fn from(error: RouteError) -> Self {
        Self::Route(error)
    }
}
