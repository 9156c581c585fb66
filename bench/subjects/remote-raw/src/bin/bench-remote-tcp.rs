//! Measures one workload over TCP on two workers.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench_harness::remote::main::<bench_remote_raw::Tcp>()
}
