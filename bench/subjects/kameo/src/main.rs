//! Measures one workload on kameo.

use std::convert::Infallible;
use std::process::ExitCode;

use anyhow::Result;
use bench_harness::{MAILBOX_MESSAGES, Subject};
use kameo::mailbox;
use kameo::prelude::{Actor, ActorRef, Context, Message, Spawn};

fn main() -> ExitCode {
    bench_harness::main::<Kameo>()
}

struct Counter {
    sum: u64,
}

struct Add(u64);
struct Sum;

impl Actor for Counter {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(counter: Self, _actor: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(counter)
    }
}

impl Message<Add> for Counter {
    type Reply = ();

    async fn handle(&mut self, add: Add, _context: &mut Context<Self, ()>) {
        self.sum += add.0;
    }
}

impl Message<Sum> for Counter {
    type Reply = u64;

    async fn handle(&mut self, _sum: Sum, _context: &mut Context<Self, u64>) -> u64 {
        self.sum
    }
}

struct Kameo;

impl Subject for Kameo {
    type Actor = ActorRef<Counter>;

    fn new() -> Result<Self> {
        Ok(Self)
    }

    async fn start(&self, label: &str) -> Result<Self::Actor> {
        let actor = Counter::spawn_with_mailbox(Counter { sum: 0 }, mailbox::bounded(MAILBOX_MESSAGES));
        actor.register(label.to_owned())?;
        Ok(actor)
    }

    async fn tell(actor: &Self::Actor, number: u64) -> Result<()> {
        Ok(actor.tell(Add(number)).await?)
    }

    async fn ask(actor: &Self::Actor) -> Result<u64> {
        Ok(actor.ask(Sum).await?)
    }

    fn find(&self, label: &str) -> Result<bool> {
        Ok(ActorRef::<Counter>::lookup(label)?.is_some())
    }
}
