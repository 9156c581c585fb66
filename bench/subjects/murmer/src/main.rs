//! Measures one workload on murmer.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench_harness::main::<bench_murmer::Murmer>()
}
