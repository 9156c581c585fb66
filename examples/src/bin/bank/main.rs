//! A day in a bank, as actors: accounts, tellers who are restarted when they fall over, a ledger that is
//! watched, and a branch that closes in good order.
//!
//! `cargo run -p murmer-examples --bin bank` shows what happens. Panics are meant to, and are printed to
//! standard error, as panics are.

mod account;
mod branch;
mod error;
mod ledger;
mod teller;

use core::fmt::Display;
use core::time::Duration;
use std::io::{self, Write};

use murmer::prelude::*;
use murmer::{Event, ReceptionKey, Router};

use self::account::{Account, AccountExt, AccountState};
use self::branch::{Branch, BranchExt};
use self::error::BankError;
use self::ledger::{Ledger, LedgerExt, LedgerState};
use self::teller::{Receipt, Teller, TellerExt, TellerTransfer};

// One thread, so that the transcript is the same every time; nothing else depends on it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let system = System::local();
    let ledger = system.start("ledger", Ledger, LedgerState::default());
    let tellers = ReceptionKey::new("tellers")?;
    let branch = system.start("branch", Branch { ledger: ledger.clone(), tellers: tellers.clone() }, ());

    title("opening");
    say(format_args!("{} tellers", branch.tellers().await?));
    for (owner, cents) in [("alice", 10_000), ("bob", 500)] {
        let account = system.start(&account::label(owner), Account, AccountState::default());
        say(format_args!("{owner} begins with {}", account.deposit(cents, "cash".into()).await?));
    }

    title("transfers, to whichever teller's turn it is");
    let router = Router::round_robin(system.listing(&tellers));
    for (from, to, cents) in [("alice", "bob", 2_500), ("bob", "alice", 100), ("bob", "alice", 9_000)] {
        tell(from, to, cents, &transfer(&router, from, to, cents).await);
    }
    tell("alice", "nobody", 1, &transfer(&router, "alice", "nobody", 1).await);

    title("a teller falls over; those in the queue wait for the next life");
    fall(&system).await?;

    title("an audit, for which the auditor comes late");
    match ledger.audit().timeout(Duration::from_millis(50)).await {
        Ok(moved) => say(format_args!("{moved} moved")),
        Err(error) => say(format_args!("{error} (delivery: {:?})", error.delivery())),
    }
    let (moved, audits) = tokio::join!(biased; ledger.audit(), ledger.do_audits());
    say(format_args!("{} audit done for somebody who still waits: {} moved", audits?, moved?));

    title("two months pass");
    let alice: Endpoint<Account> = find(&system, &account::label("alice"))?;
    say(format_args!("alice has {} left", alice.charge_monthly(300, 2).await?));

    title("alice's statement");
    let mut statement = alice.statement().await?;
    while let Some(line) = statement.next().await {
        say(line?);
    }

    title("closing");
    close(&system, &ledger, &branch).await
}

/// Three customers in one queue; the second is too much for the teller.
async fn fall(system: &System) -> anyhow::Result<()> {
    let mut events = system.events();
    let teller: Endpoint<Teller> = find(system, "teller/1")?;
    let before = teller.served().await?;
    let ask = |cents| teller.transfer("alice".into(), "bob".into(), cents).flat::<Receipt, BankError>();
    let (first, second, third) = tokio::join!(biased; ask(10), ask(0), ask(20));
    for (cents, result) in [(10, first), (0, second), (20, third)] {
        tell("alice", "bob", cents, &result);
    }
    while let Some(event) = events.next().await {
        if let Event::Restarted { label: Some(label), reason, restarts, .. } = event {
            say(format_args!("restart {restarts} of {label}, which {reason}"));
            break;
        }
    }
    say(format_args!("served before: {before}, since the restart: {}", teller.served().await?));
    Ok(())
}

/// From the counter to the ledger, everybody finishes what has been accepted.
async fn close(system: &System, ledger: &Endpoint<Ledger>, branch: &Endpoint<Branch>) -> anyhow::Result<()> {
    let teller: Endpoint<Teller> = find(system, "teller/2")?;
    // In the queue before the doors close, so still served.
    let last = tokio::spawn(teller.transfer("bob".into(), "alice".into(), 1).flat::<Receipt, BankError>());
    tokio::task::yield_now().await;
    for label in system.labels("teller/*") {
        if let Some(teller) = system.lookup::<Teller>(label.as_str()) {
            teller.control().drain();
            say(format_args!("{label}: {}", teller.ended().await));
        }
    }
    tell("bob", "alice", 1, &last.await?);
    tell("bob", "alice", 1, &teller.transfer("bob".into(), "alice".into(), 1).flat().await);
    ledger.control().drain();
    branch.closed().await;
    for owner in ["alice", "bob"] {
        let account: Endpoint<Account> = find(system, &account::label(owner))?;
        say(format_args!("{owner} ends with {}", account.balance().await?));
    }
    system.shutdown().await;
    say(format_args!("actors left: {}", system.actors().len()));
    Ok(())
}

async fn transfer(router: &Router<Teller>, from: &str, to: &str, cents: u64) -> Result<Receipt, BankError> {
    // One `?` for the way to a teller, and one for what the teller says.
    router.send(TellerTransfer { from: from.into(), to: to.into(), cents }).await?
}

fn find<A: murmer::Handlers>(system: &System, label: &str) -> anyhow::Result<Endpoint<A>> {
    system.lookup(label).ok_or_else(|| anyhow::anyhow!("there is no {label}"))
}

fn tell(from: &str, to: &str, cents: u64, result: &Result<Receipt, BankError>) {
    match result {
        Ok(receipt) => say(format_args!("{from} -> {to}, {cents}: {receipt}")),
        Err(error) => say(format_args!("{from} -> {to}, {cents}: {error}")),
    }
}

fn title(title: &str) {
    say(format_args!("--- {title} ---"));
}

/// Prints a line, for as long as anybody reads.
fn say(line: impl Display) {
    drop(writeln!(io::stdout(), "{line}"));
}
