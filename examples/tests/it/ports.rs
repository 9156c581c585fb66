//! Ports for nodes that tests start, stop and start again.

use std::net::{TcpListener, UdpSocket};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// A UDP port that nobody has, and nobody will be given while a node that had it is down: it is in none of
/// the ranges that the system hands out, and apart from those of other processes that run these tests.
pub(crate) fn free_port() -> u16 {
    next(|port| UdpSocket::bind(("0.0.0.0", port)).is_ok())
}

/// The same for TCP.
pub(crate) fn free_tcp_port() -> u16 {
    next(|port| TcpListener::bind(("0.0.0.0", port)).is_ok())
}

fn next(is_free: impl Fn(u16) -> bool) -> u16 {
    loop {
        let offset = NEXT.fetch_add(1, Ordering::Relaxed);
        assert!(offset < PER_PROCESS, "more ports than a process of tests has");
        let port = FROM + (process::id() % PROCESSES) as u16 * PER_PROCESS + offset;
        if is_free(port) {
            return port;
        }
    }
}

static NEXT: AtomicU16 = AtomicU16::new(0);
/// Below those of the suite that runs nodes in one process, which begin at 20,000.
const FROM: u16 = 10_000;
const PER_PROCESS: u16 = 100;
const PROCESSES: u32 = 100;
