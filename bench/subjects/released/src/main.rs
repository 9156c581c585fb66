//! Measures one workload on the crate that was released under murmer's name.
//!
//! It has no tell: every message is asked. What comes nearest is to poll an ask once, which puts the
//! message into the mailbox, and to drop it. Its mailboxes have no bound.

#![allow(missing_docs, reason = "what its macros write is public and has none")]

use std::future::Future;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Waker};

use anyhow::{Result, anyhow};
use bench_harness::Subject;
use murmer::prelude::{Actor, ActorContext, Endpoint, Message, System, handlers};
use serde::{Deserialize, Serialize};

fn main() -> ExitCode {
    bench_harness::main::<Released>()
}

#[derive(Debug)]
struct Counter;

impl Actor for Counter {
    type State = u64;
}

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[message(result = u64, remote = "bench::Add")]
struct Add(u64);

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
#[message(result = u64, remote = "bench::Sum")]
struct Sum;

#[handlers]
impl Counter {
    #[handler]
    fn add(&mut self, _context: &ActorContext<Self>, sum: &mut u64, msg: Add) -> u64 {
        *sum += msg.0;
        *sum
    }

    #[handler]
    fn sum(&mut self, _context: &ActorContext<Self>, sum: &mut u64, _msg: Sum) -> u64 {
        *sum
    }
}

struct Released {
    system: System,
}

impl Subject for Released {
    type Actor = Endpoint<Counter>;

    const IS_BOUNDED: bool = false;

    fn new() -> Result<Self> {
        Ok(Self { system: System::local() })
    }

    async fn start(&self, label: &str) -> Result<Self::Actor> {
        Ok(self.system.start(label, Counter, 0))
    }

    async fn tell(actor: &Self::Actor, number: u64) -> Result<()> {
        // Its answer is dropped with it; a message that was refused shows in the sum.
        let _ = pin!(actor.send(Add(number))).poll(&mut Context::from_waker(Waker::noop()));
        Ok(())
    }

    async fn ask(actor: &Self::Actor) -> Result<u64> {
        actor.send(Sum).await.map_err(|error| anyhow!("not answered: {error:?}"))
    }

    fn find(&self, label: &str) -> Result<bool> {
        Ok(self.system.lookup::<Counter>(label).is_some())
    }
}
