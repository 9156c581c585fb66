//! What the handles and the two tasks of a connection share: its machine, and who waits for it.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};

use murmer::transport::{ConnectionEnd, Limits};
use tokio::sync::Notify;

use super::machine::Machine;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) remote_addr: SocketAddr,
    pub(super) binding: [u8; 32],
    pub(super) limits: Limits,
    machine: Mutex<Machine>,
    /// Something has happened that somebody may wait for.
    news: Notify,
    /// There is something to write.
    pub(super) work: Notify,
}

impl Shared {
    pub(super) fn new(remote_addr: SocketAddr, binding: [u8; 32], limits: Limits, machine: Machine) -> Self {
        let (machine, news, work) = (Mutex::new(machine), Notify::new(), Notify::new());
        Self { remote_addr, binding, limits, machine, news, work }
    }

    /// Does something with the machine, and wakes whom it concerns once the lock is released: a waker may run
    /// code that comes back for it.
    pub(super) fn with<R>(&self, act: impl FnOnce(&mut Machine) -> R) -> R {
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        let result = act(&mut machine);
        let (wakers, has_work) = (std::mem::take(&mut machine.woken), machine.has_work());
        let has_news = std::mem::take(&mut machine.has_news);
        drop(machine);
        wakers.into_iter().for_each(std::task::Waker::wake);
        if has_news {
            self.news.notify_waiters();
        }
        if has_work {
            self.work.notify_one();
        }
        result
    }

    /// Asks again at every news until there is an answer.
    pub(super) async fn until<R>(&self, mut ask: impl FnMut(&mut Machine) -> Option<R>) -> R {
        loop {
            let mut news = pin!(self.news.notified());
            news.as_mut().enable();
            if let Some(answer) = self.with(&mut ask) {
                return answer;
            }
            news.await;
        }
    }

    pub(super) async fn closed(&self) -> ConnectionEnd {
        self.until(|machine| machine.end.clone()).await
    }
}
