//! Measures one workload on bare channels, or on a bare map.

use std::process::ExitCode;

use bench_harness::{Options, Workload, fail, report};
use bench_raw::{Answerers, Counters, Map};

fn main() -> ExitCode {
    let options = match Options::from_args() {
        Ok(options) => options,
        Err(error) => return fail(&error),
    };
    match options.workload {
        Workload::Tell | Workload::Tell8 => report::<Counters>(options),
        Workload::Ask | Workload::Idle => report::<Answerers>(options),
        Workload::Lookup => report::<Map>(options),
    }
}
