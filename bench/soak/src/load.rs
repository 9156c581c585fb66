//! Those who ask and tell, all at once and without an end.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use murmer::prelude::*;
use murmer::{Delivery, SendError};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::book::{Book, Told};
use crate::cluster::{LEDGERS, label};
use crate::ledger::{Ledger, LedgerExt};

pub(crate) struct Load {
    tasks: JoinSet<()>,
    is_over: Arc<AtomicBool>,
}

/// One sender and its actor.
struct Sender {
    system: System,
    book: Arc<Book>,
    label: String,
    number: u64,
    last: u64,
    is_over: Arc<AtomicBool>,
}

impl Load {
    pub(crate) fn start(system: System, book: &Arc<Book>) -> Self {
        let (mut tasks, is_over) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
        for node in ["beta", "gamma"] {
            for n in 0..LEDGERS {
                let sender = |kind: u64| Sender {
                    system: system.clone(),
                    book: book.clone(),
                    label: label(node, n),
                    number: kind * 1_000 + if node == "beta" { 0 } else { 100 } + n as u64,
                    last: 0,
                    is_over: is_over.clone(),
                };
                tasks.spawn(sender(1).ask(64, 32));
                tasks.spawn(sender(2).tell());
                tasks.spawn(sender(3).read());
                if n == 0 {
                    tasks.spawn(sender(4).ask(1 << 20, 2));
                }
            }
        }
        Self { tasks, is_over }
    }

    /// All that is under way ends first.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.is_over.store(true, Ordering::Relaxed);
        let ended = async {
            while let Some(ended) = self.tasks.join_next().await {
                ended?;
            }
            Ok(())
        };
        timeout(2 * HANGS_AFTER, ended).await.context("the senders hang")?
    }
}

impl Sender {
    /// So many asks at a time, in order, of so many bytes each.
    async fn ask(mut self, bytes: usize, in_flight: usize) {
        let payload = Bytes::from(vec![7; bytes]);
        while let Some(ledger) = self.ledger().await {
            let mut asks = JoinSet::new();
            for _ in 0..in_flight {
                self.last += 1;
                let (book, id) = (self.book.clone(), (self.number, self.last));
                let mut ask = ledger.enter(id.0, id.1, payload.clone());
                // Polled here first: that decides the order.
                let begun = poll_fn(|cx| std::task::Poll::Ready(Pin::new(&mut ask).poll(cx))).await;
                asks.spawn(async move {
                    let answer = match begun {
                        std::task::Poll::Ready(answer) => Ok(answer),
                        std::task::Poll::Pending => timeout(HANGS_AFTER, ask).await,
                    };
                    match answer {
                        Ok(Ok(number)) if number == id.1 => book.told(id, Told::Answered),
                        Ok(Ok(number)) => book.violated(format!("{id:?} got the answer to {number}")),
                        Ok(Err(error)) => book.told(id, told(&error)),
                        Err(_) => book.violated(format!("{id:?} hangs")),
                    }
                });
            }
            while asks.join_next().await.is_some() {}
            sleep(PAUSE).await; // tidy: sleep the load is paced
        }
    }

    async fn tell(mut self) {
        let payload = Bytes::from_static(&[7; 64]);
        while let Some(ledger) = self.ledger().await {
            for _ in 0..32 {
                self.last += 1;
                let id = (self.number, self.last);
                match timeout(HANGS_AFTER, ledger.enter(id.0, id.1, payload.clone()).tell()).await {
                    Ok(Ok(())) => self.book.told(id, Told::Accepted),
                    Ok(Err(error)) => self.book.told(id, told(&error)),
                    Err(_) => self.book.violated(format!("tell {id:?} hangs")),
                }
            }
            sleep(PAUSE).await; // tidy: sleep the load is paced
        }
    }

    /// Streamed answers, which come whole and in order, or end with an error.
    async fn read(self) {
        while let Some(ledger) = self.ledger().await {
            let read = async {
                let mut items = ledger.count(ITEMS).await?;
                let mut next = 0;
                while let Some(item) = poll_fn(|cx| Pin::new(&mut items).poll_next(cx)).await {
                    if item? != next {
                        self.book.violated(format!("an item came out of turn at {next}"));
                    }
                    next += 1;
                    self.book.item();
                }
                if next != ITEMS {
                    self.book.violated(format!("a streamed answer ended without a word after {next}"));
                }
                Ok::<_, SendError>(())
            };
            if timeout(2 * HANGS_AFTER, read).await.is_err() {
                self.book.violated("a streamed answer hangs".into());
            }
            sleep(10 * PAUSE).await; // tidy: sleep the load is paced
        }
    }

    /// The actor that there is under the label now; `None` once it is over.
    async fn ledger(&self) -> Option<Endpoint<Ledger>> {
        while !self.is_over.load(Ordering::Relaxed) {
            if let Some(ledger) = self.system.lookup(&self.label) {
                return Some(ledger);
            }
            sleep(10 * PAUSE).await; // tidy: sleep the load is paced
        }
        None
    }
}

fn told(error: &SendError) -> Told {
    match error.delivery() {
        Delivery::Never => Told::Never,
        Delivery::Maybe | Delivery::Handled => Told::Maybe,
    }
}

/// An ask ends after 30 s by itself.
const HANGS_AFTER: Duration = Duration::from_secs(45);
/// Between two bursts, so that there is some of the machine left for the faults.
const PAUSE: Duration = Duration::from_millis(10);
const ITEMS: u64 = 100;
