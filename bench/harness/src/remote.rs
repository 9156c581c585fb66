//! Workloads between two processes on one machine: a client, which measures, and a server that it starts.
//!
//! Both are the same program: started as `serve`, it is the server. [`main`] runs one workload and prints
//! what it measured, as [`crate::main`] does.

mod appear;
mod asks;
mod child;
mod cost;
mod known;
mod network;
mod serve;
mod subject;
mod tally;
mod tells;
mod waiting;
mod workload;

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{Figure, Options, fail, runtime};
use child::Child;

pub use network::Network;
pub use subject::{Client, Server};
pub use workload::Workload;

/// Runs the workload that the command line names on subject `C`, or serves one.
pub fn main<C: Client>() -> ExitCode {
    let made = if C::ON_ONE_THREAD { runtime::one_thread() } else { runtime::two_workers() };
    let runtime = match made {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match Network::of_server() {
        Ok(None) => {}
        Ok(Some(network)) => {
            return match runtime::run(runtime, serve::run::<C::Server>(network)) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&error),
            };
        }
        Err(error) => return fail(&error),
    }
    match Options::from_args() {
        Ok(options) => crate::print(|| runtime::run(runtime, measure::<C>(options))),
        Err(error) => fail(&error),
    }
}

async fn measure<C: Client>(options: Options<Workload>) -> Result<Vec<Figure>> {
    let network = Network { mtu: options.mtu };
    let mut server = Child::start(network)?;
    match options.workload {
        Workload::Appear => return appear::measure::<C>(&mut server, options.actors, network).await,
        Workload::Known => return known::measure::<C>(&mut server, options.actors, network).await,
        _ => {}
    }
    server.start_actors(options.actors)?;
    let client = C::connect(server.addr(), network).await?;
    let actors = subject::find_all(&client, options.actors).await?;
    match options.workload.load() {
        Some(load) => asks::measure::<C>(&server, actors, load, &options).await,
        None if options.workload == Workload::Tell => tells::measure::<C>(&server, actors, &options).await,
        None => waiting::measure::<C>(&server, actors, &options).await,
    }
}

/// Has it done as a task, beside which nothing but the clock runs: a subject that hangs costs one cell.
async fn within<T: Send + 'static>(
    time: Duration,
    workload: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let limit = time + ANSWER_MAX;
    let done = tokio::time::timeout(limit, tokio::spawn(workload)).await;
    done.with_context(|| format!("not done after {} s", limit.as_secs()))?.context("it panicked")?
}

/// How long an answer is waited for.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Bytes of a message, unless it is payload that is measured.
const MESSAGE_BYTES: usize = 64;
