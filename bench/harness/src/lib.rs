//! The workloads, and how one process measures one of them.
//!
//! A [`Subject`] says how it starts an actor and how it sends; the loops, the clocks and the counting
//! are the same for all. [`main`] runs one workload and prints what it measured, a `name value` a line.
//!
//! What crosses a network is in [`remote`], which has loops of its own: there, two processes are measured.
//!
//! Doesn't know which subjects there are, nor how often a workload is repeated.

mod idle;
mod options;
mod process;
pub mod remote;
mod runtime;
mod subject;
mod throughput;
mod waiting;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

pub use options::{Options, Workload};
pub use subject::Subject;

/// One measured quantity.
pub type Figure = (&'static str, f64);

/// Runs the workload that the command line names, on subject `S`.
pub fn main<S: Subject>() -> ExitCode {
    match Options::from_args() {
        Ok(options) => report::<S>(options),
        Err(error) => fail(&error),
    }
}

/// Runs one workload and prints its figures; for subjects whose actors differ by workload.
pub fn report<S: Subject>(options: Options) -> ExitCode {
    print(|| S::block_on(measure::<S>(options)))
}

/// Prints what `measured` gives, a line for each figure.
fn print(measured: impl FnOnce() -> Result<Vec<Figure>>) -> ExitCode {
    // A subject that hangs is to cost one cell of the table, not the whole of it.
    std::thread::spawn(|| {
        std::thread::sleep(RUN_MAX); // tidy: sleep the bound on one run
        eprintln!("not done after {} s", RUN_MAX.as_secs());
        std::process::exit(1);
    });
    match measured() {
        Ok(figures) => {
            figures.iter().for_each(|(name, value)| println!("{name} {value}"));
            // Without unwinding a million actors, which is nobody's workload.
            std::process::exit(0);
        }
        Err(error) => fail(&error),
    }
}

/// Says on the error stream why there is no figure.
pub fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("{error:#}");
    ExitCode::FAILURE
}

async fn measure<S: Subject>(options: Options) -> Result<Vec<Figure>> {
    let subject = S::new()?;
    match options.workload {
        Workload::Tell => throughput::measure(&subject, 1, &options).await,
        Workload::Tell8 => throughput::measure(&subject, 8, &options).await,
        Workload::Ask => waiting::measure(&subject, &options).await,
        Workload::Idle => idle::measure(&subject, &options).await,
        Workload::Lookup => idle::measure_lookup(&subject, &options).await,
    }
}

/// Messages a mailbox holds, in every subject that has a bound.
pub const MAILBOX_MESSAGES: usize = 1_024;

const RUN_MAX: Duration = Duration::from_secs(120);
