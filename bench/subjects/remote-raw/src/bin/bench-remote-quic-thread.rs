//! Measures one workload over QUIC on one thread.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench_harness::remote::main::<bench_remote_raw::Quic<true>>()
}
