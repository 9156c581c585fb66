//! The branch: it employs the tellers, and closes once the ledger is closed.

use core::time::Duration;

use murmer::prelude::*;
use murmer::{ReceptionKey, Supervision};

use crate::ledger::Ledger;
use crate::say;
use crate::teller::Teller;

pub(crate) struct Branch {
    pub(crate) ledger: Endpoint<Ledger>,
    pub(crate) tellers: ReceptionKey<Teller>,
}

impl Actor for Branch {
    type State = ();

    async fn started(&mut self, ctx: &ActorContext<Self>, (): &mut ()) -> Result<(), StartFailure> {
        ctx.watch(&self.ledger);
        let soon = Supervision::transient().backoff(Duration::from_millis(10), Duration::from_secs(1));
        for n in 1..=TELLERS {
            let ledger = self.ledger.clone();
            let teller = ctx.supervise_child(Some(&format!("teller/{n}")), soon.clone(), move || {
                (Teller { ledger: ledger.clone() }, 0)
            });
            ctx.system().join_group(&self.tellers, &teller)?;
        }
        Ok(())
    }

    async fn terminated(&mut self, ctx: &ActorContext<Self>, (): &mut (), notice: Terminated) {
        let who = notice.label.map_or_else(|| notice.actor.to_string(), |label| label.to_string());
        say(format_args!("branch: {who} is over ({}), so we close", notice.reason));
        ctx.stop();
    }

    async fn stopped(&mut self, _: &ActorContext<Self>, (): &mut (), reason: &StopReason) {
        say(format_args!("branch: {reason}"));
    }
}

#[handlers(local)]
impl Branch {
    /// How many tellers there are, once all of them are at work.
    #[handler]
    pub(crate) fn tellers(&self, ctx: &ActorContext<Self>) -> usize {
        ctx.system().group(&self.tellers).len()
    }
}

const TELLERS: usize = 2;
