//! Workloads between two processes on one machine: a client, which measures, and a server that it starts.
//!
//! Both are the same program: started as `serve`, it is the server. [`main`] runs one workload and prints
//! what it measured, as [`crate::main`] does.

mod appear;
mod asks;
mod child;
mod cpu;
mod known;
mod serve;
mod subject;
mod tells;
mod waiting;
mod workload;

use std::process::ExitCode;

use anyhow::Result;

use crate::{Figure, Options, fail, runtime};
use child::Child;

pub use subject::{Client, Server};
pub use workload::Workload;

/// Runs the workload that the command line names on subject `C`, or serves one.
pub fn main<C: Client>() -> ExitCode {
    let made = if C::ON_ONE_THREAD { runtime::one_thread() } else { runtime::two_workers() };
    let runtime = match made {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    if std::env::args().nth(1).is_some_and(|what| what == child::SERVE) {
        return match runtime::run(runtime, serve::run::<C::Server>()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        };
    }
    match Options::from_args() {
        Ok(options) => crate::print(|| runtime::run(runtime, measure::<C>(options))),
        Err(error) => fail(&error),
    }
}

async fn measure<C: Client>(options: Options<Workload>) -> Result<Vec<Figure>> {
    let mut server = Child::start()?;
    match options.workload {
        Workload::Appear => return appear::measure::<C>(&mut server, options.actors).await,
        Workload::Known => return known::measure::<C>(&mut server, options.actors).await,
        _ => {}
    }
    server.start_actors(options.actors)?;
    let client = C::connect(server.addr()).await?;
    let actors = subject::find_all(&client, options.actors).await?;
    match options.workload.load() {
        Some(load) => asks::measure::<C>(&server, actors, load, &options).await,
        None if options.workload == Workload::Tell => tells::measure::<C>(&server, actors, &options).await,
        None => waiting::measure::<C>(actors, &options).await,
    }
}

/// Bytes of a message, unless it is payload that is measured.
const MESSAGE_BYTES: usize = 64;
