//! Measures one workload on actix. Its actors live on one thread, the senders on another.
//!
//! Tells are `do_send`, which passes over the mailbox's bound; the only send that keeps to it waits
//! for an answer. Actors have no labels.

use std::process::ExitCode;

use actix::{Actor, Addr, Arbiter, Context, Handler, Message, System};
use anyhow::Result;
use bench_harness::Subject;

fn main() -> ExitCode {
    bench_harness::main::<Actix>()
}

#[derive(Default)]
struct Counter {
    sum: u64,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Add(u64);

#[derive(Message)]
#[rtype(result = "u64")]
struct Sum;

impl Actor for Counter {
    type Context = Context<Self>;
}

impl Handler<Add> for Counter {
    type Result = ();

    fn handle(&mut self, add: Add, _context: &mut Self::Context) {
        self.sum += add.0;
    }
}

impl Handler<Sum> for Counter {
    type Result = u64;

    fn handle(&mut self, _sum: Sum, _context: &mut Self::Context) -> u64 {
        self.sum
    }
}

struct Actix {
    arbiter: Arbiter,
}

impl Subject for Actix {
    type Actor = Addr<Counter>;

    const IS_BOUNDED: bool = false;

    fn new() -> Result<Self> {
        Ok(Self { arbiter: Arbiter::new() })
    }

    async fn start(&self, _label: &str) -> Result<Self::Actor> {
        Ok(Counter::start_in_arbiter(&self.arbiter.handle(), |_| Counter::default()))
    }

    async fn tell(actor: &Self::Actor, number: u64) -> Result<()> {
        actor.do_send(Add(number));
        Ok(())
    }

    async fn ask(actor: &Self::Actor) -> Result<u64> {
        Ok(actor.send(Sum).await?)
    }

    fn block_on<T: Send + 'static>(workload: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        System::new().block_on(workload)
    }
}
