//! murmer as a subject.

use anyhow::Result;
use bench_harness::{MAILBOX_MESSAGES, Subject};
use murmer::{Actor, ActorOptions, Endpoint, System, handlers};

/// An actor that adds up.
pub struct Counter;

impl Actor for Counter {
    type State = u64;
}

#[handlers]
impl Counter {
    /// Adds `number`.
    #[handler]
    fn add(&mut self, state: &mut u64, number: u64) {
        *state += number;
    }

    /// What that makes so far.
    #[handler]
    fn sum(&mut self, state: &mut u64) -> u64 {
        *state
    }
}

/// A local system.
pub struct Murmer {
    system: System,
}

impl Subject for Murmer {
    type Actor = Endpoint<Counter>;

    fn new() -> Result<Self> {
        Ok(Self { system: System::local() })
    }

    async fn start(&self, label: &str) -> Result<Self::Actor> {
        let options = ActorOptions::default().mailbox(MAILBOX_MESSAGES);
        Ok(self.system.try_start(label, Counter, 0, options)?)
    }

    async fn tell(actor: &Self::Actor, number: u64) -> Result<()> {
        Ok(actor.add(number).tell().await?)
    }

    async fn ask(actor: &Self::Actor) -> Result<u64> {
        Ok(actor.sum().await?)
    }

    fn find(&self, label: &str) -> Result<bool> {
        Ok(self.system.lookup::<Counter>(label).is_some())
    }
}
