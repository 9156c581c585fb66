//! Whoever moves money from one account to another.

use core::fmt;

use murmer::prelude::*;

use crate::account::{self, Account, AccountExt};
use crate::error::BankError;
use crate::ledger::{Ledger, LedgerEnter};
use crate::say;

pub(crate) struct Teller {
    pub(crate) ledger: Endpoint<Ledger>,
}

/// That a transfer was made.
#[derive(Debug)]
pub(crate) struct Receipt {
    teller: String,
    /// What the sender has left.
    left: u64,
}

impl Actor for Teller {
    /// How many customers this life of the teller has served.
    type State = u64;

    async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut u64) -> Result<(), StartFailure> {
        say(format_args!("{}: at the counter", name(ctx)));
        Ok(())
    }
}

#[handlers(local)]
impl Teller {
    #[handler]
    pub(crate) async fn transfer(
        &mut self,
        ctx: &ActorContext<Self>,
        served: &mut u64,
        from: String,
        to: String,
        cents: u64,
    ) -> Result<Receipt, BankError> {
        *served += 1;
        assert!(cents > 0, "{from} wants to move nothing");
        let (source, target) = (find(ctx, &from)?, find(ctx, &to)?);
        let left = source.withdraw(cents, to.clone()).flat().await?;
        if let Err(error) = target.deposit(cents, from).await {
            // Whatever may have been handled stands; what never was is taken back.
            if error.delivery() == murmer::Delivery::Never {
                source.deposit(cents, format!("{to}, returned")).await?;
            }
            return Err(error.into());
        }
        self.ledger.tell(LedgerEnter { cents }).await?;
        Ok(Receipt { teller: name(ctx), left })
    }

    /// How many customers came since the teller last began.
    #[handler]
    pub(crate) fn served(&self, served: &mut u64) -> u64 {
        *served
    }
}

fn find(ctx: &ActorContext<Teller>, owner: &str) -> Result<Endpoint<Account>, BankError> {
    let account = ctx.system().lookup(&account::label(owner));
    account.ok_or_else(|| BankError::NoAccount(owner.to_owned()))
}

fn name(ctx: &ActorContext<Teller>) -> String {
    ctx.label().map_or_else(|| "a teller".to_owned(), ToString::to_string)
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "done by {}, {} left", self.teller, self.left)
    }
}
