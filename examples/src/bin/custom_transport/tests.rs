//! The contract of a transport, against this one.

use std::net::SocketAddr;

use murmer::transport::contract::Bed;
use murmer::transport::{BindError, Limits};
use tokio::runtime::{Builder, Runtime};

use crate::tcp::TcpTransport;

struct Tcp(Limits);

impl Bed for Tcp {
    type Transport = TcpTransport;
    type Life = Runtime;

    fn new(limits: Limits) -> Self {
        Self(limits)
    }

    fn bind(&self, addr: SocketAddr) -> Result<TcpTransport, BindError> {
        TcpTransport::bind(addr, self.0.clone())
    }

    fn bind_mortal(&self) -> (TcpTransport, Runtime) {
        let life = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let entered = life.enter();
        let transport = self.host();
        drop(entered);
        (transport, life)
    }

    fn kill(&self, transport: TcpTransport, life: Runtime) {
        // First what could say goodbye. Not here, where a runtime must not be waited for.
        std::thread::spawn(move || drop(life)).join().unwrap();
        drop(transport);
    }

    fn silence(&self, transport: TcpTransport, life: Runtime) {
        // Its sockets stay, as those of a process that hangs; its one thread is busy until the test's end.
        life.spawn(async { std::thread::park() });
        std::mem::forget((transport, life));
    }
}

murmer::transport::contract_suite!(Tcp);
