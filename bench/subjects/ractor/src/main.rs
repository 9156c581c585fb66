//! Measures one workload on ractor. Its mailboxes have no bound.

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use bench_harness::Subject;
use ractor::rpc::CallResult;
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort};

fn main() -> ExitCode {
    bench_harness::main::<Ractor>()
}

struct Counter;

enum Counting {
    Add(u64),
    Sum(RpcReplyPort<u64>),
}

impl Actor for Counter {
    type Msg = Counting;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _actor: ActorRef<Counting>, _args: ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(
        &self,
        _actor: ActorRef<Counting>,
        message: Counting,
        sum: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Counting::Add(number) => *sum += number,
            Counting::Sum(reply) => reply.send(*sum)?,
        }
        Ok(())
    }
}

struct Ractor;

impl Subject for Ractor {
    type Actor = ActorRef<Counting>;

    const IS_BOUNDED: bool = false;

    fn new() -> Result<Self> {
        Ok(Self)
    }

    async fn start(&self, label: &str) -> Result<Self::Actor> {
        let started = Actor::spawn(Some(label.to_owned()), Counter, ()).await;
        started.map(|(actor, _task)| actor).map_err(|error| anyhow!("not started: {error}"))
    }

    async fn tell(actor: &Self::Actor, number: u64) -> Result<()> {
        actor.cast(Counting::Add(number)).map_err(|_| anyhow!("not told"))
    }

    async fn ask(actor: &Self::Actor) -> Result<u64> {
        match actor.call(Counting::Sum, None).await {
            Ok(CallResult::Success(sum)) => Ok(sum),
            _ => bail!("not answered"),
        }
    }

    fn find(&self, label: &str) -> Result<bool> {
        Ok(ActorRef::<Counting>::where_is(label.to_owned()).is_some())
    }
}
