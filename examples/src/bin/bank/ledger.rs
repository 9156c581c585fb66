//! The book of all transfers.

use murmer::prelude::*;

use crate::say;

pub(crate) struct Ledger;

#[derive(Default)]
pub(crate) struct LedgerState {
    /// What was moved.
    entries: Vec<u64>,
    /// Whoever waits for an audit.
    audits: Vec<ReplyTo<u64>>,
}

impl Actor for Ledger {
    type State = LedgerState;

    async fn stopped(&mut self, _: &ActorContext<Self>, state: &mut LedgerState, reason: &StopReason) {
        say(format_args!("ledger: {reason} with {} entries", state.entries.len()));
    }
}

#[handlers(local)]
impl Ledger {
    #[handler]
    pub(crate) fn enter(&mut self, state: &mut LedgerState, cents: u64) {
        state.entries.push(cents);
    }

    /// How much was moved in all. Answered once an auditor has come; the ledger goes on until then.
    #[handler]
    pub(crate) fn audit(&self, state: &mut LedgerState, reply: ReplyTo<u64>) {
        state.audits.push(reply);
    }

    /// Does the audits that somebody still waits for, and says how many those were.
    #[handler]
    pub(crate) fn do_audits(&mut self, state: &mut LedgerState) -> usize {
        let moved: u64 = state.entries.iter().sum();
        let wanted = state.audits.drain(..).filter(ReplyTo::is_wanted);
        wanted.map(|reply| reply.send(moved)).count()
    }
}
