//! One account: its money, what became of it, and its monthly fee.
//!
//! Doesn't know who moves money between accounts; see [`crate::teller`].

use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::vec;

use murmer::TaskHandle;
use murmer::prelude::*;

use crate::error::BankError;

/// What accounts are found by.
pub(crate) fn label(owner: &str) -> String {
    format!("account/{owner}")
}

pub(crate) struct Account;

#[derive(Default)]
pub(crate) struct AccountState {
    cents: u64,
    lines: Vec<String>,
    fees: Option<Fees>,
}

/// Fees that are being taken.
struct Fees {
    timer: TaskHandle,
    cents: u64,
    months_left: u32,
    /// Whoever wants to know when all of them have been.
    over: ReplyTo<u64>,
}

impl Actor for Account {
    type State = AccountState;
}

// Local, so that an error may hold a `SendError`, which doesn't travel.
#[handlers(local)]
impl Account {
    #[handler]
    pub(crate) fn deposit(&mut self, state: &mut AccountState, cents: u64, from: String) -> u64 {
        state.book(state.cents + cents, format!("+{cents} from {from}"))
    }

    #[handler]
    pub(crate) fn withdraw(
        &mut self,
        state: &mut AccountState,
        cents: u64,
        to: String,
    ) -> Result<u64, BankError> {
        match state.cents.checked_sub(cents) {
            Some(left) => Ok(state.book(left, format!("-{cents} to {to}"))),
            None => Err(BankError::TooLittle { wanted: cents, there: state.cents }),
        }
    }

    #[handler]
    pub(crate) fn balance(&self, state: &mut AccountState) -> u64 {
        state.cents
    }

    /// Line by line, as of now; the account goes on while somebody reads.
    #[handler]
    pub(crate) fn statement(&self, state: &mut AccountState) -> impl Stream<Item = String> {
        Lines(state.lines.clone().into_iter())
    }

    /// Takes `cents` at the end of each of so many months, and answers with what is left after the last.
    #[handler]
    pub(crate) fn charge_monthly(
        &mut self,
        ctx: &ActorContext<Self>,
        state: &mut AccountState,
        cents: u64,
        months: u32,
        over: ReplyTo<u64>,
    ) {
        let timer = ctx.send_every(MONTH, || AccountMonthIsOver {});
        state.fees = Some(Fees { timer, cents, months_left: months, over });
    }

    #[handler]
    fn month_is_over(&mut self, state: &mut AccountState) {
        // Cancelled, a timer may have sent one more.
        let Some(mut fees) = state.fees.take() else { return };
        let cents = fees.cents.min(state.cents);
        let left = state.book(state.cents - cents, format!("-{cents} monthly fee"));
        fees.months_left -= 1;
        if fees.months_left > 0 {
            state.fees = Some(fees);
        } else {
            fees.timer.cancel();
            fees.over.send(left);
        }
    }
}

impl AccountState {
    fn book(&mut self, cents: u64, line: String) -> u64 {
        self.cents = cents;
        self.lines.push(format!("{line}: {cents}"));
        cents
    }
}

/// A stream of lines that are there already; the `futures` crate has this as `stream::iter`.
struct Lines(vec::IntoIter<String>);

impl Stream for Lines {
    type Item = String;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<String>> {
        Poll::Ready(self.0.next())
    }
}

/// A short one, since this is an example.
const MONTH: Duration = Duration::from_millis(100);
