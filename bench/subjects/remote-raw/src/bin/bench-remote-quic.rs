//! Measures one workload over QUIC on two workers.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench_harness::remote::main::<bench_remote_raw::Quic<false>>()
}
